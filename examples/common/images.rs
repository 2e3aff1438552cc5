//! Images to train on, and what they are.

use super::TEST_BINARIZATION;
use burn_bayes::{
    Error, Result,
    data::{Mnist, read_images},
    prelude::*,
};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// What four files with the names of MNIST's hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Mnist,
    /// Another data set, in this folder.
    Other(PathBuf),
}

impl Source {
    /// By the checksums of what the files hold, compressed or not.
    pub fn of(dir: &Path) -> Result<Self> {
        match Mnist::verify(dir) {
            Ok(()) => Ok(Self::Mnist),
            Err(Error::Data { .. }) => Ok(Self::Other(dir.into())),
            Err(error) => Err(error),
        }
    }

    /// The data set's name, which for another one is that of its folder.
    pub fn name(&self) -> String {
        match self {
            Self::Mnist => "MNIST".into(),
            Self::Other(dir) => match dir.file_name() {
                Some(name) => name.to_string_lossy().into_owned(),
                None => dir.display().to_string(),
            },
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnist => write!(f, "MNIST, by its checksums"),
            Self::Other(dir) => write!(f, "not MNIST: {}", dir.display()),
        }
    }
}

/// Images of one size.
pub struct ImageSet {
    pub name: String,
    pub train: Datapoints,
    pub test: Datapoints,
    /// What the test images show, if known.
    pub labels: Vec<u8>,
    /// Height and width.
    pub size: [usize; 2],
    /// Whether pixels are grey levels of ink, to be binarized, or numbers of their own.
    pub binary: bool,
}

impl ImageSet {
    /// MNIST, or what the folder holds under its files' names.
    pub fn mnist(dir: &Path) -> Result<Self> {
        let mnist = Mnist::from_dir(dir)?;
        let name = Source::of(dir)?.name();
        let points =
            |part: &str, images| Datapoints::from_images(format!("{name} {part} images"), images);
        Ok(Self {
            size: [mnist.train.images.num_rows, mnist.train.images.num_columns],
            train: points("training", &mnist.train.images)?,
            test: points("test", &mnist.test.images)?,
            labels: mnist.test.labels,
            binary: true,
            name,
        })
    }

    /// MNIST, or Frey faces if the folder holds those: their last 200 in a random order are for testing.
    pub fn mnist_or_faces(dir: &Path) -> Result<Self> {
        let faces = dir.join("frey-faces-images-idx3-ubyte.gz");
        if !faces.exists() {
            return Self::mnist(dir);
        }
        let images = read_images(&faces)?;
        let all = Datapoints::from_images("Frey faces", &images)?;
        // Neighbours in the film are alike.
        let order = Noise::seeded(0).permutation(all.len());
        let shuffled = order.iter().flat_map(|&id| all.row(id as usize)).copied();
        let all = Datapoints::new(all.name(), shuffled.collect(), all.num_features())?;
        let num_test = 200.min(all.len() / 2);
        Ok(Self {
            name: all.name().into(),
            train: all.rows(0..all.len() - num_test),
            test: all.rows(all.len() - num_test..all.len()),
            labels: Vec::new(),
            size: [images.num_rows, images.num_columns],
            binary: false,
        })
    }

    /// Test images as a model takes them: `[ids, features]`.
    pub fn test_rows(&self, ids: &[u32], device: &Device) -> Tensor<2> {
        let rows = self.test.select(ids, device);
        match self.binary {
            true => TEST_BINARIZATION.apply(rows, ids, &Noise::seeded(0)),
            false => rows,
        }
    }

    /// The first test image of each digit, or the first ten of other data.
    pub fn one_of_each(&self) -> Vec<u32> {
        if self.labels.is_empty() {
            return (0..10.min(self.test.len() as u32)).collect();
        }
        let first = |digit| self.labels.iter().position(|&label| label == digit);
        (0..10).filter_map(first).map(|id| id as u32).collect()
    }
}
