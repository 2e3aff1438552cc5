//! Saving a model with its configuration, and loading it again.

use super::{Vae, VaeConfig};
use crate::{
    error::{Error, Result},
    file,
    noise::Noise,
};
use burn::{
    config::Config,
    module::Module,
    store::{ModuleRecord, RecordError},
    tensor::Device,
};
use std::{fs, path::Path};

const CONFIG_FILE: &str = "model.json";
const WEIGHTS_FILE: &str = "weights.bpk";
/// Counts up when the meaning of the files changes.
const FORMAT: usize = 2;

/// What `model.json` holds.
#[derive(Config, Debug)]
struct SavedModel {
    format: usize,
    model: VaeConfig,
}

impl Vae {
    /// Saves the model into a folder, which is made if need be: its configuration as `model.json` and
    /// its weights as `weights.bpk`. Each file is written aside and renamed, so an interrupted save
    /// leaves the old one; both replace what was there.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
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
        let dir = dir.as_ref();
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;

        let weights = dir.join(WEIGHTS_FILE);
        self.clone()
            .into_record()
            .save(&weights)
            .map_err(|error| Error::Record {
                name: weights.display().to_string(),
                problem: error.to_string(),
                cure: "see that the folder can be written and the disk has room".into(),
            })?;

        let saved = SavedModel::new(FORMAT, config.clone());
        file::replace(&dir.join(CONFIG_FILE), &saved.to_string())
    }

    /// Loads a model that [`save`](Self::save) wrote, and its configuration.
    ///
    /// The weights are equal to the bit if the device's default float type is that of the record.
    ///
    /// # Errors
    ///
    /// If a file is missing or cannot be read, or the weights do not fit the configuration.
    pub fn load(dir: impl AsRef<Path>, device: &Device) -> Result<(VaeConfig, Self)> {
        let path = dir.as_ref().join(CONFIG_FILE);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let unreadable = |problem: String| Error::Record {
            name: path.display().to_string(),
            problem,
            cure: "save the model again with this version".into(),
        };
        let wrong = |error: serde_json::Error| unreadable(error.to_string());
        let mut json: serde_json::Value = serde_json::from_str(&text).map_err(wrong)?;
        let format = json["format"].clone();
        if format == 1 && json["model"].is_object() {
            json["model"]["products"] = "Full".into(); // the only ones there were
        } else if format != FORMAT {
            return Err(unreadable(format!(
                "has format {format}, this version reads 1 and {FORMAT}"
            )));
        }
        let saved: SavedModel = serde_json::from_value(json).map_err(wrong)?;
        saved.model.validate()?;
        let model = saved
            .model
            .load_weights(dir.as_ref().join(WEIGHTS_FILE), device)?;
        Ok((saved.model, model))
    }
}

impl VaeConfig {
    /// Makes the model with the weights of a record, as [`Vae::save`] and training checkpoints write
    /// them.
    ///
    /// # Errors
    ///
    /// [`Error::Record`] if the file cannot be read or holds a model of another architecture: other
    /// sizes, other layers, random weights for fixed ones.
    pub fn load_weights(&self, path: impl AsRef<Path>, device: &Device) -> Result<Vae> {
        let path = path.as_ref();
        let failed = |error: RecordError| Error::Record {
            name: path.display().to_string(),
            cure: match &error {
                RecordError::Io(_) => "give the path of a record written by `save`".into(),
                RecordError::Validation(_) => format!(
                    "load it with the configuration it was trained with; this one is {} - {:?} - {}, uncertainty {:?}",
                    self.d_data, self.hidden, self.d_latent, self.uncertainty
                ),
            },
            problem: error.to_string(),
        };
        let record = ModuleRecord::load(path).map_err(failed)?;
        self.init(device, &mut Noise::seeded(0))
            .try_load_record(record.cast_to_module_dtype())
            .map_err(failed)
    }
}
