//! Records of half the size.

use crate::error::{Error, Result};
use burn::tensor::{Bytes, DType, f16};
use burn_pack::{Reader, Tensor, Writer};
use std::path::Path;

/// The record with numbers of 32 and 64 bits rounded to 16; those of other types stay as they are.
///
/// # Errors
///
/// [`Error::Record`] for a number that 16 bits do not hold, or a record that cannot be read.
pub(super) fn halved(record: Bytes, path: &Path) -> Result<Bytes> {
    let refused = |problem: String| Error::Record {
        name: path.display().to_string(),
        problem,
        cure: "save the model with `save`, whole".into(),
    };
    let unreadable = |error: burn_pack::Error| refused(error.to_string());
    let reader = Reader::from_bytes(record).map_err(unreadable)?;
    let (metadata, scalars) = (reader.metadata().clone(), reader.scalars().clone());
    let mut tensors = Vec::new();
    for tensor in reader.into_tensors().map_err(unreadable)? {
        let (name, dtype, shape, id, bytes) = tensor.into_parts().map_err(unreadable)?;
        let numbers: Vec<f64> = match dtype {
            DType::F32 => {
                let numbers = bytes.as_chunks::<4>().0.iter();
                numbers.map(|n| f32::from_le_bytes(*n).into()).collect()
            }
            DType::F64 => {
                let numbers = bytes.as_chunks::<8>().0.iter();
                numbers.map(|n| f64::from_le_bytes(*n)).collect()
            }
            _ => {
                tensors.push(Tensor::new(name, dtype, shape, id, bytes));
                continue;
            }
        };
        let mut half = Vec::with_capacity(2 * numbers.len());
        for number in numbers {
            let rounded = f16::from_f64(number);
            if number.is_finite() && !rounded.is_finite() {
                let problem = format!("has {number} in `{name}`, which 16 bits do not hold");
                return Err(refused(problem));
            }
            half.extend(rounded.to_le_bytes());
        }
        let half = Bytes::from_bytes_vec(half);
        tensors.push(Tensor::new(name, DType::F16, shape, id, half));
    }
    let writer = metadata
        .iter()
        .fold(Writer::new(tensors), |writer, (key, value)| {
            writer.with_metadata(key, value)
        });
    let writer = scalars.into_iter().fold(writer, |writer, (key, value)| {
        writer.with_scalar(&key, value)
    });
    writer.into_bytes().map_err(unreadable)
}
