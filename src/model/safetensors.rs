//! Weights for other programs, and from them.

use super::weights::{packed, restore, structure};
use crate::{
    error::{Error, Result},
    interchange,
    record::{Note, Sealed},
};
use burn::{
    module::Module,
    tensor::{Bytes, TensorData},
};
use burn_pack::{Reader, Tensor, Writer};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt::Display, path::Path};

/// Saves the weights of any model as a safetensors file, which PyTorch, JAX and others read.
///
/// The file also holds the model's configuration (give `&()` if there is none) and the text that
/// the model prints.
///
/// A parameter's name is its path in the model, with dots. A layer's weight is `[d_input,
/// d_output]`, for y = x W + b. PyTorch's linear layers have the transposed matrix. A random weight
/// has two entries, mean and log-variance. Numbers keep their type.
///
/// The file's metadata has an entry `burn_bayes`: JSON with the configuration as `config`. The file
/// is replaced as a whole, and its folder created if needed. It has no checksum: within this
/// library, use [`save_weights`](super::save_weights).
///
/// # Errors
///
/// - [`Error::Io`] if the folder or the file cannot be written.
/// - [`Error::Record`] if weights cannot be read from their device, or are of a type that the
///   format has not.
/// - [`Error::Setting`] if the configuration cannot be written as JSON.
///
/// # Example
///
/// ```
/// use burn_bayes::{model::{load_safetensors, safetensors_config, save_safetensors}, prelude::*};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("mine.safetensors");
/// let device = Device::default();
/// let config = VaeConfig::new(4, 2).with_hidden(vec![8]);
/// let model = config.init(&device, &mut Noise::seeded(1));
/// save_safetensors(&model, &config, &path)?;
///
/// let config: VaeConfig = safetensors_config(&path)?;
/// let same = load_safetensors(config.init(&device, &mut Noise::seeded(2)), &path)?;
/// # let bits = |model: &Vae| model.posterior_mean().unwrap_or(model.clone()).to_string();
/// # assert_eq!(bits(&same), bits(&model));
/// # Ok::<(), Error>(())
/// ```
pub fn save_safetensors<M: Module + Display>(
    model: &M,
    config: &impl Serialize,
    path: impl AsRef<Path>,
) -> Result<()> {
    let path = path.as_ref();
    let config = serde_json::to_value(config).map_err(|error| {
        let cure = "give a configuration that JSON can hold";
        Error::setting("config", error.to_string(), cure)
    })?;
    let note = Note {
        structure: Some(structure(model)),
        config: Some(config).filter(|config| !config.is_null()),
        ..Note::default()
    };
    let tensors = unpacked(packed(model, path)?).map_err(failed(path))?;
    interchange::write(path, &tensors, &note)
}

/// The model with the weights of a safetensors file.
///
/// The file comes from [`save_safetensors`], or from another program with the same names and
/// shapes. Numbers of another type are cast to the model's type.
///
/// # Errors
///
/// - [`Error::Io`] if the file cannot be read.
/// - [`Error::Record`] if it is incomplete, has other parameters than the model, or if the saved
///   model printed another text, for example another activation. Files of other programs have no
///   such text, so it is not compared.
pub fn load_safetensors<M: Module + Display>(model: M, path: impl AsRef<Path>) -> Result<M> {
    let path = path.as_ref();
    let (tensors, note) = interchange::read(path)?;
    let sealed = Sealed {
        bytes: pack(tensors).map_err(failed(path))?,
        note: note.map(|note| read_note(note, path)).transpose()?,
    };
    let other = "load it into a model like the one it is of";
    restore(model, sealed, path, other)
}

/// The configuration that [`save_safetensors`] wrote with a model.
///
/// # Errors
///
/// - [`Error::Io`] if the file cannot be read.
/// - [`Error::Record`] if it is incomplete, or has no such configuration.
pub fn safetensors_config<C: DeserializeOwned>(path: impl AsRef<Path>) -> Result<C> {
    let path = path.as_ref();
    let (_, note) = interchange::read(path)?;
    let note = note.map(|note| read_note(note, path)).transpose()?;
    let wrong = |problem: String| Error::Record {
        name: path.display().to_string(),
        problem,
        cure: "make the model by the settings that it was made with".into(),
    };
    let config = note.and_then(|note| note.config);
    let config = config.ok_or_else(|| wrong("has no configuration".into()))?;
    let read = serde_json::from_value(config);
    read.map_err(|error| wrong(format!("has another configuration: {error}")))
}

fn read_note(note: serde_json::Value, path: &Path) -> Result<Note> {
    serde_json::from_value(note).map_err(|error| Error::Record {
        name: path.display().to_string(),
        problem: format!("is none of a model's weights: {error}"),
        cure: "give a file written by `save_safetensors`".into(),
    })
}

fn failed(path: &Path) -> impl Fn(burn_pack::Error) -> Error {
    move |error| Error::Record {
        name: path.display().to_string(),
        problem: error.to_string(),
        cure: "this is a mistake in the library".into(),
    }
}

/// The tensors of burn's record.
fn unpacked(record: Bytes) -> Result<Vec<(String, TensorData)>, burn_pack::Error> {
    let tensors = Reader::from_bytes(record)?.into_tensors()?.into_iter();
    let tensors = tensors.map(|tensor| {
        let (name, dtype, shape, _, bytes) = tensor.into_parts()?;
        Ok((name, TensorData::from_bytes(bytes, shape, dtype)))
    });
    tensors.collect()
}

/// A record in burn's format. Its parameters have no ids, since they belong to no module yet.
fn pack(tensors: Vec<(String, TensorData)>) -> Result<Bytes, burn_pack::Error> {
    let tensors = tensors.into_iter().map(|(name, data)| {
        let (bytes, shape, dtype) = data.into_parts();
        Tensor::new(name, dtype, shape, None, bytes)
    });
    Writer::new(tensors.collect()).into_bytes()
}
