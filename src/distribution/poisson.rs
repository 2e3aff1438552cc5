//! The Poisson distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{self, for_samples},
    special::ln_gamma,
};
use crate::noise::Noise;
use burn::tensor::Tensor;

/// The Poisson distribution with independent features: P(x) = e^(xη − e^η)/x!, with the log-rate η.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::Poisson, prelude::*};
///
/// let p = Poisson::new(Tensor::zeros([1, 2, 3], &Device::default())); // rate 1
/// let log_prob = p.log_prob(Tensor::zeros([1, 2, 3], &Device::default()));
/// assert!((log_prob.max().into_scalar::<f32>() + 3.0).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct Poisson {
    log_rate: Tensor<3>,
}

impl Poisson {
    /// From log-rates, `[1 or samples, batch, features]`.
    pub fn new(log_rate: Tensor<3>) -> Self {
        Self { log_rate }
    }

    /// log p(x), feature by feature.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let log_factorial = ln_gamma(x.clone().add_scalar(1.0));
        x * self.log_rate.clone() - self.log_rate.clone().exp() - log_factorial
    }
}

impl Distribution for Poisson {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let log_rate = for_samples(self.log_rate.clone(), num_samples);
        draws::poisson(&log_rate.exp(), noise)
    }

    fn mean(&self) -> Tensor<3> {
        self.log_rate.clone().exp()
    }

    fn variance(&self) -> Tensor<3> {
        self.mean()
    }
}
