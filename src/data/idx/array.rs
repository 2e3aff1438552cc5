//! Numbers of any type and shape, as an IDX file holds them.

use std::fmt;
use std::io::Read;

use super::element::IdxType;
use super::header::{Header, Wanted};
use crate::data::Datapoints;
use crate::data::contents::Contents;
use crate::data::faults::{CUT_SHORT, count, data_error};
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;

/// The numbers of an IDX file of any element type and shape, from [`read_idx`](super::read_idx).
///
/// The first dimension counts rows: images, labels or other things. A row of several dimensions,
/// as `[channels, rows, columns]` or `[rows, columns, channels]`, is taken in the order of the
/// file, in which the last index runs fastest.
///
/// # Example
///
/// ```
/// use burn_bayes::data::{Datapoints, IdxType, parse_idx};
///
/// // Two rows of one 16-bit integer (11) each.
/// let bytes = [0, 0, 11, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0xff, 0xff, 1, 0];
/// let array = parse_idx(&bytes[..], "example")?;
/// assert_eq!(array.element_type(), IdxType::I16);
/// assert_eq!(array.values().collect::<Vec<f64>>(), [-1.0, 256.0]);
///
/// let data = Datapoints::from_idx("example", &array)?;
/// assert_eq!(data.row(1), [256.0]);
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct IdxArray {
    name: String,
    element_type: IdxType,
    shape: Vec<usize>,
    /// The elements as in the file: they are decoded when asked for, and stored once.
    bytes: Vec<u8>,
}

impl IdxArray {
    pub(super) fn parse(bytes: impl Read, name: &str, wanted: Wanted) -> Result<Self> {
        let mut contents = Contents::new(bytes, name)?;
        let header = Header::read(&mut contents, wanted, name)?;
        let Header { size, promise, .. } = header;
        let bytes = contents.read_up_to(size)?;
        if (bytes.len() as u64) < size {
            let found = count(bytes.len(), "byte");
            return Err(data_error(
                name,
                format!(
                    "the header promises {promise} ({size} bytes), but the file holds {found} \
                     after it"
                ),
                CUT_SHORT,
            ));
        }
        // Reading past the end also makes the gzip decoder compare its checksum.
        if !contents.read_up_to(1)?.is_empty() {
            return Err(data_error(
                name,
                format!(
                    "the header promises {promise} ({size} bytes), but more bytes come after them"
                ),
                "the header is damaged or something was appended: copy or download the file again",
            ));
        }
        Ok(Self {
            name: name.into(),
            element_type: header.element_type,
            shape: header.shape,
            bytes,
        })
    }

    /// The type of the elements in the file.
    pub fn element_type(&self) -> IdxType {
        self.element_type
    }

    /// The dimensions; the first is the number of rows.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    /// Whether there are no rows; never so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of elements of a row.
    pub fn num_features(&self) -> usize {
        self.shape[1..].iter().product()
    }

    /// The elements in the order of the file; an `f64` holds those of every type exactly.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.element_type.decode(&self.bytes)
    }

    /// The elements in the order of the file, each rounded to the nearest `f32`.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] names row and column of the first that is NaN, infinite, or too large. It
    /// also says if they do not fit into the memory.
    pub fn to_f32(&self) -> Result<Vec<f32>> {
        let len = self.bytes.len() / self.element_type.size();
        let mut numbers = Vec::new();
        if numbers.try_reserve_exact(len).is_err() {
            return Err(data_error(
                &self.name,
                format!("{len} numbers do not fit into the memory"),
                "split the file",
            ));
        }
        for value in self.values() {
            let number = value as f32;
            if !number.is_finite() {
                let (row, column) = (
                    numbers.len() / self.num_features(),
                    numbers.len() % self.num_features(),
                );
                return Err(data_error(
                    &self.name,
                    format!("expected finite f32, found {value:e} at row {row}, column {column}"),
                    "replace it, or leave the row out",
                ));
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// The labels, if the array holds one integer for each row.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] when the elements are no integers or a row has several, and for a negative
    /// label, whose row it names.
    ///
    /// # Example
    ///
    /// ```
    /// // Two 32-bit integers (12).
    /// let bytes = [0, 0, 12, 1, 0, 0, 0, 2, 0, 0, 0, 7, 0, 1, 0, 0];
    /// let array = burn_bayes::data::parse_idx(&bytes[..], "example")?;
    /// assert_eq!(array.to_labels()?, [7, 65_536]);
    /// # Ok::<(), burn_bayes::error::Error>(())
    /// ```
    pub fn to_labels(&self) -> Result<Vec<u32>> {
        if !self.element_type.is_integer() || self.num_features() != 1 {
            return Err(data_error(
                &self.name,
                format!(
                    "expected one integer in each row, found {} {}",
                    self.num_features(),
                    self.element_type
                ),
                "give a file of labels, such as train-labels-idx1-ubyte.gz",
            ));
        }
        let label = |(row, value): (usize, f64)| {
            // No integer type of the format reaches beyond `u32`.
            if value >= 0.0 {
                return Ok(value as u32);
            }
            Err(data_error(
                &self.name,
                format!("expected labels from 0 up, found {value} at row {row}"),
                "number the classes from 0, or leave out rows without a class",
            ))
        };
        self.values().enumerate().map(label).collect()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

// Printing millions of numbers would drown the message they appear in.
impl fmt::Debug for IdxArray {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IdxArray")
            .field("name", &self.name)
            .field("element_type", &self.element_type)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

impl Datapoints {
    /// From an IDX file: its numbers as they are, each row in the order of the file.
    ///
    /// Bytes stay between 0 and 255 here; grey levels in [0, 1] come from
    /// [`from_images`](Self::from_images).
    ///
    /// # Errors
    ///
    /// [`Error::Data`] names row and column of the first number that is NaN, infinite, or too large
    /// for an `f32`.
    pub fn from_idx(name: impl Into<String>, array: &IdxArray) -> Result<Self> {
        Self::new(name, array.to_f32()?, array.num_features())
    }
}
