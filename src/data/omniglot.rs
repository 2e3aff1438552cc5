//! OMNIGLOT at 28x28, as Burda et al. (2016) split it.

use std::path::{Path, PathBuf};

use super::faults::data_error;
use super::numpy::permutation;
use super::{Datapoints, Images, MatMatrix, read_images, read_mat};
use crate::error::Result;

const SIDE: usize = 28;
const NUM_PIXELS: usize = SIDE * SIDE;
const NUM_TRAIN: usize = 23_000;
const NUM_VALIDATION: usize = 1_345;
const NUM_TEST: usize = 8_070;
/// Burda et al. shuffle with this seed.
const SEED: u32 = 123;

/// The parts of the remade drawings, in the order in which they are joined.
const REMADE: [&str; 3] = ["train", "valid", "test"];
const NUM_REMADE: usize = 32_000;

/// OMNIGLOT: 28x28 grey drawings of the characters of 50 alphabets (Lake et al. 2015).
///
/// Grey levels are from 0 (background) to 1 (ink). Papers binarize them with a new draw in each
/// epoch: [`Binarization::Dynamic`](super::Binarization::Dynamic).
#[derive(Clone, Debug)]
pub struct Omniglot {
    /// The training set: 23,000 images.
    pub train: Datapoints,
    /// The validation set: 1,345 images.
    pub validation: Datapoints,
    /// The test set: 8,070 images of `chardata.mat`.
    pub test: Datapoints,
}

impl Omniglot {
    /// Reads `chardata.mat`, the file that published likelihoods were computed on, and splits it as
    /// Burda et al. (2016) do.
    ///
    /// The file is `datasets/OMNIGLOT/chardata.mat` of <https://github.com/yburda/iwae>. The file
    /// stores an image in each column, pixels in column-major order; here each image is a row,
    /// pixels in row-major order. The 24,345 training images are put into the order of NumPy's
    /// `RandomState(123).permutation(24345)`. The last 1,345 are the validation set. The 8,070 test
    /// images keep their order.
    ///
    /// # Errors
    ///
    /// [`Error::Data`](crate::Error::Data) when the file is damaged, when `data` or `testdata` is
    /// missing or of another shape, or when a number is no grey level from 0 to 1;
    /// [`Error::Io`](crate::Error::Io) when the file cannot be read.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use burn_bayes::{data::Omniglot, prelude::*};
    ///
    /// let omniglot = Omniglot::from_mat("data/omniglot/chardata.mat")?;
    /// assert_eq!((omniglot.train.len(), omniglot.test.len()), (23_000, 8_070));
    /// let train = omniglot.train.binarized(Binarization::Dynamic);
    /// # Ok::<(), burn_bayes::Error>(())
    /// ```
    pub fn from_mat(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let [data, testdata] = read_mat(path, ["data", "testdata"])?;
        check(&data, "data", NUM_TRAIN + NUM_VALIDATION, &name)?;
        check(&testdata, "testdata", NUM_TEST, &name)?;
        let order = permutation(SEED, (NUM_TRAIN + NUM_VALIDATION) as u32);
        let (train, validation) = order.split_at(NUM_TRAIN);
        let test: Vec<u32> = (0..NUM_TEST as u32).collect();
        Ok(Self {
            train: upright("training", &data, train)?,
            validation: upright("validation", &data, validation)?,
            test: upright("test", &testdata, &test)?,
        })
    }

    /// Reads drawings that were remade from the pen's strokes, for users without `chardata.mat`.
    ///
    /// **Their likelihoods are not comparable with published ones**: images, split and order
    /// differ. Strokes exist for 32,000 drawings only, and they do not give a drawing's position on
    /// the sheet.
    ///
    /// The files are `omniglot-strokes-28-train-images-idx3-ubyte`, and the same with `valid` and
    /// `test`, each with `.gz` or without. Joined in this order they give 23,000 images for
    /// training, 1,345 for validation, and 7,655 for testing.
    ///
    /// # Errors
    ///
    /// [`Error::Data`](crate::Error::Data) when a file is missing or malformed, when the images are
    /// not 28x28, or when they are not 32,000 in all; [`Error::Io`](crate::Error::Io) when a file
    /// cannot be read.
    ///
    /// # Example
    ///
    /// ```no_run
    /// let omniglot = burn_bayes::data::Omniglot::from_dir("data/omniglot")?;
    /// assert_eq!(omniglot.test.len(), 7_655);
    /// # Ok::<(), burn_bayes::Error>(())
    /// ```
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let mut pixels = Vec::new();
        for part in REMADE {
            let path = find(dir, part)?;
            let images = read_images(&path)?;
            if (images.num_rows, images.num_columns) != (SIDE, SIDE) {
                return Err(data_error(
                    &path.display().to_string(),
                    format!(
                        "expected images of {SIDE}x{SIDE}, found {}x{}",
                        images.num_rows, images.num_columns
                    ),
                    "read images of other sizes with `read_images`",
                ));
            }
            pixels.extend_from_slice(images.pixels());
        }
        let found = pixels.len() / NUM_PIXELS;
        if found != NUM_REMADE {
            return Err(data_error(
                &dir.display().to_string(),
                format!("expected {NUM_REMADE} images in the three files, found {found}"),
                "get the files again, or read others with `read_images`",
            ));
        }
        let test = pixels.split_off((NUM_TRAIN + NUM_VALIDATION) * NUM_PIXELS);
        let validation = pixels.split_off(NUM_TRAIN * NUM_PIXELS);
        let points = |part: &str, pixels| {
            let name = format!("OMNIGLOT remade {part} images");
            Datapoints::from_images(&*name, &Images::new(SIDE, SIDE, pixels, &name)?)
        };
        Ok(Self {
            train: points("training", pixels)?,
            validation: points("validation", validation)?,
            test: points("test", test)?,
        })
    }
}

/// Checks that a variable of `chardata.mat` is what it should be.
fn check(matrix: &MatMatrix, variable: &str, num_images: usize, name: &str) -> Result<()> {
    if (matrix.num_rows, matrix.num_columns) != (NUM_PIXELS, num_images) {
        return Err(data_error(
            name,
            format!(
                "expected `{variable}` of {NUM_PIXELS}x{num_images} numbers, found {}x{}",
                matrix.num_rows, matrix.num_columns
            ),
            "give the chardata.mat of Burda et al., or read another file with `read_mat`",
        ));
    }
    let wrong = |value: &f32| !(0.0..=1.0).contains(value);
    match matrix.values().iter().position(wrong) {
        None => Ok(()),
        Some(index) => Err(data_error(
            name,
            format!(
                "expected grey levels from 0 to 1 in `{variable}`, found {} at row {}, column {}",
                matrix.values()[index],
                index % NUM_PIXELS,
                index / NUM_PIXELS
            ),
            "divide by the largest grey level, or get the file again",
        )),
    }
}

/// Images from the columns of a matrix, with pixels in column-major order.
fn upright(part: &str, matrix: &MatMatrix, ids: &[u32]) -> Result<Datapoints> {
    let mut values = Vec::with_capacity(ids.len() * NUM_PIXELS);
    for &id in ids {
        let image = matrix.column(id as usize);
        for row in 0..SIDE {
            values.extend(image[row..].iter().step_by(SIDE));
        }
    }
    Datapoints::new(format!("OMNIGLOT {part} images"), values, NUM_PIXELS)
}

/// The file with a part of the remade drawings, compressed or not.
fn find(dir: &Path, part: &str) -> Result<PathBuf> {
    let name = format!("omniglot-strokes-28-{part}-images-idx3-ubyte");
    [format!("{name}.gz"), name.clone()]
        .iter()
        .map(|form| dir.join(form))
        .find(|path| path.is_file())
        .ok_or_else(|| {
            data_error(
                &dir.display().to_string(),
                format!("expected the file {name}.gz or {name}, found neither"),
                "give the folder that holds the three files, or read chardata.mat with \
                 `Omniglot::from_mat`",
            )
        })
}
