//! A linear layer whose weights are fixed numbers or random.

use super::{
    Activation, BayesianLinear, BayesianLinearConfig, Initializer, Products, WeightPrior,
    weight_sample::WeightSample,
};
use crate::{distribution::Bernoulli, kernel, noise::Noise};
use burn::{
    module::{Module, Param},
    nn::Linear,
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

/// Whether the weights of a network are fixed or random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Weights {
    /// Fixed numbers.
    #[default]
    Fixed,
    /// Independent Gaussian random variables.
    Random {
        /// The initial standard deviation.
        initial_std: f64,
        /// The prior in KL(q ‖ prior).
        prior: WeightPrior,
        /// Whether biases are random too.
        random_bias: bool,
    },
}

impl Weights {
    /// Random weights and biases with the default settings of [`BayesianLinearConfig`].
    pub fn random() -> Self {
        let BayesianLinearConfig {
            initial_std,
            prior,
            random_bias,
            ..
        } = BayesianLinearConfig::new(1, 1);
        Self::Random {
            initial_std,
            prior,
            random_bias,
        }
    }
}

/// A linear layer with fixed or random weights.
///
/// The variant's name is part of a parameter's path in records. So a record with fixed weights
/// cannot be loaded as one with random weights, or the reverse.
#[derive(Module, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "tensors are handles, and a network has few layers"
)]
pub enum Dense {
    /// Weights are fixed numbers.
    Deterministic(Linear),
    /// Weights are independent Gaussians.
    Bayesian(BayesianLinear),
}

impl Dense {
    /// Makes a layer. Biases start at 0.
    ///
    /// # Panics
    ///
    /// If a size is 0 or a standard deviation is not a positive number.
    pub fn new(
        [d_input, d_output]: [usize; 2],
        weights: Weights,
        initializer: Initializer,
        device: &Device,
        noise: &mut Noise,
    ) -> Self {
        match weights {
            Weights::Fixed => Self::Deterministic(Linear {
                weight: Param::from_tensor(initializer.init([d_input, d_output], device, noise)),
                bias: Some(Param::from_tensor(Tensor::zeros([d_output], device))),
            }),
            Weights::Random {
                initial_std,
                prior,
                random_bias,
            } => Self::Bayesian(
                BayesianLinearConfig::new(d_input, d_output)
                    .with_initializer(initializer)
                    .with_initial_std(initial_std)
                    .with_prior(prior)
                    .with_random_bias(random_bias)
                    .init(device, noise),
            ),
        }
    }

    /// d_input and d_output.
    pub(crate) fn widths(&self) -> [usize; 2] {
        let weight = match self {
            Self::Deterministic(linear) => &linear.weight,
            Self::Bayesian(linear) => &linear.weight_loc,
        };
        weight.lazy_shape().dims()
    }

    /// x W + b. Random weights take one draw of the noise, by local reparametrization. Fixed
    /// weights take none and do not change the sample axis.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_input]` → `[1 or num_samples, batch, d_output]`.
    pub fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let identity = Activation::Identity;
        self.forward_in(input, num_samples, noise, Products::Full, identity)
    }

    /// [`forward`](Self::forward), followed by a non-linearity.
    pub(super) fn forward_in(
        &self,
        input: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
        products: Products,
        activation: Activation,
    ) -> Tensor<3> {
        let (within, after) = activation.within_layer();
        let output = match self {
            Self::Deterministic(linear) => {
                let product = products.on(&input.device());
                let bias = linear.bias.as_ref().map(|bias| bias.val());
                kernel::linear(input, linear.weight.val(), bias, product, within)
            }
            Self::Bayesian(linear) => {
                linear.forward_in(input, num_samples, noise, products, within)
            }
        };
        after.forward(output)
    }

    /// log p(x) of each row, `[1 or num_samples, batch]`, for a Bernoulli distribution whose logits
    /// are the output.
    pub(super) fn bernoulli_log_prob_in(
        &self,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
        products: Products,
    ) -> Tensor<2> {
        match self {
            Self::Deterministic(_) => {
                let identity = Activation::Identity;
                let logits = self.forward_in(input, num_samples, noise, products, identity);
                Bernoulli::new(logits).log_prob(x)
            }
            Self::Bayesian(linear) => {
                linear.bernoulli_log_prob_in(input, x, num_samples, noise, products)
            }
        }
    }

    /// KL of random weights to their prior, in nats, shape `[1]`; `None` for fixed weights.
    pub fn kl(&self) -> Option<Tensor<1>> {
        match self {
            Self::Deterministic(_) => None,
            Self::Bayesian(linear) => Some(linear.kl(&linear.prior())),
        }
    }

    /// The layer with random weights replaced by their means.
    pub fn posterior_mean(&self) -> Self {
        match self {
            Self::Deterministic(linear) => Self::Deterministic(linear.clone()),
            Self::Bayesian(linear) => Self::Deterministic(linear.posterior_mean()),
        }
    }

    /// The layer with random weights replaced by one draw of them.
    pub fn sample_weights(&self, noise: &mut Noise) -> Self {
        match self {
            Self::Deterministic(linear) => Self::Deterministic(linear.clone()),
            Self::Bayesian(linear) => {
                Self::Deterministic(linear.sample_weights(noise).detach().into_linear())
            }
        }
    }

    /// The layer with random weights replaced by the next of `weights`. Gradients flow through
    /// them. A layer of fixed weights takes none.
    ///
    /// # Panics
    ///
    /// If no weights are left, or their shape is another.
    pub(super) fn with_weights(&self, weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        match self {
            Self::Deterministic(linear) => Self::Deterministic(linear.clone()),
            Self::Bayesian(layer) => {
                let weights = weights.next();
                let weights = weights.expect("there are weights for each random layer");
                let bias = layer.bias_loc.as_ref().map(|bias| bias.val().dims());
                let expected = (layer.weight_loc.val().dims(), bias);
                let bias = weights.bias.as_ref().map(Tensor::dims);
                let found = (weights.weight.dims(), bias);
                assert!(
                    found == expected,
                    "weights and bias {found:?} for a layer {expected:?}: `with_weights` must take them in \
                     the order of `random_layers`"
                );
                Self::Deterministic(weights.into_linear())
            }
        }
    }

    /// The layer with its fixed weights made random, with the fixed values as means. A layer that
    /// is random already is unchanged, and so is every layer for [`Weights::Fixed`].
    ///
    /// # Panics
    ///
    /// If a standard deviation is not a positive number.
    pub fn randomized(&self, weights: Weights) -> Self {
        let (
            Self::Deterministic(linear),
            Weights::Random {
                initial_std,
                prior,
                random_bias,
            },
        ) = (self, weights)
        else {
            return self.clone();
        };
        let weight = linear.weight.val().detach();
        let [d_input, d_output] = weight.dims();
        let config = BayesianLinearConfig::new(d_input, d_output)
            .with_initial_std(initial_std)
            .with_prior(prior)
            .with_random_bias(random_bias);
        let mut layer = config.init(&weight.device(), &mut Noise::seeded(0));
        layer.weight_loc = Param::from_tensor(weight);
        let bias = linear.bias.as_ref().map(|bias| bias.val().detach());
        if bias.is_none() {
            layer.bias_log_variance = None;
        }
        layer.bias_loc = bias.map(Param::from_tensor);
        Self::Bayesian(layer)
    }

    /// The layer with some inputs and outputs switched off: their weights and biases are 0, with a
    /// variance of 0.
    ///
    /// `inputs` is `[d_input]`, `outputs` `[d_output]`: 1 to keep, 0 to switch off.
    pub(crate) fn switched(&self, inputs: Option<Tensor<1>>, outputs: Option<Tensor<1>>) -> Self {
        let rows = inputs.map(|keep| keep.unsqueeze_dim::<2>(1));
        let columns = outputs.clone().map(|keep| keep.unsqueeze_dim::<2>(0));
        // Detached: a parameter must be a leaf of the graph, and a product is not one.
        let weight = |weight: &Param<Tensor<2>>, switch: fn(Tensor<2>, Tensor<2>) -> Tensor<2>| {
            let masks = [&rows, &columns].into_iter().flatten();
            let value = masks.fold(weight.val(), |value, mask| switch(value, mask.clone()));
            Param::from_tensor(value.detach())
        };
        let bias = |bias: &Param<Tensor<1>>, switch: fn(Tensor<1>, Tensor<1>) -> Tensor<1>| {
            let value = match &outputs {
                Some(mask) => switch(bias.val(), mask.clone()),
                None => bias.val(),
            };
            Param::from_tensor(value.detach())
        };
        match self {
            Self::Deterministic(linear) => Self::Deterministic(Linear {
                weight: weight(&linear.weight, |weight, mask| weight * mask),
                bias: linear
                    .bias
                    .as_ref()
                    .map(|b| bias(b, |bias, mask| bias * mask)),
            }),
            Self::Bayesian(linear) => Self::Bayesian(BayesianLinear {
                weight_loc: weight(&linear.weight_loc, |loc, mask| loc * mask),
                // exp(-10000) is 0.
                weight_log_variance: weight(&linear.weight_log_variance, |log_variance, mask| {
                    log_variance + mask.sub_scalar(1.0).mul_scalar(1e4)
                }),
                bias_loc: (linear.bias_loc.as_ref()).map(|b| bias(b, |bias, mask| bias * mask)),
                bias_log_variance: linear.bias_log_variance.as_ref().map(|b| {
                    bias(b, |log_variance, mask| {
                        log_variance + mask.sub_scalar(1.0).mul_scalar(1e4)
                    })
                }),
                ..linear.clone()
            }),
        }
    }

    /// The same layer with its bias, or the mean of its bias, set; a layer without a bias stays as
    /// it is.
    ///
    /// # Panics
    ///
    /// If `bias` is not `[d_output]`.
    pub fn with_bias(self, bias: Tensor<1>) -> Self {
        let set = |param: Param<Tensor<1>>| {
            assert_eq!(
                param.lazy_shape(),
                bias.shape(),
                "the bias has another length"
            );
            let set = param.map(|old| Tensor::from_data(bias.into_data(), &old.device()));
            set.set_require_grad(true)
        };
        match self {
            Self::Deterministic(mut linear) => {
                linear.bias = linear.bias.map(set);
                Self::Deterministic(linear)
            }
            Self::Bayesian(mut linear) => {
                linear.bias_loc = linear.bias_loc.map(set);
                Self::Bayesian(linear)
            }
        }
    }
}
