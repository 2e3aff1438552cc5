//! Reading IDX files, the format of MNIST.
//!
//! An IDX file starts with two zero bytes, the code of the element type ([`IdxType`]), and the
//! number of dimensions. Then come the dimensions and the elements, everything big-endian and row
//! by row. The first dimension counts images, labels or rows. Files may be compressed with gzip:
//! that is seen from their first two bytes, whatever their name.

mod array;
mod element;
mod header;
mod images;

use std::io::Read;
use std::path::Path;

pub use array::IdxArray;
pub use element::IdxType;
pub use header::MAX_IDX_BYTES;
use header::Wanted;
pub use images::Images;

use super::contents::open;
use super::faults::data_error;
use crate::error::Result;

/// Reads a file of images, compressed with gzip or not.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when the file cannot be read, and whatever [`parse_images`]
/// finds.
///
/// # Example
///
/// ```no_run
/// let images = burn_bayes::data::read_images("data/mnist/train-images-idx3-ubyte.gz")?;
/// println!("{} images of {}x{}", images.len(), images.num_rows, images.num_columns);
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
pub fn read_images(path: impl AsRef<Path>) -> Result<Images> {
    let path = path.as_ref();
    parse_images(open(path)?, &path.display().to_string())
}

/// Reads a file of labels from 0 to 255, compressed with gzip or not.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when the file cannot be read, and whatever [`parse_labels`]
/// finds.
pub fn read_labels(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    parse_labels(open(path)?, &path.display().to_string())
}

/// Reads a file of numbers of any type and shape, compressed with gzip or not.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when the file cannot be read, and whatever [`parse_idx`] finds.
///
/// # Example
///
/// ```no_run
/// use burn_bayes::data::{Datapoints, read_idx};
///
/// let data = Datapoints::from_idx("spectra", &read_idx("data/spectra-idx2-float.gz")?)?;
/// println!("{} rows of {}", data.len(), data.num_features());
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
pub fn read_idx(path: impl AsRef<Path>) -> Result<IdxArray> {
    let path = path.as_ref();
    parse_idx(open(path)?, &path.display().to_string())
}

/// Reads images from the bytes of a file, compressed with gzip or not.
///
/// The elements are unsigned bytes. Files of `[images, rows, columns]` keep that shape. In files of
/// two or four dimensions each image becomes one row of all its numbers, in the order of the file.
///
/// `name` names the bytes in an error. The header is not trusted: memory grows with the bytes
/// that are there, not with those it promises.
///
/// # Errors
///
/// [`Error::Data`](crate::Error::Data) when
/// - the bytes are cut short, go on too long, or are no images;
/// - a dimension is zero;
/// - the header promises more than [`MAX_IDX_BYTES`];
/// - the gzip data is corrupt.
///
/// [`Error::Io`](crate::Error::Io) when `bytes` cannot be read.
///
/// # Example
///
/// ```
/// use burn_bayes::data::parse_images;
///
/// let bytes = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20];
/// let images = parse_images(&bytes[..], "example")?;
/// assert_eq!(images.image(0), &[10, 20]);
///
/// let error = parse_images(&bytes[..17], "example").unwrap_err();
/// assert!(error.to_string().contains("holds 1 byte"));
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
pub fn parse_images(bytes: impl Read, name: &str) -> Result<Images> {
    let array = IdxArray::parse(bytes, name, Wanted::Images)?;
    let (num_rows, num_columns) = match array.shape() {
        &[_, rows, columns] => (rows, columns),
        _ => (1, array.num_features()),
    };
    Images::new(num_rows, num_columns, array.into_bytes(), name)
}

/// Reads labels from 0 to 255 from the bytes of a file, compressed with gzip or not.
///
/// The elements are integers of any type. Labels above 255 are read with [`parse_idx`] and
/// [`IdxArray::to_labels`]. `name` names the bytes in an error.
///
/// # Errors
///
/// As for [`parse_images`]; [`Error::Data`](crate::Error::Data) names the first row whose label is
/// not from 0 to 255.
///
/// # Example
///
/// ```
/// let bytes = [0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4];
/// let labels = burn_bayes::data::parse_labels(&bytes[..], "example")?;
/// assert_eq!(labels, [5, 0, 4]);
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
pub fn parse_labels(bytes: impl Read, name: &str) -> Result<Vec<u8>> {
    let labels = IdxArray::parse(bytes, name, Wanted::Labels)?.to_labels()?;
    let byte = |(row, label): (usize, u32)| {
        u8::try_from(label).map_err(|_| {
            data_error(
                name,
                format!("expected labels from 0 to 255, found {label} at row {row}"),
                "read larger labels with `read_idx` and `IdxArray::to_labels`",
            )
        })
    };
    labels.into_iter().enumerate().map(byte).collect()
}

/// Reads numbers of any type and shape from the bytes of a file, compressed with gzip or not.
///
/// `name` names the bytes in an error. The header is not trusted: memory grows with the bytes
/// that are there, not with those it promises.
///
/// # Errors
///
/// [`Error::Data`](crate::Error::Data) when
/// - the bytes are cut short or go on too long;
/// - the element type is none of [`IdxType`];
/// - there is no dimension, or one is zero;
/// - the header promises more than [`MAX_IDX_BYTES`];
/// - the gzip data is corrupt.
///
/// [`Error::Io`](crate::Error::Io) when `bytes` cannot be read.
///
/// # Example
///
/// ```
/// use burn_bayes::data::parse_idx;
///
/// // One row of two floats (13): 1.5 and -2.
/// let bytes = [0, 0, 13, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0];
/// let array = parse_idx(&bytes[..], "example")?;
/// assert_eq!(array.shape(), [1, 2]);
/// assert_eq!(array.to_f32()?, [1.5, -2.0]);
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
pub fn parse_idx(bytes: impl Read, name: &str) -> Result<IdxArray> {
    IdxArray::parse(bytes, name, Wanted::Any)
}
