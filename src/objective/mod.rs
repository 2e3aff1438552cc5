//! What training maximizes: a bound minus the cost of random weights.
//!
//! It needs no training engine: [`Objective::gradients`] gives the gradient for a training loop of
//! your own.

mod charge;
mod check;
mod check_draws;
mod evaluate;
mod free_bits;
mod or_default;
mod parts;
mod sample_schedule;
mod settings;
mod step;
mod warm_up;
mod weight_draws;
mod weight_kl_estimate;

pub use crate::bound::Bound;
pub use parts::ObjectiveParts;
pub use sample_schedule::SampleSchedule;
pub use settings::{Backward, ChargedWeights, Objective};
pub use step::Step;
pub use warm_up::WarmUp;
pub use weight_draws::WeightDraws;
pub use weight_kl_estimate::WeightKlEstimate;
