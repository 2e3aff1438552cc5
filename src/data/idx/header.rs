//! What an IDX file promises in its first bytes.

use super::element::IdxType;
use crate::data::contents::Contents;
use crate::data::faults::{CUT_SHORT, count, data_error};
use crate::error::{Error, Result};

/// The most elements one file may hold, in bytes: 8 GiB.
///
/// A header that promises more is refused before anything is read.
pub const MAX_IDX_BYTES: u64 = 1 << 33;

/// What a function that reads IDX files accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Images,
    Labels,
    Any,
}

impl Wanted {
    fn accepts(self, element_type: IdxType, rank: u8) -> bool {
        match self {
            Self::Images => element_type == IdxType::U8 && (2..=4).contains(&rank),
            // Some programs write labels as a column: `[labels, 1]`.
            Self::Labels => element_type.is_integer() && (1..=2).contains(&rank),
            Self::Any => rank > 0,
        }
    }

    /// The length of the usual header, for a file too short to tell its own.
    fn header_length(self) -> usize {
        match self {
            Self::Images => 16,
            Self::Labels | Self::Any => 8,
        }
    }
}

/// The type and the shape of the elements: no dimension is zero, and their product is no overflow.
pub(super) struct Header {
    pub(super) element_type: IdxType,
    pub(super) shape: Vec<usize>,
    /// The length of the elements in bytes.
    pub(super) size: u64,
    /// The shape in words, for messages.
    pub(super) promise: String,
}

impl Header {
    pub(super) fn read(contents: &mut Contents<'_>, wanted: Wanted, name: &str) -> Result<Self> {
        let too_short = |length: usize, found: usize| {
            let found = count(found, "byte");
            data_error(
                name,
                format!("expected a header of {length} bytes, found {found} in all"),
                CUT_SHORT,
            )
        };
        let magic: [u8; 4] = contents
            .read_up_to(4)?
            .try_into()
            .map_err(|found: Vec<u8>| too_short(wanted.header_length(), found.len()))?;
        // The magic number first: a short labels file given as images is no truncated images file.
        let element_type =
            accepted(magic, wanted).ok_or_else(|| wrong_magic(magic, wanted, name))?;
        let length = 4 * usize::from(magic[3]);
        let fields = contents.read_up_to(length as u64)?;
        if fields.len() < length {
            return Err(too_short(4 + length, 4 + fields.len()));
        }
        let (fields, _) = fields.as_chunks();
        let dimensions: Vec<u32> = fields.iter().copied().map(u32::from_be_bytes).collect();
        Self::new(element_type, &dimensions, name)
    }

    fn new(element_type: IdxType, dimensions: &[u32], name: &str) -> Result<Self> {
        let promise = promise(element_type, dimensions);
        if dimensions.contains(&0) {
            return Err(data_error(
                name,
                format!("the header promises {promise}, expected no dimension to be zero"),
                "the file holds nothing to learn from: use another, or make it again",
            ));
        }
        let limit = MAX_IDX_BYTES.min(isize::MAX as u64);
        let element_size = element_type.size() as u64;
        let size = dimensions
            .iter()
            .try_fold(element_size, |product, dimension| {
                product
                    .checked_mul(u64::from(*dimension))
                    .filter(|size| *size <= limit)
            });
        let Some(size) = size else {
            return Err(data_error(
                name,
                format!("the header promises {promise}, expected at most {limit} bytes"),
                "the header is damaged, or the file must be split into smaller ones",
            ));
        };
        Ok(Self {
            element_type,
            // The size is one of memory by now, and so is each of its factors.
            shape: dimensions
                .iter()
                .map(|dimension| *dimension as usize)
                .collect(),
            size,
            promise,
        })
    }
}

fn accepted(magic: [u8; 4], wanted: Wanted) -> Option<IdxType> {
    let [0, 0, code, rank] = magic else {
        return None;
    };
    IdxType::from_code(code).filter(|element_type| wanted.accepts(*element_type, rank))
}

fn wrong_magic(found: [u8; 4], wanted: Wanted, name: &str) -> Error {
    let expected = match wanted {
        Wanted::Images => "0x00000803 (an images file)",
        Wanted::Labels => "0x00000801 (a labels file)",
        Wanted::Any => "of an IDX file",
    };
    let usual = match wanted {
        Wanted::Images => "give a file of images, such as train-images-idx3-ubyte.gz",
        Wanted::Labels => "give a file of labels, such as train-labels-idx1-ubyte.gz",
        Wanted::Any => "give an IDX file, such as train-images-idx3-ubyte.gz",
    };
    let cure = match other_cure(found) {
        Some(other) => format!("{usual}, or {other}"),
        None => usual.into(),
    };
    data_error(
        name,
        format!(
            "expected the magic number {expected}, found 0x{:08x} ({})",
            u32::from_be_bytes(found),
            kind(found)
        ),
        &cure,
    )
}

fn kind(magic: [u8; 4]) -> String {
    match magic {
        [0, 0, 8, 3] => "an images file".into(),
        [0, 0, 8, 1] => "a labels file".into(),
        [0, 0, code, rank] => match IdxType::from_code(code) {
            Some(element_type) => format!(
                "an IDX file of another kind: {element_type} in {}",
                count(rank.into(), "dimension")
            ),
            None => format!("an IDX file of another kind: no element type has the code {code}"),
        },
        [_, code, 0, 0] if IdxType::from_code(code).is_some() => {
            "an IDX header with its bytes in reverse order".into()
        }
        [0x1f, 0x8b, ..] => "a gzip file in a gzip file".into(),
        [b'P', b'K', ..] => "a zip archive".into(),
        _ => "no IDX file".into(),
    }
}

/// What else may be done with a file that starts so.
fn other_cure(magic: [u8; 4]) -> Option<&'static str> {
    match magic {
        [0, 0, 8, 1 | 3] | [0, 0, _, 0] => None,
        [0, 0, code, _] => IdxType::from_code(code).map(|_| "read this one with `read_idx`"),
        [_, code, 0, 0] => IdxType::from_code(code)
            .map(|_| "write this one again, each number with its highest byte first"),
        [0x1f, 0x8b, ..] => Some("decompress this one once, with gunzip"),
        [b'P', b'K', ..] => Some("unpack this one first"),
        _ => None,
    }
}

fn promise(element_type: IdxType, dimensions: &[u32]) -> String {
    match dimensions {
        [labels] if element_type.is_integer() => format!("{labels} labels"),
        [numbers] => format!("{numbers} numbers"),
        [images, rows, columns] => format!("{images} images of {rows}x{columns}"),
        [rows, row @ ..] => {
            let row: Vec<String> = row.iter().map(u32::to_string).collect();
            format!("{rows} rows of {}", row.join("x"))
        }
        [] => String::new(),
    }
}
