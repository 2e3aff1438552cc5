//! The settings of a training in a file.

use super::{Bound, Objective, TrainingConfig, start::INPUTS};
use crate::{
    configuration::{complete, unknown},
    error::{Error, Result},
};
use burn::config::{Config, ConfigError};
use serde_json::{Value, json};
use std::{fmt::Display, fs, path::Path};

impl TrainingConfig {
    /// Reads settings that [`save`](burn::config::Config::save) wrote, or the `training.json` of a
    /// run: a field that is not there has its default.
    ///
    /// A file has only the name of an optimizer or a bound of one's own. Set it again before
    /// `fit`, which asks for it.
    ///
    /// burn's function of this name ignores fields that are not known, such as misspelled ones;
    /// this one stands in its place.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be read.
    /// - [`Error::Record`] if it holds no such settings, or fields that are not known.
    /// - [`Error::Setting`] where [`validate`](Self::validate) finds one.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::{prelude::*, train::TrainingConfig};
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("training.json");
    /// let text = r#"{ "objective": { "bound": "Iwae", "num_samples": 25 }, "epochs": 30 }"#;
    /// std::fs::write(&path, text).unwrap();
    /// let training = TrainingConfig::load(&path)?;
    /// assert_eq!(training, TrainingConfig::new(Objective::iwae(25)).with_epochs(30));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let wrong = |problem: &dyn Display| Error::Record {
            name: path.display().to_string(),
            problem: problem.to_string(),
            cure: "give a file that the configuration's `save` wrote".into(),
        };
        let mut json: Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        if let Some(fields) = json.as_object_mut() {
            fields.remove(INPUTS); // of a run
        }
        let defaults = json!(Self::new(Objective::iwae(1)));
        let objective = &defaults["objective"];
        let of_objective = json
            .get("objective")
            .and_then(|json| unknown(json, objective));
        if let Some(field) = unknown(&json, &defaults).or(of_objective) {
            return Err(wrong(&format!("has a field `{field}`, which is not known")));
        }
        let config = Self::completed(json).map_err(|error| wrong(&error))?;
        let mut in_file = config.clone();
        in_file.optimizer = None;
        if let Bound::Own(_) = in_file.objective.bound {
            in_file.objective.bound = Bound::Iwae;
        }
        in_file.validate()?;
        Ok(config)
    }

    /// The settings in a file of this version or an earlier one: what is not there has its default.
    pub(super) fn completed(mut json: Value) -> Result<Self, ConfigError> {
        let defaults = json!(Self::new(Objective::iwae(1)));
        if let Some(objective) = json.get_mut("objective") {
            let required = &["bound", "num_samples"];
            complete(objective, defaults["objective"].clone(), required);
        }
        complete(&mut json, defaults, &["objective"]);
        Self::load_binary(json.to_string().as_bytes())
    }
}
