//! Reading matrices from MATLAB files of level 5, which MATLAB writes up to its version 7.
//!
//! A file is a header of 128 bytes and variables one after the other, each compressed or not. Of
//! them this reads full real matrices of any numeric type.

mod decode;
mod fault;
mod format;
mod matrix;
mod variables;

use std::io::Read;
use std::path::Path;

pub use matrix::MatMatrix;

use super::contents::{Contents, open};
use crate::error::Result;

/// Reads matrices by the names of their variables, in the order of the names.
///
/// The file is of level 5, as `save -v7` and SciPy's `savemat` write it, and may be compressed with
/// gzip as a whole. Other variables are passed over.
///
/// # Errors
///
/// [`Error::Io`](crate::Error::Io) when the file cannot be read, and whatever [`parse_mat`] finds.
///
/// # Example
///
/// The Frey faces of Roweis: one image of 28 rows and 20 columns in each column.
///
/// ```no_run
/// use burn_bayes::data::{Datapoints, read_mat};
///
/// let [faces] = read_mat("data/frey-faces/frey_rawface.mat", ["ff"])?;
/// assert_eq!((faces.num_rows, faces.num_columns), (560, 1965));
/// let grey = faces.values().iter().map(|value| value / 255.0).collect();
/// let data = Datapoints::new("Frey faces", grey, faces.num_rows)?; // column by column
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
pub fn read_mat<const N: usize>(
    path: impl AsRef<Path>,
    variables: [&str; N],
) -> Result<[MatMatrix; N]> {
    let path = path.as_ref();
    parse_mat(open(path)?, variables, &path.display().to_string())
}

/// Reads matrices from the bytes of a MATLAB file, by the names of their variables.
///
/// `name` names the bytes in an error. No length in the file is trusted: memory grows with the
/// numbers that are there, not with those it promises.
///
/// # Errors
///
/// [`Error::Data`](crate::Error::Data) when the bytes are damaged, cut short, or no MATLAB file of
/// level 5. The same for a variable that is missing, empty, complex, sparse, no matrix, or of more
/// than 2³⁰ numbers. [`Error::Io`](crate::Error::Io) when `bytes` cannot be read.
///
/// # Example
///
/// ```
/// use burn_bayes::data::parse_mat;
///
/// let error = parse_mat(&b"\x89HDF\r\n\x1a\n"[..], ["data"], "chardata.mat").unwrap_err();
/// let message = error.to_string();
/// assert!(message.contains("chardata.mat") && message.contains("save it again"));
/// ```
pub fn parse_mat<const N: usize>(
    bytes: impl Read,
    variables: [&str; N],
    name: &str,
) -> Result<[MatMatrix; N]> {
    let mut contents = Contents::new(bytes, name)?;
    variables::find(contents.reader(), variables).map_err(|fault| fault.of(name))
}
