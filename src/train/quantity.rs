//! The quantities of an objective that are shown and recorded.

use crate::objective::WeightKlEstimate;
use burn::train::metric::MetricId;
use std::sync::Arc;

/// A number of the objective, averaged over datapoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Bound,
    EffectiveSampleSize,
    LogLikelihood,
    Kl,
    WeightKl,
    WeightKlEstimate,
    Loss,
}

impl Quantity {
    /// All, in the order in which the dashboard shows them.
    pub const ALL: [Self; 7] = [
        Self::Bound,
        Self::EffectiveSampleSize,
        Self::LogLikelihood,
        Self::Kl,
        Self::WeightKl,
        Self::WeightKlEstimate,
        Self::Loss,
    ];

    /// The quantity of a charge that was computed in this way.
    pub fn weight_kl(found: WeightKlEstimate) -> Self {
        match found {
            WeightKlEstimate::MonteCarlo { .. } => Self::WeightKlEstimate,
            _ => Self::WeightKl,
        }
    }

    pub fn is_weight_kl(self) -> bool {
        matches!(self, Self::WeightKl | Self::WeightKlEstimate)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Bound => "Bound",
            Self::EffectiveSampleSize => "Effective sample size",
            Self::LogLikelihood => "Log-likelihood",
            Self::Kl => "KL",
            Self::WeightKl => "Weight KL",
            Self::WeightKlEstimate => "Weight KL (Monte Carlo)",
            // burn's default strategy finds the best checkpoint by this name.
            Self::Loss => "Loss",
        }
    }

    pub fn id(self) -> MetricId {
        MetricId::new(Arc::new(self.name().into()))
    }

    pub fn description(self) -> &'static str {
        match self {
            Self::Bound => "The bound of log p(x), without the cost of weights but by sites",
            Self::EffectiveSampleSize => "(Σ w)² / Σ w², between 1 and k",
            Self::LogLikelihood => "log p(x | z), mean over samples",
            Self::Kl => "KL(q(z | x) ‖ p(z))",
            Self::WeightKl => {
                "KL/N of the charged weights; where it has no closed form, an upper bound"
            }
            Self::WeightKlEstimate => "KL/N of the charged weights, estimated by draws of them",
            Self::Loss => {
                "What is minimized: −bound + weight KL, by warm-up and free bits where they are set"
            }
        }
    }

    pub fn unit(self) -> Option<&'static str> {
        (self != Self::EffectiveSampleSize).then_some("nats")
    }

    pub fn higher_is_better(self) -> bool {
        matches!(
            self,
            Self::Bound | Self::EffectiveSampleSize | Self::LogLikelihood
        )
    }
}
