//! A [`ConditionalVae`] in a folder.

use super::{
    configuration,
    folder::{self, Form, Recipe},
    vae::widths_above,
};
use crate::{
    error::Result,
    model::{ConditionalVae, VaeConfig, half_record::halved},
    noise::Noise,
};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;

/// A configuration, and the number of covariates, which it does not know.
#[derive(Serialize)]
struct Conditional {
    num_covariates: usize,
    vae: VaeConfig,
}

impl Recipe for Conditional {
    type Model = ConditionalVae;
    const KIND: &'static str = "ConditionalVae";

    fn read(json: Value) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            num_covariates: usize,
            vae: Value,
        }
        let parts: Parts = serde_json::from_value(json)?;
        Ok(Self {
            num_covariates: parts.num_covariates,
            vae: configuration::read(parts.vae)?,
        })
    }

    fn check(&self) -> Result<()> {
        self.vae.validate()
    }

    fn widths(&self) -> Option<Vec<usize>> {
        let d_input = self.vae.d_data.checked_add(self.num_covariates)?;
        Some(widths_above(d_input, &self.vae))
    }

    fn other_outputs(&self) -> Option<usize> {
        self.vae.other_outputs()
    }

    fn make(&self, device: &Device) -> ConditionalVae {
        let noise = &mut Noise::seeded(0);
        self.vae
            .init_conditional(self.num_covariates, device, noise)
    }

    fn words(&self) -> String {
        let covariates = self.num_covariates;
        format!("{}, {covariates} covariates", self.vae.words())
    }
}

impl ConditionalVae {
    /// Saves the model into a folder, which is made if need be, as [`Vae::save`] does. The number
    /// of covariates is saved with it.
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
    /// let config = VaeConfig::new(4, 2).with_hidden(vec![8]);
    /// let model = config.init_conditional(3, &device, &mut Noise::seeded(0));
    /// model.save(&config, &dir)?;
    /// let (config, same) = ConditionalVae::load(&dir, &device)?;
    /// assert_eq!((config.d_data, same.num_covariates()), (4, 3));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn save(&self, config: &VaeConfig, dir: impl AsRef<Path>) -> Result<()> {
        self.save_as(config, dir.as_ref(), folder::whole)
    }

    /// The same in half the size, as [`Vae::save_half`](crate::model::Vae::save_half) does.
    ///
    /// # Errors
    ///
    /// Those of [`Vae::save_half`](crate::model::Vae::save_half).
    pub fn save_half(&self, config: &VaeConfig, dir: impl AsRef<Path>) -> Result<()> {
        self.save_as(config, dir.as_ref(), halved)
    }

    fn save_as(&self, config: &VaeConfig, dir: &Path, form: Form) -> Result<()> {
        let recipe = Conditional {
            num_covariates: self.num_covariates(),
            vae: config.clone(),
        };
        folder::save(&recipe, self, dir, form)
    }

    /// Loads a model that [`save`](Self::save) wrote, and its configuration, as
    /// [`Vae::load`](crate::model::Vae::load) does. The model knows its
    /// [number of covariates](Self::num_covariates).
    ///
    /// # Errors
    ///
    /// Those of [`Vae::load`](crate::model::Vae::load).
    pub fn load(dir: impl AsRef<Path>, device: &Device) -> Result<(VaeConfig, Self)> {
        let (recipe, model) = folder::load::<Conditional>(dir.as_ref(), device)?;
        Ok((recipe.vae, model))
    }
}
