//! The Poisson distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{self, for_samples},
};
use crate::{
    noise::Noise,
    special::{HALF_LOG_TAU, exp_m1, stirling_error},
};
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

    /// log p(x), feature by feature, in a form whose terms do not cancel (Loader 2000):
    /// x (d − (e^d − 1)) − ½ log 2πx − δ(x). Here d = η − log x, and δ is Stirling's error.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let zero = x.clone().without_autodiff().equal_elem(0.0);
        let size = x.clone().mask_fill(zero.clone(), 1.0);
        let log_size = size.clone().log();
        let constant = stirling_error(size.clone()) + log_size.clone().mul_scalar(0.5);
        // At x = 0 it is −e^η = −(e^η − 1) − 1.
        let constant = constant.add_scalar(HALF_LOG_TAU).mask_fill(zero, 1.0);
        let excess = self.log_rate.clone() - log_size;
        x * excess.clone() - size * exp_m1(excess) - constant
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
