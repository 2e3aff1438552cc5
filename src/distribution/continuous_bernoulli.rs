//! The continuous Bernoulli distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{for_samples, uniform},
};
use crate::{
    noise::Noise,
    special::{either, log_sigmoid, polynomial},
};
use burn::tensor::{Bool, Tensor};

/// The continuous Bernoulli distribution with independent features (Loaiza-Ganem and Cunningham
/// 2019).
///
/// p(x) ∝ λˣ (1 − λ)¹⁻ˣ on [0, 1] with λ = sigmoid(l).
///
/// It is the Bernoulli likelihood of grey levels, normalized to a density.
///
/// log p(x) = x·l − softplus(l) + log C(l), C(l) = l / tanh(l/2).
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::ContinuousBernoulli, prelude::*};
///
/// let p = ContinuousBernoulli::new(Tensor::zeros([1, 2, 3], &Device::default())); // uniform
/// let log_prob = p.log_prob(Tensor::full([1, 2, 3], 0.3, &Device::default()));
/// assert!(log_prob.abs().max().into_scalar::<f32>() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct ContinuousBernoulli {
    logits: Tensor<3>,
}

/// For logits with |l| below this, the normalizer is computed by a series.
const NEAR: f64 = 0.1;
/// The same for mean and variance, whose terms cancel more.
const NEARER_MOMENTS: f64 = 0.5;

/// A mask of the logits with |l| below `size`.
fn smaller(logits: &Tensor<3>, size: f64) -> Tensor<3, Bool> {
    logits.clone().without_autodiff().abs().lower_elem(size)
}

impl ContinuousBernoulli {
    /// From logits l, `[1 or samples, batch, features]`.
    pub fn new(logits: Tensor<3>) -> Self {
        Self { logits }
    }

    /// log C(l).
    fn log_normalizer(&self) -> Tensor<3> {
        let size = self.logits.clone().abs();
        let near = smaller(&self.logits, NEAR);
        // The series takes the logit itself, because |l| has no gradient at 0.
        let elsewhere = near.clone().bool_not();
        let logits = self.logits.clone().mask_fill(elsewhere, 0.0);
        let square = logits.clone() * logits;
        let series = (polynomial(square.clone(), LOG_NORMALIZER) * square).add_scalar(2f64.ln());
        let size = size.mask_fill(near.clone(), 1.0);
        let far = size.clone().log() - size.mul_scalar(0.5).tanh().log();
        far.mask_where(near, series)
    }

    /// log p(x), feature by feature.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let bernoulli = x * self.logits.clone() + log_sigmoid(self.logits.clone().neg());
        bernoulli + self.log_normalizer()
    }
}

impl Distribution for ContinuousBernoulli {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    /// By the inverse of the distribution function, log(1 + u (eˡ − 1))/l, computed for −|l|.
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let logits = for_samples(self.logits.clone(), num_samples);
        let u = uniform(&logits, noise);
        let size = logits.clone().abs();
        let near = size.clone().lower_elem(1e-3);
        let safe = size.mask_fill(near.clone(), 1.0);
        // A sample for l is 1 − x with x a sample for −l. Computed for −|l|, since e^−|l| − 1 is
        // never large.
        let shrunk = u.clone() * safe.clone().neg().exp().sub_scalar(1.0);
        let far = (shrunk.log1p() / safe).neg();
        let negative = logits.clone().lower_elem(0.0);
        let flipped = far.clone().neg().add_scalar(1.0).mask_where(negative, far);
        let series =
            u.clone() + logits * u.clone() * u.clone().neg().add_scalar(1.0).mul_scalar(0.5);
        flipped.mask_where(near, series).clamp(0.0, 1.0)
    }

    /// ½ + ½ coth(l/2) − 1/l.
    fn mean(&self) -> Tensor<3> {
        let l = self.logits.clone();
        let near = smaller(&l, NEARER_MOMENTS);
        let odd = either(
            near,
            &l,
            [0.0, 1.0],
            |l| polynomial(l.clone() * l.clone(), ODD_PART_OF_MEAN) * l,
            |l| l.clone().mul_scalar(0.5).tanh().recip().mul_scalar(0.5) - l.recip(),
        );
        odd.add_scalar(0.5)
    }

    /// 1/l² − 1/(4 sinh²(l/2)), the last term being e^−|l|/(1 − e^−|l|)².
    fn variance(&self) -> Tensor<3> {
        let l = self.logits.clone();
        let near = smaller(&l, NEARER_MOMENTS);
        either(
            near,
            &l,
            [0.0, 1.0],
            |l| polynomial(l.clone() * l, VARIANCE),
            |l| {
                let small = l.clone().abs().neg().exp();
                let below = small.clone().neg().add_scalar(1.0);
                (l.clone() * l).recip() - small / (below.clone() * below)
            },
        )
    }
}

/// Coefficients of (log C(l) − log 2)/l² as a series in l².
const LOG_NORMALIZER: [f64; 3] = [1.0 / 12.0, -7.0 / 1440.0, 31.0 / 90_720.0];
/// Coefficients of (½ coth(l/2) − 1/l)/l as a series in l².
const ODD_PART_OF_MEAN: [f64; 6] = [
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30_240.0,
    -1.0 / 1_209_600.0,
    1.0 / 47_900_160.0,
    -691.0 / 1_307_674_368_000.0,
];
/// Coefficients of the variance as a series in l².
const VARIANCE: [f64; 6] = [
    1.0 / 12.0,
    -1.0 / 240.0,
    1.0 / 6048.0,
    -1.0 / 172_800.0,
    1.0 / 5_322_240.0,
    -691.0 / 118_879_488_000.0,
];
