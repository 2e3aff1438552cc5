//! The factor of a cost in the first steps of training.

use super::or_default::saved_or_default;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// A factor β of a cost, as a function of the training step: it begins at 0 and ends at exactly 1.
///
/// | setting | factor of |
/// | --- | --- |
/// | [`Objective::warm_up`](super::Objective::warm_up) | log p(z) − log q(z \| x) in a log-weight: log w_β = log p(x \| z) + β (log p(z) − log q(z \| x)) |
/// | [`Objective::weight_warm_up`](super::Objective::weight_warm_up) | KL/N of charged weights in the loss |
///
/// Latents, or weights, are then used before they are charged (Bowman et al. 2016, Sønderby et al.
/// 2016). While β is below 1, the maximized quantity is no bound of log p(x). So reported bounds,
/// charges and validation always have β = 1.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
/// use burn_bayes::objective::WarmUp;
///
/// let warm_up = WarmUp::Linear { steps: 100 };
/// assert_eq!([0, 50, 100, 1000].map(|step| warm_up.beta(step)), [0.0, 0.5, 1.0, 1.0]);
/// let objective = Objective::iwae(25).with_warm_up(warm_up);
/// # assert!(objective.validate().is_ok());
/// let objective = Objective::iwaeu(25, ChargedWeights::All).with_weight_warm_up(warm_up);
/// # assert!(objective.validate().is_ok());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[non_exhaustive]
pub enum WarmUp {
    /// 1 from the first step on.
    #[default]
    None,
    /// Linear from 0 to 1.
    Linear {
        /// The step from which on it is 1.
        steps: u64,
    },
    /// In each cycle linear from 0 to 1 in the first half, and 1 in the second (Fu et al. 2019).
    Cyclical {
        /// The steps of a cycle, at least 2.
        period: u64,
        /// How many cycles there are; after them it is 1.
        cycles: u64,
    },
}

impl WarmUp {
    /// β at a step, counted from 0.
    pub fn beta(self, step: u64) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Linear { steps } if step >= steps => 1.0,
            Self::Linear { steps } => step as f64 / steps as f64,
            Self::Cyclical { period, cycles } if step / period.max(1) >= cycles => 1.0,
            Self::Cyclical { period, .. } => {
                let period = period.max(1);
                (2.0 * (step % period) as f64 / period as f64).min(1.0)
            }
        }
    }

    pub(super) fn validate(self, name: &'static str) -> Result<()> {
        let (problem, least) = match self {
            Self::Linear { steps: 0 } => ("has 0 steps", 1),
            // One step would be the first half alone, in which β is 0.
            Self::Cyclical { period: 0..2, .. } => ("has cycles of less than 2 steps", 2),
            Self::Cyclical { cycles: 0, .. } => ("has 0 cycles", 1),
            _ => return Ok(()),
        };
        let cure = format!("give at least {least}, or `WarmUp::None`");
        Err(Error::setting(name, problem, cure))
    }
}

saved_or_default!(WarmUp);
