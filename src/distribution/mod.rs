//! Distributions: small values that hold tensors of parameters.
//!
//! The last axis is the event: densities, entropies and divergences are summed over it, one number
//! in nats per row. [`Normal<3>`] with parameters `[samples, batch, features]` is a latent variable
//! or a layer's activation; [`Normal<2>`] with `[d_input, d_output]` is the posterior of a weight
//! matrix. Leading axes of size 1 broadcast.

mod bernoulli;
mod features;
mod normal;

pub use bernoulli::Bernoulli;
pub use features::SumFeatures;
pub use normal::Normal;

use serde::{Deserialize, Serialize};

/// The values that a distribution gives probability to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Support {
    /// 0 and 1.
    Binary,
    /// Every real number.
    Real,
}
