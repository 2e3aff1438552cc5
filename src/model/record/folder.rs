//! What a folder of a saved model holds.

use super::configuration::refused;
use crate::{
    difference::Difference,
    error::{Error, Result},
    file,
    model::weights::{self, DAMAGED},
    network::{Family, Head},
    record::{self, Note, Sealed},
};
use burn::{
    module::Module,
    tensor::{Bytes, Device},
};
use serde::Serialize;
use serde_json::Value;
use std::{fmt::Display, fs, path::Path};

const CONFIG_FILE: &str = "model.json";
const WEIGHTS_FILE: &str = "weights.bpk";
/// Counts up when the meaning of the files changes.
const FORMAT: usize = 2;
/// The bytes of a stored number, at least.
const SMALLEST_NUMBER: usize = 2;
/// The only kind there was when files did not name it.
const FIRST_KIND: &str = "Vae";

/// What a model is made of again, but for its weights.
pub(super) trait Recipe: Serialize + Sized {
    /// The model.
    type Model: Module + Display;
    /// The name of its type.
    const KIND: &'static str;

    /// From JSON, of this version or an earlier one.
    fn read(json: Value) -> Result<Self, serde_json::Error>;

    /// Checks one that came from a file.
    fn check(&self) -> Result<()>;

    /// The widths of the encoder's layers, from its inputs to its latents; `None` if one is no
    /// `usize`.
    fn widths(&self) -> Option<Vec<usize>>;

    /// The number of outputs of other layers, the decoder's among them; `None` if it is no
    /// `usize`.
    fn other_outputs(&self) -> Option<usize>;

    /// The model, with some weights.
    fn make(&self, device: &Device) -> Self::Model;

    /// The recipe in a few words, for messages.
    fn words(&self) -> String;
}

/// What `model.json` holds, and the note in `weights.bpk`.
#[derive(Serialize)]
struct Saved<'a, R> {
    format: usize,
    kind: &'static str,
    model: &'a R,
}

/// What becomes of a record before it is written to a path.
pub(super) type Form = fn(Bytes, &Path) -> Result<Bytes>;

/// The record as it is.
pub(super) fn whole(record: Bytes, _: &Path) -> Result<Bytes> {
    Ok(record)
}

/// Saves a model and its recipe into a folder.
pub(super) fn save<R: Recipe>(recipe: &R, model: &R::Model, dir: &Path, form: Form) -> Result<()> {
    recipe.check()?;
    let structure = weights::structure(model);
    let device = model.devices().swap_remove(0).without_autodiff();
    let made = weights::structure(&recipe.make(&device));
    if let Some(difference) = Difference::of(&made, &structure) {
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
    let saved = Saved {
        format: FORMAT,
        kind: R::KIND,
        model: recipe,
    };
    let text = serde_json::to_string_pretty(&saved).map_err(|error| {
        let cure = "give a configuration that JSON can hold";
        Error::setting("config", error.to_string(), cure)
    })?;
    let note = Note {
        structure: Some(structure),
        config: Some(serde_json::json!(saved)),
        ..Note::default()
    };
    let path = dir.join(WEIGHTS_FILE);
    let record = form(weights::packed(model, &path)?, &path)?;
    record::write(&path, &record, &note)?;
    file::replace(&dir.join(CONFIG_FILE), &text)
}

/// Loads what [`save`] wrote.
pub(super) fn load<R: Recipe>(dir: &Path, device: &Device) -> Result<(R, R::Model)> {
    let weights = dir.join(WEIGHTS_FILE);
    let sealed = record::read(&weights, DAMAGED)?;
    let recipe: R = match sealed.note.as_ref().and_then(|note| note.config.clone()) {
        Some(json) => of_saved(json, &weights)?,
        // Other versions, and weights of a checkpoint.
        None => {
            let path = dir.join(CONFIG_FILE);
            let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
            let json = serde_json::from_str(&text);
            of_saved(json.map_err(|error| unreadable(&path, &error))?, &path)?
        }
    };
    let model = restored(&recipe, sealed, &weights, device)?;
    Ok((recipe, model))
}

/// The model of a recipe with the weights of a record.
pub(super) fn restored<R: Recipe>(
    recipe: &R,
    sealed: Sealed,
    path: &Path,
    device: &Device,
) -> Result<R::Model> {
    let other = format!(
        "load it with the configuration it was trained with; this one is {}",
        recipe.words()
    );
    // Making a model of sizes that its weights do not have may ask for more memory than there is.
    let numbers = recipe.widths().and_then(|widths| num_weights(&widths));
    // Each output has one weight at least.
    let numbers = numbers.and_then(|numbers| numbers.checked_add(recipe.other_outputs()?));
    if numbers.is_none_or(|numbers| numbers > sealed.bytes.len() / SMALLEST_NUMBER) {
        let problem = "is too small for the weights of its configuration";
        return Err(refused(path, &problem, &other));
    }
    weights::restore(recipe.make(device), sealed, path, &other)
}

/// The weights between layers of these widths; `None` if they are no `usize`.
fn num_weights(widths: &[usize]) -> Option<usize> {
    widths.windows(2).try_fold(0usize, |sum, pair| {
        sum.checked_add(pair[0].checked_mul(pair[1])?)
    })
}

/// What a likelihood asks of a decoder; `None` if it is no `usize`.
pub(super) fn num_outputs(family: Family, num_features: usize) -> Option<usize> {
    family.num_outputs(1).checked_mul(num_features)
}

/// The recipe in what `model.json` holds, of any version.
fn of_saved<R: Recipe>(mut json: Value, path: &Path) -> Result<R> {
    let format = &json["format"];
    if *format != FORMAT && *format != 1 {
        let problem = format!("has format {format}, this version reads 1 and {FORMAT}");
        return Err(unreadable(path, &problem));
    }
    let kind = json["kind"].as_str().unwrap_or(FIRST_KIND);
    if kind != R::KIND {
        let problem = format!("holds a `{kind}`, no `{}`", R::KIND);
        return Err(refused(
            path,
            &problem,
            &format!("load it by `{kind}::load`"),
        ));
    }
    let recipe = R::read(json["model"].take()).map_err(|error| unreadable(path, &error))?;
    recipe.check()?;
    Ok(recipe)
}

fn unreadable(path: &Path, problem: &dyn Display) -> Error {
    refused(path, problem, "save the model again with this version")
}
