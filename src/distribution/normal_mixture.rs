//! Mixtures of normal distributions.

use super::{Distribution, SumFeatures};
use crate::noise::Noise;
use burn::tensor::{Int, Tensor, activation::log_softmax};
use std::f64::consts::TAU;

/// A mixture of normal distributions, the same for every row of a batch: log p(z) = log Σ_c π_c
/// N(z; m_c, s_c²).
///
/// A component is a distribution of the whole row, with independent features.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::NormalMixture, prelude::*};
///
/// let device = Device::default();
/// let means = Tensor::<2>::from_floats([[-3.0, 0.0], [3.0, 0.0]], &device);
/// let p = NormalMixture::new(Tensor::zeros([2], &device), means.clone(), means.zeros_like(), 10);
/// assert_eq!(p.sample(5, &mut Noise::seeded(0)).dims(), [5, 10, 2]);
/// ```
#[derive(Clone, Debug)]
pub struct NormalMixture {
    /// log π, `[components]`.
    log_weights: Tensor<1>,
    loc: Tensor<2>,
    log_variance: Tensor<2>,
    batch: usize,
}

impl NormalMixture {
    /// From logits of the weights, means and log-variances, for `batch` rows.
    ///
    /// # Shapes
    ///
    /// `[components]`, and `[components, features]` twice.
    ///
    /// # Panics
    ///
    /// If shapes do not fit.
    pub fn new(logits: Tensor<1>, loc: Tensor<2>, log_variance: Tensor<2>, batch: usize) -> Self {
        assert_eq!(loc.dims(), log_variance.dims(), "a variance for each mean");
        assert_eq!(
            logits.dims()[0],
            loc.dims()[0],
            "a weight for each component"
        );
        Self {
            log_weights: log_softmax(logits, 0),
            loc,
            log_variance,
            batch,
        }
    }

    /// Σ_c π_c f_c, `[1, batch, features]`.
    fn expectation(&self, of: Tensor<2>) -> Tensor<3> {
        let [_, features] = of.dims();
        let weights = self.log_weights.clone().exp().unsqueeze_dim::<2>(1);
        let sum = (weights * of).sum_dim(0).unsqueeze::<3>();
        sum.expand([1, self.batch, features])
    }
}

impl Distribution for NormalMixture {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        let [components, features] = self.loc.dims();
        let part = |part: &Tensor<2>| part.clone().reshape([1, 1, components, features]);
        let (loc, log_variance) = (part(&self.loc), part(&self.log_variance));
        let distance =
            (x.unsqueeze_dim::<4>(2) - loc) * log_variance.clone().mul_scalar(-0.5).exp();
        let terms = (distance.square() + log_variance)
            .add_scalar(TAU.ln())
            .mul_scalar(-0.5);
        let log_probs: Tensor<3> = terms.sum_dim(3).squeeze_dim(3);
        let log_probs = log_probs + self.log_weights.clone().unsqueeze();
        let max = log_probs.clone().without_autodiff().max_dim(2);
        // Far from every component the density is 0, and ∞ − ∞ would be NaN.
        let nowhere = max.clone().equal_elem(f64::NEG_INFINITY);
        let max = max.mask_fill(nowhere, 0.0);
        let sum = (log_probs - max.clone()).exp().sum_features().log();
        sum + max.squeeze_dim::<2>(2)
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [components, features] = self.loc.dims();
        let (device, dtype) = (self.loc.device(), self.loc.dtype());
        // The component with the largest log π − log(−log U) (Gumbel 1954).
        let uniform = noise.uniform([num_samples, self.batch, components], &device);
        let gumbel = uniform.cast(dtype).log().neg().log().neg();
        let scores = gumbel + self.log_weights.clone().unsqueeze();
        // Not the components equal to the largest score: these may be two.
        let largest = scores.clone().argmax(2).expand(scores.dims());
        let numbers = Tensor::<1, Int>::arange(0..components as i64, &device);
        let chosen = largest.equal(numbers.reshape([1, 1, components]).expand(scores.dims()));
        // As one matrix: of one row, burn's product of three axes moves an axis of length 1, and
        // burn 0.22.1 fuses what follows wrongly on a GPU.
        let rows = [num_samples * self.batch, components];
        let chosen = chosen.float().cast(dtype).reshape(rows);
        let shape = [num_samples, self.batch, features];
        let of = |part: &Tensor<2>| chosen.clone().matmul(part.clone()).reshape(shape);
        let scale = of(&self.log_variance.clone().mul_scalar(0.5).exp());
        let epsilon = noise.normal(shape, &device);
        of(&self.loc) + scale * epsilon.cast(dtype)
    }

    fn mean(&self) -> Tensor<3> {
        self.expectation(self.loc.clone())
    }

    fn variance(&self) -> Tensor<3> {
        // All rows have one mean. Around it squares do not cancel.
        let mean: Tensor<2> = self.mean().narrow(1, 0, 1).squeeze_dim(0);
        let between = (self.loc.clone() - mean).square();
        self.expectation(self.log_variance.clone().exp() + between)
    }
}
