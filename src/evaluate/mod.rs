//! Evaluation: how well a model explains data, how far to trust the number, and what the model is unsure of.

mod compare;
mod log_likelihood;
mod numbers;
mod out_of_distribution;
mod pareto;
mod report;
mod sampling;
mod statistics;
mod units;
mod variance;
mod weights;

pub use compare::{Comparison, compare};
pub use log_likelihood::{
    LogLikelihood, LogLikelihoodSettings, LogLikelihoods, log_likelihood, log_likelihoods,
};
pub use out_of_distribution::{Scores, auroc, scores};
pub use pareto::{UNRELIABLE_PARETO_K, pareto_k};
pub use report::{
    Again, BoundParts, CurvePoint, Progress, Report, ReportSettings, Summary, report,
};
pub use units::StochasticLayer;
pub use variance::{PredictiveVariance, predictive_variance};
pub use weights::{RandomLayer, signal_to_noise};
