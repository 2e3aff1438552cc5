//! Configurations in files, of this version and of earlier ones.
//!
//! burn derives how a configuration is read, and takes no defaults for fields that are not there.
//! So the defaults are put into the JSON before.

use crate::{
    configuration::{complete, unknown},
    error::{Error, Result},
    model::{IncompleteVaeConfig, LadderConfig, Latents, VaeConfig},
    network::{Columns, Family},
};
use burn::config::Config;
use serde_json::Value;
use std::{fmt::Display, fs, path::Path};

/// A configuration of which earlier versions may have had fewer fields.
pub(super) trait Configuration: Config {
    /// Its fields without a default.
    const REQUIRED: &'static [&'static str];
    /// Its field that holds [`Latents`], if it has one.
    const LATENTS: Option<&'static str>;

    /// Any one, its other fields being at their defaults.
    fn with_defaults() -> Value;
}

impl Configuration for VaeConfig {
    const REQUIRED: &'static [&'static str] = &["d_data", "d_latent"];
    const LATENTS: Option<&'static str> = Some("above");

    fn with_defaults() -> Value {
        serde_json::json!(Self::new(1, 1))
    }
}

impl Configuration for IncompleteVaeConfig {
    const REQUIRED: &'static [&'static str] = &["columns", "d_latent"];
    const LATENTS: Option<&'static str> = None;

    fn with_defaults() -> Value {
        serde_json::json!(Self::new(Columns::new([(Family::Bernoulli, 1)]), 1))
    }
}

impl Configuration for LadderConfig {
    const REQUIRED: &'static [&'static str] = &["d_data", "layers"];
    const LATENTS: Option<&'static str> = Some("layers");

    fn with_defaults() -> Value {
        serde_json::json!(Self::new(1, Vec::new()))
    }
}

/// The configuration in JSON. A field that is not there has its default, so one that is misspelled
/// is refused.
pub(super) fn read<C: Configuration>(mut json: Value) -> Result<C, serde_json::Error> {
    let layers = C::LATENTS.and_then(|field| json.get(field)?.as_array());
    let latents = serde_json::json!(Latents::new(1));
    let of_layers = (layers.into_iter().flatten()).find_map(|layer| unknown(layer, &latents));
    if let Some(field) = unknown(&json, &C::with_defaults()).or(of_layers) {
        let problem = format!("has a field `{field}`, which is not known");
        return Err(serde::de::Error::custom(problem));
    }
    complete(&mut json, C::with_defaults(), C::REQUIRED);
    let latents = C::LATENTS.and_then(|field| json.get_mut(field)?.as_array_mut());
    for layer in latents.into_iter().flatten() {
        complete(layer, serde_json::json!(Latents::new(1)), &["d_latent"]);
    }
    serde_json::from_value(json)
}

/// The configuration in a file.
fn load<C: Configuration>(path: &Path) -> Result<C> {
    let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
    let cure = "give a file that the configuration's `save` wrote";
    let wrong = |problem: &dyn Display| refused(path, problem, cure);
    let json: Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    read(json).map_err(|error| wrong(&error))
}

/// An error about a file.
pub(super) fn refused(path: &Path, problem: &dyn Display, cure: &str) -> Error {
    Error::Record {
        name: path.display().to_string(),
        problem: problem.to_string(),
        cure: cure.into(),
    }
}

impl VaeConfig {
    /// Reads a configuration that [`save`](burn::config::Config::save) wrote, in this version or in
    /// an earlier one: a field that is not there has its default.
    ///
    /// burn's function of this name refuses such files; this one stands in its place.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be read.
    /// - [`Error::Record`] if it is no such configuration, or has fields that are not known.
    /// - [`Error::Setting`] where [`validate`](Self::validate) finds one.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("vae.json");
    /// std::fs::write(&path, r#"{ "d_data": 784, "d_latent": 40, "hidden": [200] }"#).unwrap();
    /// let config = VaeConfig::load(&path)?;
    /// assert_eq!((config.hidden, config.likelihood), (vec![200], Family::Bernoulli));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let config: Self = load(path.as_ref())?;
        config.validate()?;
        Ok(config)
    }
}

impl IncompleteVaeConfig {
    /// Reads a configuration that [`save`](burn::config::Config::save) wrote, in this version or in
    /// an earlier one: a field that is not there has its default.
    ///
    /// # Errors
    ///
    /// Those of [`VaeConfig::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let config: Self = load(path.as_ref())?;
        config.validate()?;
        Ok(config)
    }
}

impl LadderConfig {
    /// Reads a configuration that [`save`](burn::config::Config::save) wrote, in this version or in
    /// an earlier one: a field that is not there has its default.
    ///
    /// # Errors
    ///
    /// Those of [`VaeConfig::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let config: Self = load(path.as_ref())?;
        config.validate()?;
        Ok(config)
    }
}
