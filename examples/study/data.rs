//! What is trained on and evaluated.

use crate::{
    common::images::{DataOptions, Source},
    run::Run,
};
use burn_bayes::{Error, Result, data::Binarized, prelude::*};

/// Burda et al. hold out the last 400 training images of MNIST; here they are for validation.
const NUM_VALID: usize = 400;

pub struct Data {
    pub source: Source,
    train: Datapoints,
    valid: Datapoints,
    test: Datapoints,
}

/// The images of a run.
pub struct RunData {
    pub train: Binarized,
    pub valid: Binarized,
    pub test: Binarized,
}

impl Data {
    pub fn read(options: &DataOptions) -> Result<Self> {
        if let Some((source, omniglot)) = options.omniglot()? {
            println!("Data: {source}.");
            return Ok(Self {
                source,
                train: omniglot.train,
                valid: omniglot.validation,
                test: omniglot.test,
            });
        }
        let (source, mnist) = options.mnist()?;
        println!("Data: {source}.");
        let name = source.name();
        let points = |part: &str, images| Datapoints::from_images(format!("{name} {part}"), images);
        let all = points("training images", &mnist.train.images)?;
        let num_train = all.len().saturating_sub(NUM_VALID).max(1);
        Ok(Self {
            source,
            train: all.rows(0..num_train),
            valid: all.rows(num_train.min(all.len() - 1)..all.len()),
            test: points("test images", &mnist.test.images)?,
        })
    }

    pub fn of(&self, run: &Run) -> Result<RunData> {
        if run.images > self.train.len() {
            return Err(Error::Data {
                name: self.train.name().into(),
                problem: format!(
                    "has {} images, {} are asked for",
                    self.train.len(),
                    run.images
                ),
                cure: "give MNIST's folder by --data-dir".into(),
            });
        }
        let (found, expected) = (self.train.num_features(), run.model.d_data());
        if found != expected {
            return Err(Error::Data {
                name: self.train.name().into(),
                problem: format!("has {found} pixels, the models have {expected}"),
                cure: "give images of 28x28".into(),
            });
        }
        let train = self.train.rows(0..run.images);
        // Epochs are compared by what the test images are: zeros and ones.
        let valid = match run.binarization {
            Binarization::Dynamic => Binarization::Dynamic,
            _ => crate::common::TEST_BINARIZATION,
        };
        Ok(RunData {
            train: train.binarized(run.binarization),
            valid: self.valid.clone().binarized(valid),
            test: (self.test.strided(run.eval_images)).binarized(crate::common::TEST_BINARIZATION),
        })
    }

    /// The mean of the images that a run is trained on.
    pub fn mean(&self, run: &Run) -> TensorData {
        let mean = self.train.rows(0..run.images).mean();
        TensorData::new(mean, [self.train.num_features()])
    }
}
