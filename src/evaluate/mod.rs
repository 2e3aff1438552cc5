//! Evaluation: how well a model explains data, and how far to trust the number.

mod log_likelihood;

pub use log_likelihood::{
    LogLikelihood, LogLikelihoodSettings, LogLikelihoods, log_likelihood, log_likelihoods,
};
