//! The models that runs leave: others begin with them, `units` and `publish` take them.

use crate::{
    common::files::{read_json, replace},
    run::Run,
};
use burn_bayes::{Error, Result, prelude::*};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The run that made a model, in the folder of that model.
const RUN: &str = "run.json";

/// In the folder of those that a study's runs leave.
fn folder(run: &Run, out: &Path) -> PathBuf {
    out.join(run.file_name()).join("model")
}

pub fn save(run: &Run, out: &Path, config: &VaeConfig, model: &Vae) -> Result<()> {
    let folder = folder(run, out);
    model.save(config, &folder)?;
    replace(&folder.join(RUN), &json!(run).to_string())
}

/// The model that a run has left, and its configuration.
pub fn load(run: &Run, out: &Path, device: &Device) -> Result<(VaeConfig, Vae)> {
    let folder = folder(run, out);
    if read_json(&folder.join(RUN)) == Some(json!(run)) {
        return Vae::load(&folder, device);
    }
    let name = &run.name;
    Err(Error::Setting {
        name: name.clone(),
        problem: format!(
            "has left no model in {}, or it is another run's",
            folder.display()
        ),
        cure: format!("train it with `--only {name}`, if its result is there with other --results"),
    })
}

/// Saves the model that a run has left in half the size.
pub fn publish(run: &Run, out: &Path, to: &Path) -> Result<()> {
    let (config, model) = load(run, out, &Device::default())?;
    let place = match run.seed {
        1 => to.join(&run.name),
        _ => to.join(run.file_name()),
    };
    model.save_half(&config, &place)?;
    println!("written: {}", place.display());
    Ok(())
}
