//! Layers with fixed or random weights.

mod activation;
mod bayesian_linear;
mod dense;
mod initializer;
mod mlp;
mod prior;
mod product;
mod random_weights;

pub use activation::Activation;
pub use bayesian_linear::{BayesianLinear, BayesianLinearConfig, WeightSample};
pub use dense::{Dense, Weights};
pub use initializer::Initializer;
pub use mlp::{Mlp, MlpConfig};
pub use prior::WeightPrior;
pub use product::Products;
pub use random_weights::RandomWeights;
#[doc(hidden)]
pub use random_weights::{named_layers, sum_of_weight_kls};
