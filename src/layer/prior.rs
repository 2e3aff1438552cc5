//! The prior of random weights.

use crate::distribution::Normal;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// The distribution that random weights are charged against.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let layer = BayesianLinearConfig::new(784, 400).init(&Device::default(), &mut Noise::seeded(0));
/// let [unit, matched] = [WeightPrior::Normal { std: 1.0 }, WeightPrior::Matched]
///     .map(|prior| layer.kl(&prior).into_scalar::<f32>());
/// assert!(matched < unit); // it is the best of all normal priors
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum WeightPrior {
    /// N(0, std²) for every weight.
    Normal {
        /// The standard deviation.
        std: f64,
    },
    /// N(0, s²) with the s² that makes the divergence smallest, s² = mean(loc² + scale²), for each
    /// matrix and each bias vector on its own (empirical Bayes).
    Matched,
}

impl Default for WeightPrior {
    fn default() -> Self {
        Self::Normal { std: 1.0 }
    }
}

impl WeightPrior {
    /// KL(posterior ‖ prior), summed over all weights, in nats.
    ///
    /// N(0, s²): ½ Σ (e^Δ − 1 − Δ + loc²/s²) with Δ = lv − log s²; matched: ½ Σ (log s² − lv).
    ///
    /// # Shapes
    ///
    /// The result has shape `[1]`.
    pub fn kl<const D: usize>(&self, posterior: &Normal<D>) -> Tensor<1> {
        match self {
            Self::Normal { std } => {
                let delta = posterior.log_variance().sub_scalar(2.0 * std.ln());
                let shift = posterior.loc().mul_scalar(1.0 / std);
                (delta.clone().exp().sub_scalar(1.0) - delta + shift.square())
                    .sum()
                    .mul_scalar(0.5)
            }
            Self::Matched => {
                let second_moment = posterior.loc().square() + posterior.variance();
                let count = second_moment.shape().num_elements() as f64;
                let log_scale = second_moment.mean().log().mul_scalar(count);
                (log_scale - posterior.log_variance().sum()).mul_scalar(0.5)
            }
        }
    }
}
