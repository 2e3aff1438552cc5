//! The beta distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{self, broadcast, for_samples},
};
use crate::{
    noise::Noise,
    special::{ln_1p, ln_beta},
};
use burn::tensor::{Tensor, activation::sigmoid};

/// The beta distribution with independent features: p(x) = xᵃ⁻¹ (1 − x)ᵇ⁻¹ / B(a, b) between 0 and
/// 1.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::Beta, prelude::*};
///
/// let ones = Tensor::<3>::ones([1, 2, 3], &Device::default());
/// let p = Beta::new(ones.clone(), ones.clone()); // uniform
/// let log_prob = p.log_prob(ones * 0.3);
/// assert!(log_prob.abs().max().into_scalar::<f32>() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct Beta {
    a: Tensor<3>,
    b: Tensor<3>,
}

impl Beta {
    /// From a and b, `[1 or samples, batch, features]` each. Both must be above 0. This is not
    /// checked, since a check would wait for the device.
    pub fn new(a: Tensor<3>, b: Tensor<3>) -> Self {
        let [a, b] = broadcast(a, b);
        Self { a, b }
    }

    /// log p(x), feature by feature.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let below = self.a.clone().sub_scalar(1.0) * x.clone().log();
        let above = self.b.clone().sub_scalar(1.0) * ln_1p(x.neg());
        below + above - ln_beta(self.a.clone(), self.b.clone())
    }
}

impl Distribution for Beta {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    /// G/(G + H) from Gamma draws G and H, kept inside (0, 1). By logarithms: for a and b near 0
    /// both draws are below the smallest number.
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [log_g, log_h] = [&self.a, &self.b].map(|shape| {
            let shape = for_samples(shape.clone(), num_samples);
            draws::ln_gamma(&shape, noise)
        });
        sigmoid(log_g - log_h).clamp(1e-37, 1.0 - 6e-8)
    }

    fn mean(&self) -> Tensor<3> {
        self.a.clone() / (self.a.clone() + self.b.clone())
    }

    /// m(1 − m)/(a + b + 1) with the mean m.
    fn variance(&self) -> Tensor<3> {
        let (sum, mean) = (self.a.clone() + self.b.clone(), self.mean());
        mean.clone() * mean.neg().add_scalar(1.0) / sum.add_scalar(1.0)
    }
}
