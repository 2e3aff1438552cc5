//! Layers with fixed or random weights.

mod activation;
mod bayesian_linear;
mod bayesian_linear_config;
mod dense;
mod initializer;
mod mlp;
mod prior;
mod prior_center;
mod product;
mod random_weights;
mod sites;
mod trunk;
mod weight_sample;

pub use activation::Activation;
pub use bayesian_linear::BayesianLinear;
pub use bayesian_linear_config::BayesianLinearConfig;
pub use dense::{Dense, Weights};
pub use initializer::Initializer;
pub use mlp::{Mlp, MlpConfig};
pub use prior::WeightPrior;
pub use product::Products;
pub use random_weights::RandomWeights;
#[doc(hidden)]
pub use random_weights::{named_layers, sum_of_weight_kls};
pub use sites::Sites;
pub use trunk::{Trunk, TrunkConfig, TrunkMlp};
pub use weight_sample::WeightSample;
