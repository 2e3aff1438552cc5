//! Evaluation: how well a model explains data, how reliable that number is, and where the model is
//! uncertain.
//!
//! | question | answer |
//! | --- | --- |
//! | how well does it explain new data? | [`report`]: log p(x), its errors, active units and random weights; or [`log_likelihood`] alone |
//! | how reliable is that number? | [`LogLikelihood`]: two standard errors, effective sample sizes, [`pareto_k`] |
//! | which of two models is better? | [`compare`]: the paired difference |
//! | which latent variables does it use? | [`StochasticLayer`]: active units |
//! | how sure is it of its weights? | [`RandomLayer`], [`signal_to_noise`] |
//! | where does the variance of a reconstruction come from? | [`predictive_variance`] |
//! | are these data like those it was trained on? | [`scores`], [`auroc`] |
//!
//! `docs/evaluation.md` says what each number means and when to distrust it.
//!
//! # Results that are nearly equal
//!
//! With feature `approx` results implement `AbsDiffEq` and `RelativeEq` of the crate of that name.
//! They are compared number by number. The counts of datapoints, samples and units must be the
//! same. NaN is equal to nothing, an infinity only to itself.
//!
//! ```
//! # #[cfg(feature = "approx")] {
//! use approx::assert_relative_eq;
//! use burn_bayes::evaluate::Scores;
//!
//! let scores = |log_likelihood| Scores { log_likelihood, disagreement: vec![0.0; 2] };
//! let [here, there] = [vec![-90.0, -100.0], vec![-90.0, -100.00001]].map(scores);
//! assert_relative_eq!(here, there, max_relative = 1e-6);
//! # }
//! ```

#[cfg(feature = "approx")]
mod approximate;
#[cfg(feature = "safetensors")]
mod arrays;
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
    Again, BoundParts, CurvePoint, Report, ReportSettings, Summary, report, report_with_train,
};
pub use sampling::LogLikelihoodSettings;
pub use units::StochasticLayer;
pub use variance::{PredictiveVariance, predictive_variance};
pub use weights::{RandomLayer, signal_to_noise};
