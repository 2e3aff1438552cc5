//! Layers with fixed or random weights.

mod activation;
mod bayesian_linear;
mod dense;
mod initializer;
mod mlp;
mod prior;
mod product;

pub use activation::Activation;
pub use bayesian_linear::{BayesianLinear, BayesianLinearConfig, WeightSample};
pub use dense::{Dense, Weights};
pub use initializer::Initializer;
pub use mlp::{Mlp, MlpConfig};
pub use prior::WeightPrior;
pub use product::Products;
