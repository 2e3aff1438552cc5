//! A VAE to be set beside one that another program trains: `docs/results/check/vae.py`.

use super::talk::model;
use crate::run::Run;
use burn_bayes::prelude::*;

/// The name of the run.
pub const VAE: &str = "vae";

pub fn runs(seed: u64) -> Vec<Run> {
    let training = TrainingConfig::new(Objective::vae_analytic(1)).with_epochs(25);
    vec![Run {
        eval_samples: 100,
        ..Run::new(VAE, seed, model(Uncertainty::None), training)
    }]
}
