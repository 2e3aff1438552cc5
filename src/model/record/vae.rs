//! A [`Vae`] in a folder.

use super::{
    configuration,
    folder::{self, Recipe, num_outputs},
};
use crate::{
    error::Result,
    model::{Vae, VaeConfig, half_record::halved, weights::DAMAGED},
    noise::Noise,
    record,
};
use burn::tensor::Device;
use std::path::Path;

impl Recipe for VaeConfig {
    type Model = Vae;
    const KIND: &'static str = "Vae";

    fn read(json: serde_json::Value) -> Result<Self, serde_json::Error> {
        configuration::read(json)
    }

    fn check(&self) -> Result<()> {
        self.validate()
    }

    fn widths(&self) -> Option<Vec<usize>> {
        Some(widths_above(self.d_data, self))
    }

    fn other_outputs(&self) -> Option<usize> {
        num_outputs(self.likelihood, self.d_data)
    }

    fn make(&self, device: &Device) -> Vae {
        self.init(device, &mut Noise::seeded(0))
    }

    fn words(&self) -> String {
        format!(
            "{} - {:?} - {}, uncertainty {:?}",
            self.d_data, self.hidden, self.d_latent, self.uncertainty
        )
    }
}

/// The widths of an encoder's layers, the first being that of its inputs.
pub(super) fn widths_above(d_input: usize, config: &VaeConfig) -> Vec<usize> {
    let above = config.above.iter();
    let above = above.flat_map(|layer| layer.hidden.iter().copied().chain([layer.d_latent]));
    let hidden = config.hidden.iter().copied();
    [d_input]
        .into_iter()
        .chain(hidden)
        .chain([config.d_latent])
        .chain(above)
        .collect()
}

impl Vae {
    /// Saves the model into a folder, which is made if need be.
    ///
    /// `weights.bpk` holds all of it: the weights, the configuration and a checksum. It is written
    /// aside and renamed, so that an interrupted save leaves the old model. `model.json` shows the
    /// configuration to people and to other programs; [`load`](Self::load) does not need it.
    ///
    /// # Errors
    ///
    /// - [`Error::Setting`](crate::Error::Setting) if the configuration is not that of this model.
    ///   The message names the first difference. Weights at their posterior mean are a model
    ///   without uncertainty.
    /// - [`Error::Io`](crate::Error::Io) if a file cannot be written.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let dir = dir.path().join("model");
    /// let device = Device::default();
    /// let config = VaeConfig::new(4, 2).with_hidden(vec![8]);
    /// let model = config.init(&device, &mut Noise::seeded(0));
    /// model.save(&config, &dir)?;
    /// let (config, same) = Vae::load(&dir, &device)?;
    /// # assert_eq!(config.hidden, [8]);
    /// # let _ = same;
    /// # Ok::<(), burn_bayes::Error>(())
    /// ```
    pub fn save(&self, config: &VaeConfig, dir: impl AsRef<Path>) -> Result<()> {
        folder::save(config, self, dir.as_ref(), folder::whole)
    }

    /// The same with weights rounded to 16 bits, in a file of half the size: for models to publish.
    ///
    /// Rounding changes a weight by at most 0.05 %, or by 3·10⁻⁸. [`load`](Self::load) gives the
    /// device's own float type.
    ///
    /// # Errors
    ///
    /// Those of [`save`](Self::save), and [`Error::Record`](crate::Error::Record) for weights
    /// beyond ±65,504.
    pub fn save_half(&self, config: &VaeConfig, dir: impl AsRef<Path>) -> Result<()> {
        folder::save(config, self, dir.as_ref(), halved)
    }

    /// Loads a model that [`save`](Self::save) wrote, and its configuration.
    ///
    /// The weights are equal to the bit if the device's default float type is that of the record.
    /// They are in memory afterwards: what happens to the files no longer matters.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`](crate::Error::Io) if a file is missing or cannot be read.
    /// - [`Error::Record`](crate::Error::Record) if it is damaged, holds a model of another kind,
    ///   or weights that do not fit the configuration.
    pub fn load(dir: impl AsRef<Path>, device: &Device) -> Result<(VaeConfig, Self)> {
        folder::load(dir.as_ref(), device)
    }
}

impl VaeConfig {
    /// Makes the model with the weights of a record, as [`Vae::save`] and training checkpoints
    /// write them. They are in memory afterwards: what happens to the file no longer matters.
    ///
    /// # Errors
    ///
    /// - [`Error::Setting`](crate::Error::Setting) where [`validate`](Self::validate) finds one.
    /// - [`Error::Io`](crate::Error::Io) if the file cannot be read.
    /// - [`Error::Record`](crate::Error::Record) if it is damaged or holds another model: other
    ///   sizes, other layers, random weights for fixed ones, another activation, scale or prior.
    pub fn load_weights(&self, path: impl AsRef<Path>, device: &Device) -> Result<Vae> {
        let path = path.as_ref();
        self.validate()?;
        folder::restored(self, record::read(path, DAMAGED)?, path, device)
    }
}
