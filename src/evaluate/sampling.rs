//! Importance samples, a chunk of rows and samples at a time.

use crate::{
    data::Rows,
    error::{Error, Result},
    model::{LatentVariableModel, LogWeights},
    noise::Noise,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Settings of [`log_likelihood`](super::log_likelihood()).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLikelihoodSettings {
    /// K, the number of importance samples for each datapoint. The literature uses 5000.
    pub num_samples: usize,
    /// How many samples are in memory at once. It changes the result only by rounding.
    pub samples_per_chunk: usize,
    /// How many datapoints are in memory at once. It changes the result only by rounding.
    pub rows_per_chunk: usize,
}

impl Default for LogLikelihoodSettings {
    fn default() -> Self {
        Self {
            num_samples: 5000,
            samples_per_chunk: 250,
            rows_per_chunk: 20,
        }
    }
}

impl LogLikelihoodSettings {
    /// The default: 5000 samples, 250 of them and 20 datapoints at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with K importance samples for each datapoint.
    pub fn with_num_samples(self, num_samples: usize) -> Self {
        Self {
            num_samples,
            ..self
        }
    }

    /// The same with so many samples in memory at once.
    pub fn with_samples_per_chunk(self, samples_per_chunk: usize) -> Self {
        Self {
            samples_per_chunk,
            ..self
        }
    }

    /// The same with so many datapoints in memory at once.
    pub fn with_rows_per_chunk(self, rows_per_chunk: usize) -> Self {
        Self {
            rows_per_chunk,
            ..self
        }
    }

    /// Checks the settings, and the number of rows they are for.
    pub(super) fn validate(&self, num_rows: usize) -> Result<()> {
        for (name, value) in [
            ("num_samples", self.num_samples),
            ("samples_per_chunk", self.samples_per_chunk),
            ("rows_per_chunk", self.rows_per_chunk),
            ("number of rows", num_rows),
        ] {
            if value == 0 {
                return Err(Error::setting(name, "is 0", "give at least 1"));
            }
            if u32::try_from(value).is_err() {
                return Err(Error::setting(
                    name,
                    format!("is {value}"),
                    "give less than 2^32",
                ));
            }
        }
        Ok(())
    }

    /// Draws samples for these rows. `take` gets each chunk with its number of samples.
    ///
    /// `noise` must already be set to the rows' datapoints.
    pub(super) fn for_each_chunk<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        x: &D,
        noise: &Noise,
        mut take: impl FnMut(LogWeights, usize) -> Result<()>,
    ) -> Result<()> {
        for first in (0..self.num_samples).step_by(self.samples_per_chunk) {
            let samples = self.samples_per_chunk.min(self.num_samples - first);
            let mut noise = noise.clone().later_samples(first as u32);
            let log_weights = model.log_weights(x.clone(), samples, &mut noise);
            let log_weights = log_weights.checked(samples, x.num_rows());
            // A model with autodiff normalizes by the rows and samples that are together by chance.
            if model.uses_batch_statistics() && log_weights.total().device().is_autodiff() {
                return Err(Error::setting(
                    "model",
                    "normalizes over batches, as in training",
                    "give `model.valid()`, which normalizes by running averages",
                ));
            }
            take(log_weights, samples)?;
        }
        Ok(())
    }
}

/// The numbers of a tensor, row-major.
pub(super) fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f64>> {
    let device = tensor.device();
    tensor
        .try_into_vec_as::<f64>()
        .map_err(|error| Error::Device {
            name: format!("{device:?}"),
            problem: format!("numbers cannot be read back: {error}"),
            cure: "use smaller chunks or another device".into(),
        })
}
