//! What uncertain weights bring by the size of the training set.

use super::talk::{METHODS, model, objective};
use crate::run::Run;
use burn_bayes::prelude::*;

/// Sizes of the training set, and epochs that are enough for each.
pub const SIZES: [(usize, usize); 4] = [(1000, 600), (5000, 160), (20_000, 50), (59_600, 25)];

/// The talk's networks on so many images, at a constant learning rate; the best epoch counts.
pub fn run(name: &str, seed: u64, images: usize, model: VaeConfig, objective: Objective) -> Run {
    let epochs = SIZES.iter().find(|(size, _)| *size == images);
    let training =
        TrainingConfig::new(objective).with_epochs(epochs.map_or(100, |&(_, epochs)| epochs));
    Run {
        images,
        best: true,
        eval_samples: 1000,
        eval_images: 1000,
        ..Run::new(name, seed, model, training)
    }
}

pub fn name(method: &str, images: usize) -> String {
    format!("{method}-{images}")
}

pub fn runs(seed: u64) -> Vec<Run> {
    let of_size = |(images, _)| {
        METHODS.map(|(method, uncertainty)| {
            run(
                &name(method, images),
                seed,
                images,
                model(uncertainty),
                objective(),
            )
        })
    };
    SIZES.into_iter().flat_map(of_size).collect()
}
