//! Mixtures of discretized logistic distributions with independent features.

use super::{Distribution, SumFeatures};
use crate::{
    noise::Noise,
    special::{either, log_sigmoid},
};
use burn::tensor::{
    Tensor,
    activation::{log_softmax, sigmoid},
};

/// Mixtures of discretized logistic distributions with independent features, for grey levels from 0
/// to 1 (Salimans et al. 2017).
///
/// A level is a draw from a mixture of logistic distributions, rounded to the nearest level. Draws
/// below 0 become 0, and draws above 1 become 1.
///
/// Let a, b = (x ± δ/2 − loc)/s, where δ is the distance between levels. A component's log P(x) is
/// log(sigmoid(a) − sigmoid(b)) = log sigmoid(a) + log sigmoid(−b) + log(1 − e^(−δ/s)). At x = 0 it
/// is log sigmoid(a), at x = 1 log sigmoid(−b). log s is clamped to at most 10: there the
/// probability of inner levels is practically 0.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::DiscretizedLogistic, prelude::*};
///
/// let device = Device::default();
/// // One component, 256 levels: weight, loc and log s of each of three features.
/// let outputs = Tensor::<3>::zeros([1, 2, 3 * 3], &device);
/// let p = DiscretizedLogistic::new(outputs, 1, 256);
/// assert_eq!(p.log_prob(Tensor::zeros([1, 2, 3], &device)).dims(), [1, 2]);
/// ```
#[derive(Clone, Debug)]
pub struct DiscretizedLogistic {
    /// The logarithms of the components' weights, `[samples, batch, features, components]`.
    log_weights: Tensor<4>,
    loc: Tensor<4>,
    log_scale: Tensor<4>,
    levels: usize,
}

/// The largest log s. A scale of e¹⁰ is 22,000 times the range of the data.
const MAX_LOG_SCALE: f64 = 10.0;

impl DiscretizedLogistic {
    /// From the outputs of a network, `[1 or samples, batch, features · 3 · components]`.
    ///
    /// Each feature has the logits of all components' weights, then their locations, then their log
    /// s.
    ///
    /// # Panics
    ///
    /// If there are no components, if the length of the last axis is not a multiple of 3 ·
    /// `components`, or if there are fewer than two levels.
    pub fn new(outputs: Tensor<3>, components: usize, levels: usize) -> Self {
        let [samples, batch, num_outputs] = outputs.dims();
        assert!(
            components > 0 && num_outputs.is_multiple_of(3 * components),
            "{num_outputs} outputs are those of no features of {components} components"
        );
        assert!(levels > 1, "there must be two levels at least");
        let features = num_outputs / (3 * components);
        let outputs = outputs.reshape([samples, batch, features, 3 * components]);
        let part = |i: usize| outputs.clone().narrow(3, i * components, components);
        Self {
            log_weights: log_softmax(part(0), 3),
            loc: part(1),
            log_scale: part(2).clamp_max(MAX_LOG_SCALE),
            levels,
        }
    }

    /// With log s softly kept above a floor: floor + softplus(log s − floor).
    pub(crate) fn with_min_log_scale(self, floor: f64) -> Self {
        let above = crate::special::softplus(self.log_scale.sub_scalar(floor));
        Self {
            log_scale: above.add_scalar(floor),
            ..self
        }
    }

    /// The distance between levels.
    fn step(&self) -> f64 {
        1.0 / (self.levels - 1) as f64
    }

    /// Σ over components of weight · f, feature by feature.
    fn expectation(&self, of: Tensor<4>) -> Tensor<3> {
        (self.log_weights.clone().exp() * of)
            .sum_dim(3)
            .squeeze_dim(3)
    }

    /// E x and E x², each as a sum over levels of the probability that x is above the level.
    fn moments(&self) -> [Tensor<3>; 2] {
        let inverse = self.log_scale.clone().neg().exp();
        let (mut first, mut second) = (self.loc.zeros_like(), self.loc.zeros_like());
        for level in 0..self.levels - 1 {
            let middle = (level as f64 + 0.5) * self.step();
            let above = sigmoid(self.loc.clone().sub_scalar(middle) * inverse.clone());
            first = first + above.clone();
            second = second + above.mul_scalar((2 * level + 1) as f64);
        }
        let step = self.step();
        [
            self.expectation(first.mul_scalar(step)),
            self.expectation(second.mul_scalar(step * step)),
        ]
    }

    /// log p(x), feature by feature.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let half = 0.5 * self.step();
        let x = x.unsqueeze_dim::<4>(3);
        let inverse = self.log_scale.clone().neg().exp();
        let centred = x.clone() - self.loc.clone();
        let upper = log_sigmoid(centred.clone().add_scalar(half) * inverse.clone());
        let lower = log_sigmoid((centred.sub_scalar(half) * inverse.clone()).neg());
        // log(1 − e^−t) of t = δ/s.
        let t = inverse.mul_scalar(self.step());
        let small = t.clone().without_autodiff().lower_elem(0.1);
        let between = either(
            small,
            &t,
            [0.05, 1.0],
            |t| {
                let q = t.clone() * t.clone();
                let series = t.clone().mul_scalar(-0.5) + q.clone().mul_scalar(1.0 / 24.0)
                    - (q.clone() * q).mul_scalar(1.0 / 2880.0);
                t.log() + series
            },
            |t| t.neg().exp().neg().log1p(),
        );
        let inside = upper.clone() + lower.clone() + between;
        let shape = inside.dims();
        let x = x.without_autodiff();
        let lowest = x.clone().lower_elem(half).expand(shape);
        let highest = x.greater_elem(1.0 - half).expand(shape);
        let component = inside.mask_where(lowest, upper).mask_where(highest, lower);
        let terms = self.log_weights.clone() + component;
        let max = terms.clone().without_autodiff().max_dim(3);
        let sum = (terms - max.clone()).exp().sum_dim(3).log() + max;
        sum.squeeze_dim(3)
    }
}

impl Distribution for DiscretizedLogistic {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [samples, batch, features, components] = self.loc.dims();
        assert!(
            samples == 1 || samples == num_samples,
            "the parameters are those of {samples} samples, {num_samples} were asked for"
        );
        let (device, dtype) = (self.loc.device(), self.loc.dtype());
        let shape = [num_samples, batch, features, components];
        let uniform = noise.uniform([num_samples, batch, features * components], &device);
        let gumbel = uniform.cast(dtype).log().neg().log().neg().reshape(shape);
        let chosen = (self.log_weights.clone() + gumbel).argmax(3);
        let of = |parameter: &Tensor<4>| -> Tensor<3> {
            let chosen = parameter.clone().expand(shape).gather(3, chosen.clone());
            chosen.squeeze_dim(3)
        };
        let u = noise
            .uniform([num_samples, batch, features], &device)
            .cast(dtype);
        let logistic = u.clone().log() - u.neg().log1p();
        let x = of(&self.loc) + logistic * of(&self.log_scale).exp();
        let largest = (self.levels - 1) as f64;
        x.clamp(0.0, 1.0)
            .mul_scalar(largest)
            .round()
            .div_scalar(largest)
    }

    fn mean(&self) -> Tensor<3> {
        let [mean, _] = self.moments();
        mean
    }

    fn variance(&self) -> Tensor<3> {
        let [mean, square] = self.moments();
        (square - mean.clone() * mean).clamp_min(0.0)
    }
}
