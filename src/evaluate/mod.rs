//! Evaluation: how well a model explains data, how far to trust the number, and what the model is
//! unsure of.
//!
//! | question | answer |
//! | --- | --- |
//! | how well does it explain data it has not seen? | [`report`]: everything below in one call, or [`log_likelihood`] alone |
//! | how far is that number to be trusted? | [`LogLikelihood`]: two standard errors, effective sample sizes, [`pareto_k`] |
//! | which of two models is better? | [`compare`]: the paired difference |
//! | which latent variables does it use? | [`StochasticLayer`]: active units |
//! | how sure is it of its weights? | [`RandomLayer`], [`signal_to_noise`] |
//! | where does the variance of a reconstruction come from? | [`predictive_variance`] |
//! | are these data like those it was trained on? | [`scores`], [`auroc`] |
//!
//! `docs/evaluation.md` says what each number means and when to distrust it.

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
pub use log_likelihood::{LogLikelihood, LogLikelihoods, log_likelihood, log_likelihoods};
pub use out_of_distribution::{Scores, auroc, scores};
pub use pareto::{pareto_k, pareto_k_threshold};
#[cfg(feature = "draw")]
pub use report::HtmlReport;
pub use report::{
    Again, BoundParts, CurvePoint, Progress, Report, ReportSettings, Summary, report,
    report_with_train,
};
pub use sampling::LogLikelihoodSettings;
pub use units::StochasticLayer;
pub use variance::{PredictiveVariance, predictive_variance};
pub use weights::{RandomLayer, signal_to_noise};
