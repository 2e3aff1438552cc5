//! A [`Ladder`] in a folder.

use super::{
    configuration,
    folder::{self, Recipe, num_outputs},
};
use crate::{
    error::Result,
    model::{Ladder, LadderConfig, half_record::halved},
    noise::Noise,
};
use burn::tensor::Device;
use std::path::Path;

impl Recipe for LadderConfig {
    type Model = Ladder;
    const KIND: &'static str = "Ladder";

    fn read(json: serde_json::Value) -> Result<Self, serde_json::Error> {
        configuration::read(json)
    }

    fn check(&self) -> Result<()> {
        self.validate()
    }

    fn widths(&self) -> Option<Vec<usize>> {
        let hidden = self
            .layers
            .iter()
            .flat_map(|layer| layer.hidden.iter().copied());
        Some([self.d_data].into_iter().chain(hidden).collect())
    }

    fn other_outputs(&self) -> Option<usize> {
        let outputs = num_outputs(self.likelihood, self.d_data);
        let latents = self.layers.iter().map(|layer| layer.d_latent);
        latents.fold(outputs, |sum, latents| sum?.checked_add(latents))
    }

    fn make(&self, device: &Device) -> Ladder {
        self.init(device, &mut Noise::seeded(0))
    }

    fn words(&self) -> String {
        let latents = self.layers.iter().map(|layer| layer.d_latent);
        let latents: Vec<usize> = latents.collect();
        format!(
            "{} - {latents:?}, uncertainty {:?}",
            self.d_data, self.uncertainty
        )
    }
}

impl Ladder {
    /// Saves the model into a folder, which is made if need be, as [`Vae::save`] does. Running
    /// statistics of batch normalization are saved with it.
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
    /// let layers = vec![Latents::new(3).with_hidden(vec![8]), Latents::new(2).with_hidden(vec![6])];
    /// let config = LadderConfig::new(4, layers).with_batch_norm(true);
    /// let model = config.init(&device, &mut Noise::seeded(0));
    /// model.save(&config, &dir)?;
    /// let (config, same) = Ladder::load(&dir, &device)?;
    /// # assert_eq!(config.layers.len(), 2);
    /// # let _ = same;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn save(&self, config: &LadderConfig, dir: impl AsRef<Path>) -> Result<()> {
        folder::save(config, self, dir.as_ref(), folder::whole)
    }

    /// The same in half the size, as [`Vae::save_half`](crate::model::Vae::save_half) does.
    ///
    /// # Errors
    ///
    /// Those of [`Vae::save_half`](crate::model::Vae::save_half).
    pub fn save_half(&self, config: &LadderConfig, dir: impl AsRef<Path>) -> Result<()> {
        folder::save(config, self, dir.as_ref(), halved)
    }

    /// Loads a model that [`save`](Self::save) wrote, and its configuration, as
    /// [`Vae::load`](crate::model::Vae::load) does.
    ///
    /// # Errors
    ///
    /// Those of [`Vae::load`](crate::model::Vae::load).
    pub fn load(dir: impl AsRef<Path>, device: &Device) -> Result<(LadderConfig, Self)> {
        folder::load(dir.as_ref(), device)
    }
}
