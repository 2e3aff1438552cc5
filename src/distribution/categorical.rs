//! The categorical distribution with independent features.

use super::{Distribution, SumFeatures};
use crate::noise::Noise;
use burn::tensor::{Int, Tensor, activation::log_softmax};

/// The categorical distribution with independent features: P(x = c) = softmax(logits)_c.
///
/// Classes are numbered from 0. Mean and variance are those of the class number.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::Categorical, prelude::*};
///
/// let p = Categorical::new(Tensor::zeros([1, 2, 3 * 4], &Device::default()), 4);
/// let log_prob = p.log_prob(Tensor::zeros([1, 2, 3], &Device::default()));
/// assert!((log_prob.max().into_scalar::<f32>() + 3.0 * 4f32.ln()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct Categorical {
    /// `[samples, batch, features, classes]`.
    log_probs: Tensor<4>,
}

impl Categorical {
    /// From logits, `[1 or samples, batch, features · classes]`. The logits of one feature are next
    /// to each other.
    ///
    /// # Panics
    ///
    /// If the length of the last axis is not a multiple of `classes`.
    pub fn new(logits: Tensor<3>, classes: usize) -> Self {
        let [samples, batch, outputs] = logits.dims();
        assert!(
            classes > 0 && outputs.is_multiple_of(classes),
            "{outputs} logits are those of no features of {classes} classes"
        );
        let logits = logits.reshape([samples, batch, outputs / classes, classes]);
        Self {
            log_probs: log_softmax(logits, 3),
        }
    }

    /// The numbers of the classes, `[1, 1, 1, classes]`.
    fn classes(&self) -> Tensor<4> {
        let [.., classes] = self.log_probs.dims();
        let numbers = Tensor::<1, Int>::arange(0..classes as i64, &self.log_probs.device());
        numbers
            .float()
            .cast(self.log_probs.dtype())
            .reshape([1, 1, 1, classes])
    }

    /// Σ over classes of P(c) f(c), feature by feature.
    fn expectation(&self, of: Tensor<4>) -> Tensor<3> {
        (self.log_probs.clone().exp() * of)
            .sum_dim(3)
            .squeeze_dim(3)
    }

    /// log p(x), feature by feature: −∞ for a number that is no class.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let chosen = x.unsqueeze_dim::<4>(3).equal(self.classes()).float();
        let chosen = chosen.cast(self.log_probs.dtype());
        let none = chosen.clone().sum_dim(3).equal_elem(0.0);
        let log_prob = (self.log_probs.clone() * chosen).sum_dim(3);
        let none = none.expand(log_prob.shape());
        log_prob.mask_fill(none, f64::NEG_INFINITY).squeeze_dim(3)
    }
}

impl Distribution for Categorical {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    fn class_probabilities(&self, feature: usize) -> Option<Tensor<3>> {
        let of_feature = self.log_probs.clone().narrow(2, feature, 1);
        Some(of_feature.exp().squeeze_dim(2))
    }

    /// The class with the largest log P(c) − log(−log U) (Gumbel 1954).
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [samples, batch, features, classes] = self.log_probs.dims();
        assert!(
            samples == 1 || samples == num_samples,
            "the logits are those of {samples} samples, {num_samples} were asked for"
        );
        let device = self.log_probs.device();
        let uniform = noise.uniform([num_samples, batch, features * classes], &device);
        let uniform = uniform.cast(self.log_probs.dtype());
        let gumbel = uniform.log().neg().log().neg();
        let gumbel = gumbel.reshape([num_samples, batch, features, classes]);
        let largest = (self.log_probs.clone() + gumbel).argmax(3).float();
        largest.cast(self.log_probs.dtype()).squeeze_dim(3)
    }

    fn mean(&self) -> Tensor<3> {
        self.expectation(self.classes())
    }

    fn variance(&self) -> Tensor<3> {
        let mean = self.mean().unsqueeze_dim::<4>(3);
        let distance = self.classes() - mean;
        self.expectation(distance.clone() * distance)
    }
}
