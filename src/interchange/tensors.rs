//! A safetensors file: named tensors, and a note.
//!
//! The note is JSON, in one entry of the file's metadata. There is only one, since the order of
//! several entries would change from run to run.

use crate::{
    error::{Error, Result},
    file,
};
use burn::tensor::{BoolStore, Bytes, DType, TensorData};
use safetensors::{Dtype, SafeTensors, serialize, tensor::TensorView};
use serde::Serialize;
use std::{fs, path::Path};

const NOTE: &str = "burn_bayes";

/// Writes tensors and a note, as a whole or not at all. The folder is created if needed.
///
/// # Errors
///
/// If the folder or the file cannot be written, or the format does not have the type of a tensor's
/// numbers.
pub(crate) fn write(
    path: &Path,
    tensors: &[(String, TensorData)],
    note: &impl Serialize,
) -> Result<()> {
    let failed = |problem: String, cure: &str| Error::Record {
        name: path.display().to_string(),
        problem,
        cure: cure.into(),
    };
    let views = tensors.iter().map(|(name, data)| {
        let dtype = to_file(data.dtype()).ok_or_else(|| {
            let problem = format!(
                "safetensors has no {:?}, which `{name}` is of",
                data.dtype()
            );
            failed(problem, "cast it to `f32`")
        })?;
        let view = TensorView::new(dtype, data.shape().to_vec(), data.as_bytes());
        let mistake = |error| failed(format!("`{name}`: {error}"), "give whole tensors");
        Ok((name, view.map_err(mistake)?))
    });
    let views = views.collect::<Result<Vec<_>>>()?;
    let note = (NOTE.to_string(), serde_json::json!(note).to_string());
    let bytes = serialize(views, Some([note].into_iter().collect()))
        .map_err(|error| failed(error.to_string(), "save fewer tensors, with shorter names"))?;
    file::create_folder_of(path)?;
    file::replace_bytes(path, &[&bytes])
}

/// The tensors of a file, and its note if this library wrote it.
pub(crate) type Contents = (Vec<(String, TensorData)>, Option<serde_json::Value>);

/// Reads a file, of this library or any other.
///
/// # Errors
///
/// If the file cannot be read, is incomplete, or has numbers of a type that burn does not have.
pub(crate) fn read(path: &Path) -> Result<Contents> {
    let bytes = fs::read(path).map_err(Error::io("read", path))?;
    let failed = |problem: String, cure: &str| Error::Record {
        name: path.display().to_string(),
        problem,
        cure: cure.into(),
    };
    let damaged = |error: &dyn std::fmt::Display| {
        let cure = "take it from a copy, or write it again";
        failed(format!("is no whole safetensors file: {error}"), cure)
    };
    let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| damaged(&error))?;
    let note = header.metadata().as_ref().and_then(|all| all.get(NOTE));
    let note = note.map(|note| serde_json::from_str(note)).transpose();
    let note = note.map_err(|error| damaged(&error))?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| damaged(&error))?;
    let mut read = Vec::new();
    for (name, view) in tensors.tensors() {
        let dtype = from_file(view.dtype()).ok_or_else(|| {
            let problem = format!("`{name}` is of {}, which burn has not", view.dtype());
            failed(problem, "write it as F32")
        })?;
        if view.dtype() == Dtype::BOOL && view.data().iter().any(|&byte| byte > 1) {
            let problem = format!("`{name}` has bytes that are no truth values");
            return Err(failed(problem, "write it as U8"));
        }
        let bytes = Bytes::from_bytes_vec(view.data().to_vec());
        read.push((name, TensorData::from_bytes(bytes, view.shape(), dtype)));
    }
    // Sorted by name: the file sorts by the size of numbers first.
    read.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok((read, note))
}

const TYPES: [(DType, Dtype); 13] = [
    (DType::F64, Dtype::F64),
    (DType::F32, Dtype::F32),
    (DType::F16, Dtype::F16),
    (DType::BF16, Dtype::BF16),
    (DType::I64, Dtype::I64),
    (DType::I32, Dtype::I32),
    (DType::I16, Dtype::I16),
    (DType::I8, Dtype::I8),
    (DType::U64, Dtype::U64),
    (DType::U32, Dtype::U32),
    (DType::U16, Dtype::U16),
    (DType::U8, Dtype::U8),
    (DType::Bool(BoolStore::Native), Dtype::BOOL),
];

fn to_file(dtype: DType) -> Option<Dtype> {
    let found = TYPES.into_iter().find(|(burn, _)| *burn == dtype);
    found.map(|(_, file)| file)
}

fn from_file(dtype: Dtype) -> Option<DType> {
    let found = TYPES.into_iter().find(|(_, file)| *file == dtype);
    found.map(|(burn, _)| burn)
}
