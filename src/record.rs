//! Records on disk: burn's bytes, followed by a seal that detects damage.
//!
//! ```text
//! burn's record | "burnseal" | note, JSON | length of the note, u64 | hash of all before, u64 | "burnseal"
//! ```
//!
//! Integers are little-endian. burn's own readers ignore what follows a record. A file without the
//! last mark and with the first was cut or changed at its end; one without either is burn's own.

use crate::{
    error::{Error, Result},
    file,
    hash::Hash,
};
use burn::tensor::Bytes;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
};

const MARK: &[u8; 8] = b"burnseal";
/// The bytes of the seal after the note.
const TAIL: usize = 24;

/// The note that is stored with the parameters of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The text that the model prints. Settings that are not parameters, such as an activation, are
    /// stored only here. If the format of this text changes, increase the number in the field's
    /// serialized name: a field that a file does not have is not compared.
    #[serde(
        rename = "structure_1",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub structure: Option<String>,
    /// The configuration that the model can be made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<serde_json::Value>,
    /// The training that wrote it; `epoch` says after which epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<usize>,
    /// Which part of a checkpoint it is. burn reads any record as any part, without what it misses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The hash of the learning curve up to that epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<String>,
}

/// A record in memory, independent of its file.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// burn's record.
    pub bytes: Bytes,
    /// The note; `None` for a file without a seal, as burn writes it.
    pub note: Option<Note>,
}

/// Writes a record and a note, as a whole or not at all.
pub(crate) fn write(path: &Path, record: &[u8], note: &Note) -> Result<()> {
    let note = serde_json::json!(note).to_string();
    let length = (note.len() as u64).to_le_bytes();
    let sealed: [&[u8]; 4] = [record, MARK, note.as_bytes(), &length];
    let hash = sealed
        .iter()
        .fold(Hash::default(), |hash, piece| hash.and(piece));
    let hash = hash.value().to_le_bytes();
    file::replace_bytes(path, &[&sealed[..], &[&hash, MARK]].concat())
}

/// Reads a file that [`write`] wrote, or a record without a seal. `cure` is for the error of a
/// damaged file.
///
/// # Errors
///
/// If the file cannot be read, or is damaged.
pub(crate) fn read(path: &Path, cure: &str) -> Result<Sealed> {
    let path = with_extension(path);
    let mut bytes = fs::read(&path).map_err(Error::io("read", &path))?;
    let damaged = |problem: &str| Error::Record {
        name: path.display().to_string(),
        problem: format!("is damaged: {problem}"),
        cure: cure.into(),
    };
    let note = match bytes.last_chunk::<TAIL>() {
        Some(tail) if tail.ends_with(MARK) => {
            let number = |at: usize| {
                let bytes = tail[at..].first_chunk().copied().unwrap_or_default();
                u64::from_le_bytes(bytes)
            };
            let before = bytes.len() - TAIL;
            if Hash::default().and(&bytes[..before + 8]).value() != number(8) {
                return Err(damaged("its content has another checksum than it says"));
            }
            let length = usize::try_from(number(0)).ok();
            let start = length.and_then(|length| before.checked_sub(length));
            let note = start.and_then(|start| serde_json::from_slice(&bytes[start..before]).ok());
            let record = start.and_then(|start| start.checked_sub(MARK.len()));
            let (Some(record), Some(note)) = (record, note) else {
                return Err(damaged("its seal cannot be read"));
            };
            bytes.truncate(record);
            Some(note)
        }
        _ if bytes.windows(MARK.len()).any(|bytes| bytes == MARK) => {
            return Err(damaged("its end is not what was written"));
        }
        _ => None,
    };
    Ok(Sealed {
        bytes: Bytes::from_bytes_vec(bytes),
        note,
    })
}

/// As in burn, `.bpk` is added to a name without an extension if there is no file of that name.
fn with_extension(path: &Path) -> PathBuf {
    match path.extension() {
        None if !path.exists() => path.with_extension("bpk"),
        _ => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::{
        module::{Module, Param},
        store::ModuleRecord,
        tensor::{Device, Tensor},
    };

    fn linear(value: f64) -> burn::nn::Linear {
        burn::nn::Linear {
            weight: Param::from_tensor(Tensor::full([3, 5], value, &Device::default())),
            bias: None,
        }
    }

    fn bytes(value: f64) -> Vec<u8> {
        linear(value).into_record().into_bytes().unwrap().to_vec()
    }

    #[test]
    fn a_sealed_record_is_read_back_and_burn_reads_it_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("weights.bpk");
        let record = bytes(2.5); // made once: the ids of parameters are new in each
        let note = Note {
            structure: Some("Linear { scale: μ }".into()),
            config: Some(serde_json::json!({ "std": 0.0009475712002650513 })),
            run: Some("1a".into()),
            epoch: Some(3),
            part: Some("optim".into()),
            curve: Some("2b".into()),
        };
        for note in [Note::default(), note] {
            write(&path, &record, &note).unwrap();
            let read = read(&path, "").unwrap();
            assert_eq!(read.note, Some(note));
            assert_eq!(&*read.bytes, record);
            let by_burn = linear(0.0).load_file(&path).weight.val();
            assert_eq!(by_burn.min().into_scalar::<f32>(), 2.5);
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("weights.bpk");
        let record = bytes(2.5);
        write(&path, &record, &Note::default()).unwrap();
        let whole = fs::read(&path).unwrap();
        let refused = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            match read(&path, "cure") {
                Err(error) => error.to_string().contains("is damaged"),
                Ok(sealed) => ModuleRecord::from_bytes(sealed.bytes).is_err(),
            }
        };
        for bit in 0..8 * whole.len() {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(refused(&bytes), "bit {bit} of {}", 8 * whole.len());
        }
        // A file that is cut before the first mark is a complete record of burn's own.
        let unsealed = record.len()..record.len() + MARK.len();
        for length in (0..whole.len()).filter(|length| !unsealed.contains(length)) {
            assert!(
                refused(&whole[..length]),
                "{length} of {} bytes",
                whole.len()
            );
        }
        assert!(!refused(&record));
    }
}
