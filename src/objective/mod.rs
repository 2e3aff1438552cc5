//! What training maximizes: a bound, less what random weights cost.
//!
//! It needs no training engine: [`Objective::gradients`] is a step of a loop of one's own.

mod check;
mod evaluate;
mod free_bits;
mod parts;
mod sample_schedule;
mod settings;
mod step;
mod warm_up;
mod weight_kl;

pub use crate::bound::Bound;
pub use parts::ObjectiveParts;
pub use sample_schedule::SampleSchedule;
pub use settings::{Backward, ChargedWeights, Objective};
pub use step::Step;
pub use warm_up::WarmUp;
pub use weight_kl::WeightKlEstimate;
