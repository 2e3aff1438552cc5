//! Configurations in files, of this version and of earlier ones.
//!
//! burn derives how a configuration is read, and takes no defaults for fields that are not there.
//! So the defaults are put into the JSON before.

use crate::{
    error::Error,
    model::{IncompleteVaeConfig, LadderConfig, Latents, VaeConfig},
    network::{Columns, Family},
};
use burn::config::Config;
use serde_json::Value;
use std::{fmt::Display, path::Path};

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

/// The configuration in JSON. A field that is not there has its default.
pub(super) fn read<C: Configuration>(mut json: Value) -> Result<C, serde_json::Error> {
    complete(&mut json, C::with_defaults(), C::REQUIRED);
    let latents = C::LATENTS.and_then(|field| json.get_mut(field)?.as_array_mut());
    for layer in latents.into_iter().flatten() {
        complete(layer, serde_json::json!(Latents::new(1)), &["d_latent"]);
    }
    serde_json::from_value(json)
}

fn complete(json: &mut Value, defaults: Value, required: &[&str]) {
    if let (Value::Object(fields), Value::Object(defaults)) = (json, defaults) {
        for (name, value) in defaults {
            if !required.contains(&&*name) {
                fields.entry(name).or_insert(value);
            }
        }
    }
}

/// An error about a file.
pub(super) fn refused(path: &Path, problem: &dyn Display, cure: &str) -> Error {
    Error::Record {
        name: path.display().to_string(),
        problem: problem.to_string(),
        cure: cure.into(),
    }
}
