//! The Bernoulli distribution with independent features, from logits.

use super::{Distribution, SumFeatures, draws, features::with_samples};
use crate::{kernel, noise::Noise};
use burn::tensor::{
    Tensor,
    activation::{log_sigmoid, sigmoid},
};

/// A Bernoulli distribution with independent features: P(1) = sigmoid(logits).
///
/// Densities are computed from logits, without probabilities. So finite logits of any size give
/// finite values and gradients.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let pixels = Bernoulli::new(Tensor::<2>::from_floats([[1000.0, -1000.0]], &device));
/// let x = Tensor::<2>::from_floats([[0.0, 0.0]], &device);
/// assert_eq!(pixels.log_prob(x).into_scalar::<f32>(), -1000.0);
/// ```
#[derive(Clone, Debug)]
pub struct Bernoulli<const D: usize> {
    logits: Tensor<D>,
}

impl<const D: usize> Bernoulli<D> {
    /// From logits: log p/(1 − p).
    pub fn new(logits: Tensor<D>) -> Self {
        Self { logits }
    }

    /// The logits.
    pub fn logits(&self) -> Tensor<D> {
        self.logits.clone()
    }

    /// The probability of 1: sigmoid(logits).
    pub fn mean(&self) -> Tensor<D> {
        sigmoid(self.logits())
    }

    /// p(1 − p).
    pub fn variance(&self) -> Tensor<D> {
        sigmoid(self.logits()) * sigmoid(-self.logits())
    }

    /// log p(x) = x·l − softplus(l), feature by feature, in nats; gradient x − sigmoid(l).
    ///
    /// For x strictly between 0 and 1 this is the expected log-likelihood over random binarizations
    /// of x, not a density.
    pub fn log_prob_elementwise(&self, value: Tensor<D>) -> Tensor<D> {
        value * self.logits() + log_sigmoid(-self.logits())
    }

    /// The entropy softplus(l) − l·sigmoid(l), feature by feature, in nats.
    ///
    /// Computed from |l|, for which both terms become small together.
    pub fn entropy_elementwise(&self) -> Tensor<D> {
        let size = self.logits().abs();
        size.clone() * sigmoid(-size.clone()) - log_sigmoid(size)
    }

    /// KL(self ‖ other) = p·(l − l') + softplus(l') − softplus(l), feature by feature, in nats.
    pub fn kl_divergence_elementwise(&self, other: &Self) -> Tensor<D> {
        // The divergence does not change if outcomes are flipped. They are flipped so that the
        // logit of `self` is negative: then the terms are as small as the divergence, and nothing
        // cancels.
        let positive = self.logits().without_autodiff().greater_elem(0.0);
        let positive = positive.float().cast(self.logits.dtype());
        let sign = positive.mul_scalar(-2.0).add_scalar(1.0);
        let ours = self.logits() * sign.clone();
        let theirs = other.logits() * sign;
        sigmoid(ours.clone()) * (ours.clone() - theirs.clone()) + log_sigmoid(-ours)
            - log_sigmoid(-theirs)
    }
}

impl<const D: usize> Bernoulli<D>
where
    Tensor<D>: SumFeatures,
{
    /// The log-probability of each row, in nats: Σ x·l − softplus(l).
    ///
    /// # Shapes
    ///
    /// `value` broadcasts against the logits; the last axis of the result is summed away.
    pub fn log_prob(&self, value: Tensor<D>) -> <Tensor<D> as SumFeatures>::Output {
        let [logits, value] = [self.logits(), value].map(with_samples);
        Tensor::<D>::from_rows(kernel::bernoulli_log_prob(logits, value))
    }

    /// The entropy of each row, in nats.
    pub fn entropy(&self) -> <Tensor<D> as SumFeatures>::Output {
        self.entropy_elementwise().sum_features()
    }

    /// KL(self ‖ other) of each row, in nats, in closed form.
    pub fn kl_divergence(&self, other: &Self) -> <Tensor<D> as SumFeatures>::Output {
        self.kl_divergence_elementwise(other).sum_features()
    }
}

impl Bernoulli<3> {
    /// `num_samples` samples of each row; entries are 0 or 1.
    ///
    /// The samples are not reparametrized: no gradient flows to the logits.
    ///
    /// # Shapes
    ///
    /// Logits `[1 or num_samples, batch, features]` → `[num_samples, batch, features]`.
    ///
    /// # Panics
    ///
    /// If the logits' first axis is neither 1 nor `num_samples`.
    pub fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [samples, batch, features] = self.logits.dims();
        assert!(
            samples == 1 || samples == num_samples,
            "the logits are those of {samples} samples, {num_samples} were asked for"
        );
        let shape = [num_samples, batch, features];
        let probability = self.mean().expand(shape);
        let uniform = draws::uniform(&probability, noise);
        let dtype = probability.dtype();
        uniform.lower(probability).float().cast(dtype)
    }
}

impl Distribution for Bernoulli<3> {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob(x)
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.sample(num_samples, noise)
    }

    fn mean(&self) -> Tensor<3> {
        self.mean()
    }

    fn variance(&self) -> Tensor<3> {
        self.variance()
    }
}
