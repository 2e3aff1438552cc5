//! An [`IncompleteVae`] in a folder.

use super::{
    configuration,
    folder::{self, Recipe, num_outputs},
};
use crate::{
    error::Result,
    model::{IncompleteVae, IncompleteVaeConfig, half_record::halved},
    noise::Noise,
};
use burn::tensor::Device;
use std::path::Path;

impl Recipe for IncompleteVaeConfig {
    type Model = IncompleteVae;
    const KIND: &'static str = "IncompleteVae";

    fn read(json: serde_json::Value) -> Result<Self, serde_json::Error> {
        configuration::read(json)
    }

    fn check(&self) -> Result<()> {
        self.validate()
    }

    fn widths(&self) -> Option<Vec<usize>> {
        let hidden = self.hidden.iter().copied();
        let d_data = [self.columns.num_features()];
        Some(
            d_data
                .into_iter()
                .chain(hidden)
                .chain([self.d_latent])
                .collect(),
        )
    }

    fn other_outputs(&self) -> Option<usize> {
        let groups = self.columns.groups().iter();
        let outputs = groups.map(|&(family, count)| num_outputs(family, count));
        outputs.reduce(|sum, outputs| sum?.checked_add(outputs?))?
    }

    fn make(&self, device: &Device) -> IncompleteVae {
        self.init(device, &mut Noise::seeded(0))
    }

    fn words(&self) -> String {
        let columns = self.columns.num_features();
        format!(
            "{columns} columns - {:?} - {}, uncertainty {:?}",
            self.hidden, self.d_latent, self.uncertainty
        )
    }
}

impl IncompleteVae {
    /// Saves the model into a folder, which is made if need be, as [`Vae::save`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Vae::save`].
    ///
    /// [`Vae::save`]: crate::model::Vae::save
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let dir = dir.path().join("model");
    /// let device = Device::default();
    /// let columns = Columns::new([(Family::Bernoulli, 3), (Family::Poisson, 1)]);
    /// let config = IncompleteVaeConfig::new(columns, 2).with_hidden(vec![8]);
    /// let model = config.init(&device, &mut Noise::seeded(0));
    /// model.save(&config, &dir)?;
    /// let (config, same) = IncompleteVae::load(&dir, &device)?;
    /// # assert_eq!(config.hidden, [8]);
    /// # let _ = same;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn save(&self, config: &IncompleteVaeConfig, dir: impl AsRef<Path>) -> Result<()> {
        folder::save(config, self, dir.as_ref(), folder::whole)
    }

    /// The same in half the size, as [`Vae::save_half`](crate::model::Vae::save_half) does.
    ///
    /// # Errors
    ///
    /// Those of [`Vae::save_half`](crate::model::Vae::save_half).
    pub fn save_half(&self, config: &IncompleteVaeConfig, dir: impl AsRef<Path>) -> Result<()> {
        folder::save(config, self, dir.as_ref(), halved)
    }

    /// Loads a model that [`save`](Self::save) wrote, and its configuration, as
    /// [`Vae::load`](crate::model::Vae::load) does.
    ///
    /// # Errors
    ///
    /// Those of [`Vae::load`](crate::model::Vae::load).
    pub fn load(dir: impl AsRef<Path>, device: &Device) -> Result<(IncompleteVaeConfig, Self)> {
        folder::load(dir.as_ref(), device)
    }
}
