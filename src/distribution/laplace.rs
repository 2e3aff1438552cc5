//! The Laplace distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{broadcast, for_samples, uniform},
};
use crate::noise::Noise;
use burn::tensor::Tensor;

/// The Laplace distribution with independent features: p(x) = exp(−|x − loc|/b)/(2b).
///
/// Its gradient at x = loc is taken as 0.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::Laplace, prelude::*};
///
/// let device = Device::default();
/// let loc = Tensor::<3>::zeros([1, 2, 3], &device);
/// let p = Laplace::new(loc.clone(), loc.clone()); // log b = 0
/// let log_prob = p.log_prob(loc);
/// assert!((log_prob.max().into_scalar::<f32>() + 3.0 * 2f32.ln()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct Laplace {
    loc: Tensor<3>,
    log_scale: Tensor<3>,
}

impl Laplace {
    /// From locations and log b, `[1 or samples, batch, features]` each.
    pub fn new(loc: Tensor<3>, log_scale: Tensor<3>) -> Self {
        let [loc, log_scale] = broadcast(loc, log_scale);
        Self { loc, log_scale }
    }

    /// log p(x), feature by feature.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let distance = (x - self.loc.clone()).abs() * self.log_scale.clone().neg().exp();
        (distance + self.log_scale.clone())
            .add_scalar(2f64.ln())
            .neg()
    }
}

impl Distribution for Laplace {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    /// By the inverse of the distribution function at ½ + v: −b sign(v) log(1 − 2|v|).
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let loc = for_samples(self.loc.clone(), num_samples);
        let v = uniform(&loc, noise).sub_scalar(0.5);
        let size = v.clone().abs().mul_scalar(-2.0).log1p().neg();
        loc + v.sign() * size * self.log_scale.clone().exp()
    }

    fn mean(&self) -> Tensor<3> {
        self.loc.clone()
    }

    /// 2b².
    fn variance(&self) -> Tensor<3> {
        self.log_scale.clone().mul_scalar(2.0).exp().mul_scalar(2.0)
    }
}
