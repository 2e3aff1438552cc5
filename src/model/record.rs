//! Saving a model with its configuration, and loading it again.

use super::{
    Vae, VaeConfig,
    half_record::halved,
    weights::{self, DAMAGED},
};
use crate::{
    difference::Difference,
    error::{Error, Result},
    file,
    noise::Noise,
    record::{self, Note, Sealed},
};
use burn::{
    config::Config,
    module::Module,
    tensor::{Bytes, Device},
};
use std::{fs, path::Path};

const CONFIG_FILE: &str = "model.json";
const WEIGHTS_FILE: &str = "weights.bpk";
/// The version of the file format: it increases when the meaning of the files changes.
const FORMAT: usize = 2;

/// What `model.json` holds, and the note in `weights.bpk`.
#[derive(Config, Debug)]
struct SavedModel {
    format: usize,
    model: VaeConfig,
}

impl Vae {
    /// Saves the model into a folder, which is made if need be.
    ///
    /// `weights.bpk` holds all of it: the weights, the configuration and a checksum. It is written
    /// to a temporary file and renamed, so an interrupted save leaves the old model intact.
    /// `model.json` holds the configuration for people and other programs; [`load`](Self::load)
    /// does not need it.
    ///
    /// # Errors
    ///
    /// - [`Error::Setting`] if the configuration is not that of this model. The message names the
    ///   first difference. A model at its posterior mean has the configuration without uncertainty.
    /// - [`Error::Io`] if a file cannot be written.
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
        self.save_as(config, dir.as_ref(), |record, _| Ok(record))
    }

    /// The same with weights rounded to 16 bits, in a file of half the size: for models to publish.
    ///
    /// Rounding changes a weight by at most 0.05 % or 3·10⁻⁸, whichever is larger.
    /// [`load`](Self::load) gives the device's own float type.
    ///
    /// # Errors
    ///
    /// Those of [`save`](Self::save), and [`Error::Record`] for weights beyond ±65,504.
    pub fn save_half(&self, config: &VaeConfig, dir: impl AsRef<Path>) -> Result<()> {
        self.save_as(config, dir.as_ref(), halved)
    }

    fn save_as(
        &self,
        config: &VaeConfig,
        dir: &Path,
        form: impl Fn(Bytes, &Path) -> Result<Bytes>,
    ) -> Result<()> {
        config.validate()?;
        let structure = self.to_string();
        let device = self.devices().swap_remove(0).without_autodiff();
        if let Some(difference) = Difference::of(&config.structure(&device), &structure) {
            let problem = format!(
                "makes another model: it makes {}, the model has {}{}",
                difference.one,
                difference.other,
                difference.inside()
            );
            let cure = "give the configuration that the model was made with";
            return Err(Error::setting("config", problem, cure));
        }
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let saved = SavedModel::new(FORMAT, config.clone());
        let note = Note {
            structure: Some(structure),
            config: Some(serde_json::json!(saved)),
            ..Note::default()
        };
        let path = dir.join(WEIGHTS_FILE);
        let record = form(weights::packed(self, &path)?, &path)?;
        record::write(&path, &record, &note)?;
        file::replace(&dir.join(CONFIG_FILE), &saved.to_string())
    }

    /// Loads a model that [`save`](Self::save) wrote, and its configuration.
    ///
    /// The weights are equal to the bit if the device's default float type is that of the record.
    /// They are read into memory at once: later changes of the files have no effect.
    ///
    /// # Errors
    ///
    /// If a file is missing, cannot be read or is damaged, or the weights do not fit the
    /// configuration.
    pub fn load(dir: impl AsRef<Path>, device: &Device) -> Result<(VaeConfig, Self)> {
        let dir = dir.as_ref();
        let weights = dir.join(WEIGHTS_FILE);
        let sealed = record::read(&weights, DAMAGED)?;
        let config = match sealed.note.as_ref().and_then(|note| note.config.clone()) {
            Some(json) => saved_config(json, &weights)?,
            // The file was written by another version, or holds the weights of a checkpoint.
            None => {
                let path = dir.join(CONFIG_FILE);
                let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
                let json = serde_json::from_str(&text);
                saved_config(json.map_err(|error| unreadable(&path, &error))?, &path)?
            }
        };
        let model = config.model_of(sealed, &weights, device)?;
        Ok((config, model))
    }
}

/// The configuration from the contents of a `model.json` of any version.
fn saved_config(mut json: serde_json::Value, path: &Path) -> Result<VaeConfig> {
    let format = json["format"].clone();
    if format == 1 && json["model"].is_object() {
        json["model"]["products"] = "Full".into(); // the only ones there were
    } else if format != FORMAT && format != 1 {
        let problem = format!("has format {format}, this version reads 1 and {FORMAT}");
        return Err(unreadable(path, &problem));
    }
    if json["model"]["above"].is_null() && json["model"].is_object() {
        json["model"]["above"] = serde_json::json!([]); // likewise
    }
    let saved: SavedModel =
        serde_json::from_value(json).map_err(|error| unreadable(path, &error))?;
    saved.model.validate()?;
    Ok(saved.model)
}

fn unreadable(path: &Path, problem: &dyn std::fmt::Display) -> Error {
    Error::Record {
        name: path.display().to_string(),
        problem: problem.to_string(),
        cure: "save the model again with this version".into(),
    }
}

impl VaeConfig {
    /// Makes the model with the weights of a record, as [`Vae::save`] and training checkpoints
    /// write them. They are read into memory at once: later changes of the file have no effect.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be read.
    /// - [`Error::Record`] if it is damaged or holds another model: other sizes, other layers,
    ///   random weights for fixed ones, another activation, scale or prior.
    pub fn load_weights(&self, path: impl AsRef<Path>, device: &Device) -> Result<Vae> {
        let path = path.as_ref();
        self.validate()?;
        self.model_of(record::read(path, DAMAGED)?, path, device)
    }

    /// The text that a model of this configuration prints.
    fn structure(&self, device: &Device) -> String {
        self.init(device, &mut Noise::seeded(0)).to_string()
    }

    fn model_of(&self, sealed: Sealed, path: &Path, device: &Device) -> Result<Vae> {
        let other = format!(
            "load it with the configuration it was trained with; this one is {} - {:?} - {}, uncertainty {:?}",
            self.d_data, self.hidden, self.d_latent, self.uncertainty
        );
        let model = self.init(device, &mut Noise::seeded(0));
        weights::restore(model, sealed, path, &other)
    }
}
