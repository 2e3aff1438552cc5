//! The configuration of a linear layer with random weights.

use super::{Initializer, WeightPrior, bayesian_linear::BayesianLinear};
use crate::noise::Noise;
use burn::{
    config::Config,
    module::Param,
    tensor::{Device, Tensor},
};

/// Configuration of a [`BayesianLinear`] layer.
#[derive(Config, Debug)]
pub struct BayesianLinearConfig {
    /// The number of input features.
    pub d_input: usize,
    /// The number of output features.
    pub d_output: usize,
    /// Whether there is a bias.
    #[config(default = true)]
    pub bias: bool,
    /// Whether the bias, if there is one, is random like the weights.
    #[config(default = true)]
    pub random_bias: bool,
    /// The distribution of the weights' initial means. The bias's means start at 0.
    #[config(default = "Initializer::GlorotUniform")]
    pub initializer: Initializer,
    /// The initial standard deviation of every weight. The default is e^−4.5 = 0.011, a
    /// log-variance of −9. It is not the prior's standard deviation.
    #[config(default = "(-4.5f64).exp()")]
    pub initial_std: f64,
    /// The prior that [`BayesianLinear::kl`] is usually called with.
    #[config(default = "WeightPrior::Normal { std: 1.0 }")]
    pub prior: WeightPrior,
}

impl BayesianLinearConfig {
    /// Makes the layer.
    ///
    /// # Panics
    ///
    /// If a size is 0 or a standard deviation is not a positive number. For a scale mixture also if
    /// the share is not between 0 and 1, or `narrow` is not below `wide`.
    pub fn init(&self, device: &Device, noise: &mut Noise) -> BayesianLinear {
        let Self {
            d_input,
            d_output,
            initial_std,
            ..
        } = *self;
        assert!(
            d_input > 0 && d_output > 0,
            "a layer of {d_input} by {d_output} units has no weights"
        );
        assert!(
            initial_std > 0.0 && initial_std.is_finite(),
            "the initial standard deviation must be a positive number, it is {initial_std}"
        );
        if let Some(problem) = self.prior.problem() {
            panic!("{problem}");
        }
        let log_variance = 2.0 * initial_std.ln();
        let bias = |value: f64| Param::from_tensor(Tensor::full([d_output], value, device));
        BayesianLinear {
            weight_loc: Param::from_tensor(self.initializer.init(
                [d_input, d_output],
                device,
                noise,
            )),
            weight_log_variance: Param::from_tensor(Tensor::full(
                [d_input, d_output],
                log_variance,
                device,
            )),
            bias_loc: self.bias.then(|| bias(0.0)),
            bias_log_variance: (self.bias && self.random_bias).then(|| bias(log_variance)),
            prior_center: None,
            prior: self.prior,
        }
    }
}
