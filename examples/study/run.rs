//! A model that is trained and evaluated: everything that decides its numbers.

use crate::networks::Networks;
use burn_bayes::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its row in the tables.
    pub name: String,
    pub seed: u64,
    /// How many of the training images.
    pub images: usize,
    pub binarization: Binarization,
    /// The run whose best model it begins with; without one, with weights drawn anew. With 0 epochs
    /// that model is evaluated.
    pub start: Option<String>,
    /// Whether the prior of each random weight is centred on what it begins with.
    pub centred: bool,
    pub model: Networks,
    pub training: TrainingConfig,
    /// Whether the model of the best epoch on validation images is evaluated, or the last one.
    pub best: bool,
    pub eval_samples: usize,
    pub eval_images: usize,
}

impl Run {
    /// With all of MNIST's training images but the 400 for validation, evaluated as published
    /// tables are: 5000 samples for each test image.
    pub fn new(
        name: &str,
        seed: u64,
        model: impl Into<Networks>,
        training: TrainingConfig,
    ) -> Self {
        Self {
            name: name.into(),
            seed,
            images: 59_600,
            binarization: Binarization::Dynamic,
            start: None,
            centred: false,
            model: model.into(),
            training: training.with_seed(seed),
            best: false,
            eval_samples: 5000,
            eval_images: 10_000,
        }
    }

    /// As much as it takes to see that it runs.
    pub fn shortened(self) -> Self {
        Self {
            images: 100,
            training: self
                .training
                .clone()
                .with_epochs(self.training.epochs.min(1)),
            eval_samples: 20,
            eval_images: 20,
            ..self
        }
    }

    /// Another run, as much shortened as this one.
    pub fn like(&self, other: Self) -> Self {
        match self.images == other.images {
            true => other,
            false => other.shortened(),
        }
    }

    /// Whether it leaves its model for others: priors that are centred are in no configuration.
    pub fn leaves_model(&self) -> bool {
        matches!(self.model, Networks::Vae(_)) && !self.centred
    }

    pub fn file_name(&self) -> String {
        file_name(&self.name, self.seed)
    }
}

/// What a run's folder, and its file of results, is called.
pub fn file_name(name: &str, seed: u64) -> String {
    format!("{name}-seed{seed}")
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let training = self.model.words(&self.training.objective);
        write!(
            f,
            "{} images, {} epochs, {training}",
            self.images, self.training.epochs
        )
    }
}
