//! Images to train on, and what they are.

use super::{TEST_BINARIZATION, files::file_error, words::end_of_path};
use burn_bayes::{
    Error, Result,
    data::{Mnist, Omniglot, read_images, read_mat},
    prelude::*,
};
use std::{
    fmt,
    path::{Path, PathBuf},
};

// A doc comment here would become the description of the program.
#[derive(clap::Args, Clone, Debug)]
pub struct DataOptions {
    /// The folder with the four files of MNIST, or of another data set in the same form, or with
    /// OMNIGLOT (chardata.mat)
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/mnist"))]
    pub data_dir: PathBuf,
    /// Downloads what is missing of MNIST in the data folder
    #[arg(long)]
    pub download: bool,
}

impl DataOptions {
    /// The four files, and what they hold.
    pub fn mnist(&self) -> Result<(Source, Mnist)> {
        let mnist = match self.download {
            true => Mnist::download(&self.data_dir)?,
            false => Mnist::from_dir(&self.data_dir)?,
        };
        Ok((Source::of(&self.data_dir)?, mnist))
    }

    /// OMNIGLOT, and which, if the folder holds it.
    pub fn omniglot(&self) -> Result<Option<(Source, Omniglot)>> {
        let mat = self.data_dir.join("chardata.mat");
        let mut remade = ["", ".gz"].iter().map(|end| {
            let name = format!("omniglot-strokes-28-train-images-idx3-ubyte{end}");
            self.data_dir.join(name)
        });
        if mat.is_file() {
            return Ok(Some((Source::Omniglot, Omniglot::from_mat(mat)?)));
        }
        if remade.any(|path| path.is_file()) {
            let omniglot = Omniglot::from_dir(&self.data_dir)?;
            return Ok(Some((Source::RemadeOmniglot, omniglot)));
        }
        Ok(None)
    }
}

/// What the data folder holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Mnist,
    /// In the file of Burda et al. (2016).
    Omniglot,
    /// Made anew from the strokes.
    RemadeOmniglot,
    /// Another data set under the names of MNIST's files, in this folder.
    Other(PathBuf),
}

impl Source {
    /// Of four files: by the checksums of what they hold, compressed or not.
    pub fn of(dir: &Path) -> Result<Self> {
        match Mnist::verify(dir) {
            Ok(()) => Ok(Self::Mnist),
            // Its whole path, which has a name where `.` has none.
            Err(Error::Data { .. }) => {
                let dir = dir.canonicalize().map_err(file_error("read", dir))?;
                Ok(Self::Other(dir))
            }
            Err(error) => Err(error),
        }
    }

    /// The data set's name, which for another one is that of its folder.
    pub fn name(&self) -> String {
        let dir = match self {
            Self::Mnist => return "MNIST".into(),
            Self::Omniglot => return "OMNIGLOT".into(),
            Self::RemadeOmniglot => return "OMNIGLOT (made anew)".into(),
            Self::Other(dir) => dir,
        };
        match end_of_path(dir, 1) {
            name if name.eq_ignore_ascii_case("mnist") => {
                format!("{} (not MNIST)", end_of_path(dir, 2))
            }
            name => name,
        }
    }

    /// What the images show, as far as it is known.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Mnist => "digits",
            Self::Omniglot | Self::RemadeOmniglot => "characters",
            Self::Other(_) => "images",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mnist => write!(f, "MNIST, by its checksums"),
            Self::Omniglot => write!(f, "OMNIGLOT, chardata.mat of Burda et al. (2016)"),
            Self::RemadeOmniglot => write!(
                f,
                "OMNIGLOT made anew from strokes, not comparable with published numbers"
            ),
            Self::Other(dir) => write!(f, "not MNIST: {}", dir.display()),
        }
    }
}

/// Images of one size.
pub struct ImageSet {
    pub name: String,
    /// What the images are called.
    pub noun: &'static str,
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
    /// MNIST, OMNIGLOT if the folder holds it, or what is there under the names of MNIST's files.
    pub fn mnist(options: &DataOptions) -> Result<Self> {
        if let Some((source, omniglot)) = options.omniglot()? {
            println!("Data: {source}.");
            return Ok(Self {
                train: omniglot.train,
                test: omniglot.test,
                labels: Vec::new(),
                size: [28, 28],
                binary: true,
                noun: source.noun(),
                name: source.name(),
            });
        }
        let (source, mnist) = options.mnist()?;
        println!("Data: {source}.");
        let name = source.name();
        let points =
            |part: &str, images| Datapoints::from_images(format!("{name} {part} images"), images);
        Ok(Self {
            size: [mnist.train.images.num_rows, mnist.train.images.num_columns],
            train: points("training", &mnist.train.images)?,
            test: points("test", &mnist.test.images)?,
            labels: mnist.test.labels,
            binary: true,
            noun: source.noun(),
            name,
        })
    }

    /// MNIST, or Frey faces if the folder holds those: their last 200 in a random order are for
    /// testing.
    pub fn mnist_or_faces(options: &DataOptions) -> Result<Self> {
        let file = |name| Some(options.data_dir.join(name)).filter(|path| path.exists());
        let matlab = file("frey_rawface.mat");
        let Some(path) = matlab.clone().or(file("frey-faces-images-idx3-ubyte.gz")) else {
            return Self::mnist(options);
        };
        println!("Data: Frey faces, {}.", path.display());
        let name = "Frey faces";
        let all = match matlab {
            Some(path) => {
                let [faces] = read_mat(&path, ["ff"])?; // an image in each column
                let pixels = faces.values().iter().map(|value| value / 255.0).collect();
                Datapoints::new(name, pixels, faces.num_rows)?
            }
            None => Datapoints::from_images(name, &read_images(&path)?)?,
        };
        let size = [28, 20];
        if all.num_features() != size[0] * size[1] {
            return Err(Error::Data {
                name: path.display().to_string(),
                problem: format!(
                    "expected images of 560 pixels, found {}",
                    all.num_features()
                ),
                cure: "give the faces of 28 by 20 pixels".into(),
            });
        }
        // Neighbours in the film are alike.
        let order = Noise::seeded(0).permutation(all.len());
        let shuffled = order.iter().flat_map(|&id| all.row(id as usize)).copied();
        let all = Datapoints::new(all.name(), shuffled.collect(), all.num_features())?;
        let num_test = 200.min(all.len() / 2);
        Ok(Self {
            name: all.name().into(),
            noun: "faces",
            train: all.rows(0..all.len() - num_test),
            test: all.rows(all.len() - num_test..all.len()),
            labels: Vec::new(),
            size,
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
