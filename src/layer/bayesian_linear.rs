//! A linear layer whose weights are random.

use super::{Products, WeightPrior, prior_center::PriorCenter, weight_sample::WeightSample};
use crate::{
    distribution::Normal,
    kernel::{self, Function, RandomWeights},
    noise::Noise,
};
use burn::{
    module::{Content, DisplaySettings, Module, ModuleDisplay, Param},
    nn::Linear,
    tensor::{Tensor, assert_shape, module::linear},
};

/// y = x W + b with independent random weights W ~ N(M, e^LV), b ~ N(m, e^lv).
///
/// There are two ways to draw:
/// - *Local reparametrization* ([`forward`](Self::forward), Kingma, Salimans and Welling 2015).
///   Each row of each sample has its own weights. Instead of the weights, the activations are
///   drawn, which are then independent Gaussians ([`activation`](Self::activation)). Gradients have
///   low variance. It takes one matrix product more than a plain layer.
/// - *Weight sampling* ([`sample_weights`](Self::sample_weights)). There is one draw of W and b for
///   all rows. It is needed where several inputs must have the same weights.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let layer = BayesianLinearConfig::new(784, 400).init(&device, &mut noise);
///
/// let x = Tensor::<3>::ones([1, 100, 784], &device);
/// let hidden = layer.activation(x);                  // Normal, [1, 100, 400]: moments once per row
/// let h = hidden.rsample(25, &mut noise);            // [25, 100, 400]: noise once per sample
/// let h = layer.forward(h.slice([0..25, 0..100, 0..1]).repeat_dim(2, 784), 25, &mut noise);
/// assert_eq!(h.dims(), [25, 100, 400]);
/// ```
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct BayesianLinear {
    /// M, `[d_input, d_output]`.
    pub weight_loc: Param<Tensor<2>>,
    /// LV, `[d_input, d_output]`.
    pub weight_log_variance: Param<Tensor<2>>,
    /// m, `[d_output]`.
    pub bias_loc: Option<Param<Tensor<1>>>,
    /// lv, `[d_output]`; without it the bias is a fixed number.
    pub bias_log_variance: Option<Param<Tensor<1>>>,
    /// Where the prior is centred, if not at 0.
    pub(super) prior_center: Option<PriorCenter>,
    #[module(skip)]
    pub(super) prior: WeightPrior,
}

impl BayesianLinear {
    /// What burn calls such a layer when it visits a module.
    #[cfg(feature = "train")]
    pub(crate) const CONTAINER: &str = "Struct:BayesianLinear";
    /// A field of every such layer, as burn calls it.
    #[cfg(feature = "train")]
    pub(crate) const LOG_VARIANCE: &str = "weight_log_variance";

    /// The layer whose weights have these posteriors, independent of each other.
    ///
    /// # Shapes
    ///
    /// q(W) `[d_input, d_output]`, q(b) `[d_output]`; without q(b) there is no bias.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit each other.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mean = Tensor::<2>::from_floats([[1.0, -2.0]], &device);
    /// let weights = Normal::new(mean.clone(), mean.full_like(0.1));
    /// let layer = BayesianLinear::from_posteriors(weights, None, WeightPrior::default());
    /// let y = layer.activation(Tensor::from_floats([[[3.0]]], &device));
    /// let mean: Vec<f32> = y.mean().into_data().try_to_vec().unwrap();
    /// assert_eq!(mean, [3.0, -6.0]);
    /// ```
    pub fn from_posteriors(
        weights: Normal<2>,
        bias: Option<Normal<1>>,
        prior: WeightPrior,
    ) -> Self {
        let [d_input, d_output] = weights.loc().dims();
        let log_variance = weights.log_variance().expand([d_input, d_output]);
        if let Some(bias) = &bias {
            assert_shape!(bias.loc(), [d_output]);
        }
        let parameter = |tensor: Tensor<1>| Param::from_tensor(tensor.expand([d_output]).detach());
        Self {
            weight_loc: Param::from_tensor(weights.loc().detach()),
            weight_log_variance: Param::from_tensor(log_variance.detach()),
            bias_loc: bias.as_ref().map(|bias| parameter(bias.loc())),
            bias_log_variance: bias.map(|bias| parameter(bias.log_variance())),
            prior_center: None,
            prior,
        }
    }

    /// The distribution of x W + b, from which local reparametrization draws.
    ///
    /// mean = x M + m, variance = x² e^LV + e^lv. Rows and units are independent: this is the
    /// distribution if weights are drawn anew for each row. For an all-zero row without a random
    /// bias the variance is 0, with finite gradients.
    ///
    /// # Shapes
    ///
    /// `[samples, batch, d_input]` → `[samples, batch, d_output]`.
    ///
    /// # Panics
    ///
    /// If the last axis is not d_input.
    pub fn activation(&self, input: Tensor<3>) -> Normal<3> {
        self.activation_in(input, Products::Full)
    }

    pub(super) fn activation_in(&self, input: Tensor<3>, products: Products) -> Normal<3> {
        let [d_input, _] = self.weight_loc.val().dims();
        assert_shape!(input, [.., d_input]);
        let weight_variance = kernel::apply(Function::Exp, self.weight_log_variance.val());
        let bias_loc = self.bias_loc.as_ref().map(|bias| bias.val());
        let product = products.on(&input.device());
        let mean = kernel::linear(
            input.clone(),
            self.weight_loc.val(),
            bias_loc,
            product,
            None,
        );
        let squares = input.square();
        let variance = kernel::linear(
            squares,
            weight_variance,
            self.bias_variance(),
            product,
            None,
        );
        // `from_variance` adds the guard of full products.
        let more = kernel::variance_guard(product) - kernel::VARIANCE_GUARD;
        match more > 0.0 {
            true => Normal::from_variance(mean, variance.add_scalar(more)),
            false => Normal::from_variance(mean, variance),
        }
    }

    fn bias_variance(&self) -> Option<Tensor<1>> {
        Some(self.bias_log_variance.as_ref()?.val().exp())
    }

    /// A sample of x W + b by local reparametrization, with independent noise for each sample, row
    /// and unit. It takes one draw of the noise.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_input]` → `[num_samples, batch, d_output]`. If the input has
    /// one sample, matrix products run for one sample only.
    ///
    /// # Panics
    ///
    /// If the last axis is not d_input, or the first neither 1 nor `num_samples`.
    pub fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.forward_in(input, num_samples, noise, Products::Full, None)
    }

    pub(super) fn forward_in(
        &self,
        input: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
        products: Products,
        function: Option<Function>,
    ) -> Tensor<3> {
        let weights = self.weights_for(&input, num_samples, products);
        kernel::bayesian_linear(input, weights, num_samples, noise.next(), function)
    }

    /// log p(x) of each row, `[samples, batch]`, for a Bernoulli distribution whose logits are
    /// [`forward`](Self::forward)'s sample.
    pub(super) fn bernoulli_log_prob_in(
        &self,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
        products: Products,
    ) -> Tensor<2> {
        let weights = self.weights_for(&input, num_samples, products);
        kernel::bayesian_bernoulli_log_prob(input, weights, num_samples, noise.next(), x)
    }

    fn weights_for(
        &self,
        input: &Tensor<3>,
        num_samples: usize,
        products: Products,
    ) -> RandomWeights {
        let [d_input, _] = self.weight_loc.val().dims();
        let [samples, ..] = input.dims();
        assert_shape!(input, [.., d_input]);
        assert!(
            samples == 1 || samples == num_samples,
            "the input has {samples} samples, {num_samples} were asked for"
        );
        RandomWeights {
            loc: self.weight_loc.val(),
            log_variance: self.weight_log_variance.val(),
            bias_loc: self.bias_loc.as_ref().map(|bias| bias.val()),
            bias_variance: self.bias_variance(),
            product: products.on(&input.device()),
        }
    }

    /// x M + m: the layer with its weights at their mean.
    ///
    /// # Shapes
    ///
    /// `[.., d_input]` → `[.., d_output]`.
    pub fn forward_mean<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        linear(
            input,
            self.weight_loc.val(),
            self.bias_loc.as_ref().map(|bias| bias.val()),
        )
    }

    /// One draw of W and b, to be shared by all rows. W takes one draw of the noise, and so does b
    /// if it is random.
    ///
    /// It is reparametrized: gradients flow to means and variances. The outputs of different rows
    /// under one draw are correlated; those of [`forward`](Self::forward) are independent.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let layer = BayesianLinearConfig::new(3, 2).init(&device, &mut noise);
    /// let weights = layer.sample_weights(&mut noise);
    /// let y = weights.forward(Tensor::<2>::ones([5, 3], &device)); // five equal rows
    /// let difference = y.clone().narrow(0, 0, 1) - y.narrow(0, 4, 1);
    /// assert_eq!(difference.abs().max().into_scalar::<f32>(), 0.0);
    /// ```
    pub fn sample_weights(&self, noise: &mut Noise) -> WeightSample {
        let weight = self.weight_posterior().rsample_matrix(noise);
        let bias = self
            .bias_loc
            .as_ref()
            .map(|loc| match &self.bias_log_variance {
                Some(log_variance) => Normal::<2>::from_log_variance(
                    loc.val().unsqueeze(),
                    log_variance.val().unsqueeze(),
                )
                .rsample_matrix(noise)
                .squeeze_dim(0),
                None => loc.val(),
            });
        WeightSample { weight, bias }
    }

    /// KL(q(W, b) ‖ prior), summed over all random weights, in nats. Where it has no closed form
    /// this is an upper bound ([`WeightPrior::kl`]).
    ///
    /// # Shapes
    ///
    /// The result has shape `[1]`.
    pub fn kl(&self, prior: &WeightPrior) -> Tensor<1> {
        let center = self.prior_center.as_ref();
        let weights = prior.kl(&PriorCenter::weight_from(center, self.weight_posterior()));
        match self.bias_posterior() {
            Some(bias) => weights + prior.kl(&PriorCenter::bias_from(center, bias)),
            None => weights,
        }
    }

    /// The same KL; where it has no closed form, an unbiased estimate from draws of the weights
    /// ([`WeightPrior::kl_estimate`]).
    ///
    /// # Shapes
    ///
    /// The result has shape `[1]`. The draws belong to weights, not to datapoints: give a fork of
    /// the noise.
    ///
    /// # Panics
    ///
    /// If there are no draws.
    pub fn kl_estimate(
        &self,
        prior: &WeightPrior,
        num_draws: usize,
        noise: &mut Noise,
    ) -> Tensor<1> {
        let center = self.prior_center.as_ref();
        let weights = PriorCenter::weight_from(center, self.weight_posterior());
        let weights = prior.kl_estimate(&weights, num_draws, noise);
        match self.bias_posterior() {
            Some(bias) => {
                let bias = PriorCenter::bias_from(center, bias);
                weights + prior.kl_estimate(&bias, num_draws, noise)
            }
            None => weights,
        }
    }

    /// The layer with its prior centred on the present means of its weights instead of 0 (empirical
    /// Bayes).
    ///
    /// The KL then measures how far the means move from there, and how narrow the posterior is. The
    /// centre is saved in records, but not trained.
    pub fn with_centred_prior(mut self) -> Self {
        let bias = self.bias_loc.as_ref().map(Param::val);
        self.prior_center = Some(PriorCenter::new(self.weight_loc.val(), bias));
        self
    }

    /// Whether the prior is centred by [`with_centred_prior`](Self::with_centred_prior), and not on
    /// 0.
    pub fn has_centred_prior(&self) -> bool {
        self.prior_center.is_some()
    }

    /// The prior given to the configuration.
    pub fn prior(&self) -> WeightPrior {
        self.prior
    }

    /// q(W), `[d_input, d_output]`.
    pub fn weight_posterior(&self) -> Normal<2> {
        Normal::from_log_variance(self.weight_loc.val(), self.weight_log_variance.val())
    }

    /// q(b), `[d_output]`, if the bias is random.
    pub fn bias_posterior(&self) -> Option<Normal<1>> {
        let log_variance = self.bias_log_variance.as_ref()?.val();
        Some(Normal::from_log_variance(
            self.bias_loc.as_ref()?.val(),
            log_variance,
        ))
    }

    /// The plain layer with the weights' means.
    pub fn posterior_mean(&self) -> Linear {
        Linear {
            weight: Param::from_tensor(self.weight_loc.val()),
            bias: self
                .bias_loc
                .as_ref()
                .map(|bias| Param::from_tensor(bias.val())),
        }
    }
}

impl ModuleDisplay for BayesianLinear {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new()
            .with_new_line_after_attribute(false)
            .optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [d_input, d_output] = self.weight_loc.lazy_shape().dims();
        let bias = match (&self.bias_loc, &self.bias_log_variance) {
            (None, _) => "none",
            (Some(_), None) => "fixed",
            (Some(_), Some(_)) => "random",
        };
        let prior = match self.has_centred_prior() {
            true => format!("{:?} around weights of its own", self.prior),
            false => format!("{:?}", self.prior),
        };
        content
            .add("d_input", &d_input)
            .add("d_output", &d_output)
            .add("bias", &bias.to_string())
            .add("prior", &prior)
            .optional()
    }
}
