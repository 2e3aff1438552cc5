//! Reading IDX files, the format of MNIST.
//!
//! An IDX file starts with two zero bytes, the element type (8: unsigned byte), and the number of
//! dimensions; then come the dimensions and the elements, everything big-endian and row by row.
//! Images have three dimensions (count, rows, columns), labels one. Files may be compressed with
//! gzip: that is seen from their first two bytes, whatever their name.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// The most elements one file may hold, in bytes: 8 GiB.
///
/// A header that promises more is refused before anything is read.
pub const MAX_IDX_BYTES: u64 = 1 << 33;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Grey images of one size, one byte per pixel, in one piece of memory.
///
/// # Example
///
/// ```
/// use burn_bayes::data::Images;
///
/// let images = Images::new(1, 2, vec![0, 255, 7, 8], "two small images")?;
/// assert_eq!(images.len(), 2);
/// assert_eq!(images.image(1), &[7, 8]);
/// # Ok::<(), burn_bayes::error::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Images {
    /// The height of each image in pixels.
    pub num_rows: usize,
    /// The width of each image in pixels.
    pub num_columns: usize,
    pixels: Vec<u8>,
}

impl Images {
    /// Images from their pixels, image by image and row by row.
    ///
    /// `name` names the data in an error.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] when a side is zero or the pixels are not a whole number of images.
    pub fn new(num_rows: usize, num_columns: usize, pixels: Vec<u8>, name: &str) -> Result<Self> {
        let whole = match num_rows.checked_mul(num_columns) {
            Some(0) | None => false,
            Some(num_pixels) => pixels.len().is_multiple_of(num_pixels),
        };
        if !whole {
            return Err(data_error(
                name,
                format!(
                    "expected a whole number of images of {num_rows}x{num_columns} pixels, found \
                     {} pixels",
                    pixels.len()
                ),
                "give the number of rows and columns that the pixels were made with",
            ));
        }
        Ok(Self {
            num_rows,
            num_columns,
            pixels,
        })
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.pixels
            .len()
            .checked_div(self.num_pixels())
            .unwrap_or(0)
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of pixels of each image.
    pub fn num_pixels(&self) -> usize {
        self.num_rows * self.num_columns
    }

    /// The pixels of image `index`, row by row.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`len`](Self::len).
    pub fn image(&self, index: usize) -> &[u8] {
        assert!(
            index < self.len(),
            "image {index} does not exist: there are {}",
            self.len()
        );
        let start = index * self.num_pixels();
        &self.pixels[start..start + self.num_pixels()]
    }

    /// The pixels of all images, image by image and row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

// Printing millions of pixels would drown the message they appear in.
impl fmt::Debug for Images {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Images")
            .field("len", &self.len())
            .field("num_rows", &self.num_rows)
            .field("num_columns", &self.num_columns)
            .finish_non_exhaustive()
    }
}

/// Reads a file of images, compressed with gzip or not.
///
/// # Errors
///
/// [`Error::Io`] when the file cannot be read, and whatever [`parse_images`] finds.
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

/// Reads a file of labels, compressed with gzip or not.
///
/// # Errors
///
/// [`Error::Io`] when the file cannot be read, and whatever [`parse_labels`] finds.
pub fn read_labels(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    parse_labels(open(path)?, &path.display().to_string())
}

/// Reads images from the bytes of a file, compressed with gzip or not.
///
/// `name` names the bytes in an error. The header is not trusted: memory grows with the bytes
/// that are there, not with those it promises.
///
/// # Errors
///
/// [`Error::Data`] when the bytes are cut short or go on too long, when they are no images, when
/// a dimension is zero, when the header promises more than [`MAX_IDX_BYTES`], or when the gzip data
/// is corrupt; [`Error::Io`] when `bytes` cannot be read.
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
    let ([_, num_rows, num_columns], pixels) = parse(bytes, name)?;
    // The element count fits in memory by now, and so does each of its factors.
    Images::new(num_rows as usize, num_columns as usize, pixels, name)
}

/// Reads labels from the bytes of a file, compressed with gzip or not.
///
/// `name` names the bytes in an error.
///
/// # Errors
///
/// As for [`parse_images`].
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
    let ([_], labels) = parse(bytes, name)?;
    Ok(labels)
}

/// The dimensions and the elements of a file of unsigned bytes in `D` dimensions.
fn parse<const D: usize>(bytes: impl Read, name: &str) -> Result<([u64; D], Vec<u8>)> {
    let mut contents = Contents::new(bytes, name)?;
    let header_length = 4 + 4 * D;
    let header = contents.read_up_to(header_length as u64)?;
    let magic = [0, 0, 8, D as u8];
    // The magic number first: a short labels file given as images is no truncated images file.
    if header.len() >= 4 && header[..4] != magic {
        return Err(wrong_magic(&header[..4], &magic, name));
    }
    if header.len() < header_length {
        return Err(data_error(
            name,
            format!(
                "expected a header of {header_length} bytes, found {} in all",
                count(header.len(), "byte")
            ),
            CUT_SHORT,
        ));
    }

    let mut dimensions = [0; D];
    for (dimension, field) in dimensions.iter_mut().zip(header[4..].chunks_exact(4)) {
        *dimension = field
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
    }
    let promise = promise(&dimensions);
    if dimensions.contains(&0) {
        return Err(data_error(
            name,
            format!("the header promises {promise}, expected no dimension to be zero"),
            "the file holds nothing to learn from: use another, or make it again",
        ));
    }
    let limit = MAX_IDX_BYTES.min(isize::MAX as u64);
    let size = dimensions.iter().try_fold(1u64, |product, dimension| {
        product
            .checked_mul(*dimension)
            .filter(|size| *size <= limit)
    });
    let Some(size) = size else {
        return Err(data_error(
            name,
            format!("the header promises {promise}, expected at most {limit} bytes"),
            "the header is damaged, or the file must be split into smaller ones",
        ));
    };

    let elements = contents.read_up_to(size)?;
    if (elements.len() as u64) < size {
        return Err(data_error(
            name,
            format!(
                "the header promises {promise} ({size} bytes), but the file holds {} after it",
                count(elements.len(), "byte")
            ),
            CUT_SHORT,
        ));
    }
    // Reading past the end also makes the gzip decoder compare its checksum.
    if !contents.read_up_to(1)?.is_empty() {
        return Err(data_error(
            name,
            format!("the header promises {promise} ({size} bytes), but more bytes come after them"),
            "the header is damaged or something was appended: copy or download the file again",
        ));
    }
    Ok((dimensions, elements))
}

const CUT_SHORT: &str = "the file is cut short: copy or download it again";

fn wrong_magic(found: &[u8], expected: &[u8; 4], name: &str) -> Error {
    let kind = |magic: &[u8]| match magic {
        [0, 0, 8, 3] => " (an images file)",
        [0, 0, 8, 1] => " (a labels file)",
        [0, 0, ..] => " (an IDX file of another kind)",
        _ => " (no IDX file)",
    };
    let hexadecimal = |magic: &[u8]| magic.iter().map(|b| format!("{b:02x}")).collect::<String>();
    data_error(
        name,
        format!(
            "expected the magic number 0x{}{}, found 0x{}{}",
            hexadecimal(expected),
            kind(expected),
            hexadecimal(found),
            kind(found)
        ),
        if expected[3] == 3 {
            "give a file of images, such as train-images-idx3-ubyte.gz"
        } else {
            "give a file of labels, such as train-labels-idx1-ubyte.gz"
        },
    )
}

fn promise(dimensions: &[u64]) -> String {
    match dimensions {
        [images, rows, columns] => format!("{images} images of {rows}x{columns}"),
        [labels, ..] => format!("{labels} labels"),
        [] => String::new(),
    }
}

fn count(number: usize, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

fn data_error(name: &str, problem: impl Into<String>, cure: &str) -> Error {
    Error::Data {
        name: name.into(),
        problem: problem.into(),
        cure: cure.into(),
    }
}

pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(Error::io("read", path))
}

/// What is in a file, after decompression if it is compressed.
pub(crate) struct Contents<'a> {
    reader: Box<dyn Read + 'a>,
    compressed: bool,
    name: &'a str,
}

impl<'a> Contents<'a> {
    pub(crate) fn new(mut bytes: impl Read + 'a, name: &'a str) -> Result<Self> {
        let mut start = Vec::new();
        bytes
            .by_ref()
            .take(GZIP_MAGIC.len() as u64)
            .read_to_end(&mut start)
            .map_err(Error::io("read", name))?;
        let compressed = start == GZIP_MAGIC;
        let whole = Cursor::new(start).chain(bytes);
        let reader: Box<dyn Read + 'a> = if compressed {
            Box::new(MultiGzDecoder::new(whole))
        } else {
            Box::new(BufReader::new(whole))
        };
        Ok(Self {
            reader,
            compressed,
            name,
        })
    }

    /// Copies everything into `sink`, which must not fail.
    pub(crate) fn copy_to(mut self, sink: &mut impl io::Write) -> Result<()> {
        match io::copy(&mut self.reader, sink) {
            Ok(_) => Ok(()),
            Err(source) => Err(self.error(source)),
        }
    }

    /// The next `limit` bytes, or fewer at the end.
    ///
    /// `read_to_end` grows the vector with the bytes that come, and reports a lack of memory
    /// instead of aborting.
    fn read_up_to(&mut self, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.reader.by_ref().take(limit).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(source) => Err(self.error(source)),
        }
    }

    fn error(&self, source: io::Error) -> Error {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match source.kind() {
            InvalidData | InvalidInput | UnexpectedEof if self.compressed => data_error(
                self.name,
                format!("expected sound gzip data, found: {source}"),
                "the file is damaged: move it away, then copy or download it again",
            ),
            _ => Error::io("read", self.name)(source),
        }
    }
}
