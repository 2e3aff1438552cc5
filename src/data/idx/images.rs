//! Grey images of one size.

use std::fmt;

use crate::data::faults::data_error;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;

/// Grey images of one size, one byte per pixel, in one piece of memory.
///
/// The files of EMNIST (Cohen et al. 2017) hold letters and digits with rows and columns exchanged:
/// [`transposed`](Self::transposed) sets them upright.
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

    /// The same images with rows and columns exchanged, as those of EMNIST need it.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::data::Images;
    ///
    /// let images = Images::new(2, 3, vec![1, 2, 3, 4, 5, 6], "an image of two rows")?;
    /// let transposed = images.transposed();
    /// assert_eq!((transposed.num_rows, transposed.num_columns), (3, 2));
    /// assert_eq!(transposed.image(0), &[1, 4, 2, 5, 3, 6]);
    /// # Ok::<(), burn_bayes::error::Error>(())
    /// ```
    pub fn transposed(&self) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for index in 0..self.len() {
            let image = self.image(index);
            for column in 0..self.num_columns {
                pixels.extend(image.iter().skip(column).step_by(self.num_columns));
            }
        }
        Self {
            num_rows: self.num_columns,
            num_columns: self.num_rows,
            pixels,
        }
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
