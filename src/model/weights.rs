//! Saving and loading the weights of any model.

use crate::{
    difference::Difference,
    error::{Error, Result},
    file,
    record::{self, Note, Sealed},
};
use burn::{
    module::Module,
    store::{ModuleRecord, RecordError},
    tensor::Bytes,
};
use burn_pack::{Reader, Tensor, Writer};
use std::{fmt::Display, path::Path};

/// What to do about a damaged record.
pub(super) const DAMAGED: &str = "take it from a copy, or save the model again";
/// What batch normalization prints while it is not training, as after `valid`.
const AT_REST: &str = ", training: disabled";

/// Saves the weights of any model into a file, with a checksum and the text that the model prints.
///
/// The file is written to a temporary one and renamed. Its folder is created if needed.
///
/// # Errors
///
/// [`Error::Io`] if the folder or the file cannot be written, [`Error::Record`] if weights cannot
/// be read from their device.
///
/// # Example
///
/// ```
/// use burn_bayes::{model::{load_weights, save_weights}, prelude::*};
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("mine.bpk");
/// let make = |seed| {
///     let (device, mut noise) = (Device::default(), Noise::seeded(seed));
///     let encoder = GaussianEncoder::new(&MlpConfig::new(4, vec![8], 2), &device, &mut noise);
///     let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![8], 4), &device, &mut noise);
///     Vae::from_parts(encoder, StandardNormal::new(2), decoder)
/// };
/// save_weights(&make(1), &path)?;
/// let same = load_weights(make(2), &path)?;
/// # let bits = |model: &Vae<_, _, BernoulliDecoder>| model.decoder.network.layers[0].posterior_mean().to_string();
/// # assert_eq!(bits(&same), bits(&make(1)));
/// # Ok::<(), Error>(())
/// ```
pub fn save_weights<M: Module + Display>(model: &M, path: impl AsRef<Path>) -> Result<()> {
    let note = Note {
        structure: Some(structure(model)),
        ..Note::default()
    };
    write(model, path.as_ref(), &note)
}

/// The model with the weights of a record, as [`save_weights`] and training checkpoints write them.
/// They are read into memory at once: later changes of the file have no effect.
///
/// A clone of a model shares its running averages of batch normalization. Give `model.valid()` in
/// its place to keep those of the original.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read; [`Error::Record`] if it is damaged, or if the saved
/// model printed another text or has other parameters.
pub fn load_weights<M: Module + Display>(model: M, path: impl AsRef<Path>) -> Result<M> {
    let path = path.as_ref();
    let sealed = record::read(path, DAMAGED)?;
    restore(
        model,
        sealed,
        path,
        "load it into a model like the one it is of",
    )
}

/// What a model prints, by which it is told from others. Whether batch normalization is training at
/// the moment is no part of that.
pub(super) fn structure(model: &impl Display) -> String {
    model.to_string().replace(AT_REST, "")
}

pub(super) fn write<M: Module>(model: &M, path: &Path, note: &Note) -> Result<()> {
    file::create_folder_of(path)?;
    record::write(path, &packed(model, path)?, note)
}

/// Enters what the last training forward has found into the running averages of batch
/// normalization. burn does so before the next one, and a record has them as they were.
fn settle<M: Module>(model: &M) {
    drop(model.valid());
}

/// The record of a model, as bytes for a file.
pub(super) fn packed<M: Module>(model: &M, path: &Path) -> Result<Bytes> {
    settle(model);
    let bytes = model.clone().into_record().into_bytes();
    bytes.map_err(|error| Error::Record {
        name: path.display().to_string(),
        problem: error.to_string(),
        cure: "see that the device can be read".into(),
    })
}

/// The model with the weights of a record. `other` is the cure in the error for a record of another
/// model.
pub(super) fn restore<M: Module + Display>(
    model: M,
    sealed: Sealed,
    path: &Path,
    other: &str,
) -> Result<M> {
    let failed = |problem: String, cure: &str| Error::Record {
        name: path.display().to_string(),
        problem,
        cure: cure.into(),
    };
    let noted = sealed.note.and_then(|note| note.structure);
    if let Some(there) = &noted
        && let Some(difference) = Difference::of(&structure(&model), &structure(there))
    {
        let problem = format!(
            "is of another model: it has {}, this one {}{}",
            difference.other,
            difference.one,
            difference.inside()
        );
        return Err(failed(problem, other));
    }
    let wrong = |error: RecordError| {
        let cure = match &error {
            RecordError::Io(_) => "give the path of a record written by `save`",
            RecordError::Validation(_) => other,
        };
        failed(error.to_string(), cure)
    };
    let bytes = match noted {
        Some(_) => sealed.bytes,
        None => {
            let own = packed(&model, path)?;
            renamed(sealed.bytes, own).map_err(|error| wrong(error.into()))?
        }
    };
    let record = ModuleRecord::from_bytes(bytes).map_err(wrong)?;
    let record = record.cast_to_module_dtype();
    settle(&model);
    model.try_load_record(record).map_err(wrong)
}

/// The record with the present names of parameters. Records without a seal have older names, but
/// for models of a user's own that have such names now, as the record `own` of the model shows.
fn renamed(bytes: Bytes, own: Bytes) -> Result<Bytes, burn_pack::Error> {
    const NAMES: [[&str; 2]; 3] = [
        ["encoder.mlp.", "encoder.network."],
        ["decoder.Bernoulli.mlp.", "decoder.network."],
        ["decoder.Gaussian.mlp.", "decoder.network."],
    ];
    let mut taken = Vec::new();
    for tensor in Reader::from_bytes(own)?.into_tensors()? {
        taken.push(tensor.into_parts()?.0);
    }
    let older = NAMES.into_iter().filter(|[old, _]| {
        let mut taken = taken.iter();
        !taken.any(|name| name.starts_with(old))
    });
    let older: Vec<[&str; 2]> = older.collect();
    let tensors = Reader::from_bytes(bytes)?.into_tensors()?.into_iter();
    let tensors = tensors.map(|tensor| {
        let (name, dtype, shape, id, bytes) = tensor.into_parts()?;
        let found = older.iter().find(|[old, _]| name.starts_with(old));
        let [old, new] = found.copied().unwrap_or_default();
        let name = format!("{new}{}", &name[old.len()..]);
        Ok(Tensor::new(name, dtype, shape, id, bytes))
    });
    Writer::new(tensors.collect::<Result<_, burn_pack::Error>>()?).into_bytes()
}
