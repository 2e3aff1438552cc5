//! What is left of a training that was begun, and in which option another one differs from it.

use super::{
    files::{file_error, read_json, remove, replace},
    words,
};
use burn_bayes::{Error, Result, prelude::*};
use serde_json::{Value, json};
use std::{fs, io::ErrorKind, path::Path};

/// The model's configuration, beside what the library writes in the folder of a training. The
/// library sees whether a model has the same form, but not how its weights were drawn at first.
const MODEL: &str = "initial_model.json";
const SETTINGS: &str = "training.json";
const EVALUATION: &str = "evaluation.json";
const CHECKPOINTS: &str = "checkpoint";

/// All that a training, its evaluation and its model leave, besides checkpoints. The settings go
/// first: without them nothing goes on with the rest.
const FILES: [&str; 12] = [
    SETTINGS,
    EVALUATION,
    "report.json",
    "report.html",
    MODEL,
    "curve.csv",
    "samples.png",
    "model.json",
    "weights.bpk",
    "model/training.json",
    "model/model.json",
    "model/weights.bpk",
];

/// Entries of the files, and the options that decide them.
const OPTIONS: [(&str, &str); 10] = [
    ("/training/seed", "--seed"),
    ("/training/objective/num_samples", "--k"),
    ("/training/objective/charged_weights", "--weight-kl"),
    ("/training/objective/backward", "--prune"),
    ("/training/batch_size", "--batch-size"),
    ("/training/schedule", "--schedule` or `--learning-rate"),
    ("/model/hidden", "--hidden"),
    ("/model/d_latent", "--latent"),
    ("/model/initial_weight_std", "--initial-weight-std"),
    ("/model/products", "--products"),
];
/// "59600 rows of 784, a hash, how grey levels become binary".
const DATA: &str = "/training/inputs/train/fingerprint";

/// What a training begins with.
pub struct Begun<'a> {
    pub model: &'a VaeConfig,
    pub training: &'a TrainingConfig,
    /// The fingerprint of the data to train on, and the option that decides how many rows they
    /// have.
    pub data: (String, &'static str),
    /// The folder that the model is saved in after training.
    pub saved: &'a Path,
}

impl Begun<'_> {
    pub fn write(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).map_err(file_error("create", dir))?;
        replace(&dir.join(MODEL), &format!("{:#}\n", json!(self.model)))
    }

    pub fn write_if_missing(&self, dir: &Path) -> Result<()> {
        match dir.join(MODEL).exists() {
            true => Ok(()),
            false => self.write(dir),
        }
    }

    /// Refuses to go on with a training that was begun otherwise, by the option.
    pub fn check(&self, dir: &Path, done: usize) -> Result<()> {
        let here = json!({ "model": self.model, "training": self.training });
        let there = json!({
            "model": self.earlier_model(dir, done)?,
            "training": read_json(&dir.join(SETTINGS)),
        });
        for (place, option) in OPTIONS {
            // What an older version did not write is not compared.
            if let (Some(here), Some(there)) = (here.pointer(place), there.pointer(place))
                && here != there
            {
                return Err(other_option(option, [here, there], dir));
            }
        }
        let (here, rows_option) = &self.data;
        let there = there.pointer(DATA).and_then(Value::as_str).unwrap_or(here);
        for (part, option) in [(0, *rows_option), (2, "--binarization")] {
            let of = |text: &str| Value::from(text.splitn(3, ", ").nth(part));
            let (here, there) = (of(here), of(there));
            if here != there {
                return Err(other_option(option, [&here, &there], dir));
            }
        }
        Ok(())
    }

    /// The model's configuration at the beginning; null if there is nothing to go on with.
    fn earlier_model(&self, dir: &Path, done: usize) -> Result<Value> {
        let path = dir.join(MODEL);
        let wrong = |problem: String, cure: &str| Error::Data {
            name: path.display().to_string(),
            problem,
            cure: cure.into(),
        };
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                let cure = "remove that file and resume again";
                wrong(format!("is damaged: {error}"), cure)
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match read_json(&self.saved.join("model.json")) {
                    Some(saved) => Ok(saved["model"].clone()),
                    None if done == 0 => Ok(Value::Null),
                    None => Err(wrong(
                        "is missing, which says how weights were drawn at first".into(),
                        "put it back, or copy it from a run that is begun with the same options \
                         in another folder",
                    )),
                }
            }
            Err(error) => Err(file_error("read", &path)(error)),
        }
    }
}

fn other_option(option: &str, values: [&Value; 2], dir: &Path) -> Error {
    let dir = dir.display();
    let problem = match values.iter().any(|value| value.is_object()) {
        true => format!("is not that of the run in `{dir}`"),
        false => {
            let [here, there] = values.map(words::value);
            format!("is {here}, but the run in `{dir}` was begun with {there}")
        }
    };
    Error::Setting {
        name: option.into(),
        problem,
        cure: "give what it was begun with, another folder, or --overwrite instead of --resume"
            .into(),
    }
}

/// Whether one of these programs has begun something in a folder of results.
pub fn holds_run(out: &Path) -> bool {
    let begun = |dir: &Path| {
        let names = [SETTINGS, MODEL, EVALUATION];
        names.iter().any(|name| dir.join(name).exists())
    };
    let entries = out.read_dir().into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .any(|dir| begun(&dir) || begun(&dir.join(super::output::TRAINING)))
}

/// Whether the model in a folder, or its evaluation, is of a training elsewhere.
pub fn is_from_elsewhere(dir: &Path) -> bool {
    let there = |name: &str| dir.join(name).exists();
    (there("model/weights.bpk") || there(EVALUATION)) && !is_trained_here(dir)
}

/// Whether a folder holds a training of its own.
pub fn is_trained_here(dir: &Path) -> bool {
    dir.join(SETTINGS).exists() || dir.join(CHECKPOINTS).exists()
}

/// Removes what a training, its evaluation and its model left in a folder, and nothing else.
pub fn clear(dir: &Path) -> Result<()> {
    for name in FILES {
        remove(&dir.join(name))?;
    }
    let entries = dir.join(CHECKPOINTS).read_dir();
    for entry in entries.into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "bpk") {
            remove(&path)?;
        }
    }
    for folder in [CHECKPOINTS, "model"] {
        // Other files keep it.
        let _ = fs::remove_dir(dir.join(folder));
    }
    Ok(())
}
