//! What is trained on and evaluated.

use crate::{common::images::Source, options::Arguments, settings::Settings};
use burn_bayes::{Result, prelude::*};

/// Burda et al. hold out the last 400 training images of MNIST; here they are for validation.
const NUM_VALID: usize = 400;

pub struct Data {
    pub source: Source,
    pub train: Datapoints,
    pub valid: Datapoints,
    pub test: Datapoints,
}

impl Data {
    pub fn read(arguments: &Arguments, settings: &Settings) -> Result<Self> {
        if let Some((source, omniglot)) = arguments.data.omniglot()? {
            return Ok(Self {
                source,
                train: omniglot.train,
                valid: omniglot.validation,
                test: omniglot.test.strided(settings.eval_images),
            });
        }
        let (source, mnist) = arguments.data.mnist()?;
        let name = source.name();
        let training_images = format!("{name} training images");
        let all = Datapoints::from_images(training_images, &mnist.train.images)?;
        let test = Datapoints::from_images(format!("{name} test images"), &mnist.test.images)?;
        let num_train = all.len().saturating_sub(NUM_VALID).max(1);
        Ok(Self {
            source,
            train: all.rows(0..num_train),
            valid: all.rows(num_train.min(all.len() - 1)..all.len()),
            test: test.strided(settings.eval_images),
        })
    }
}
