//! MNIST, and other data sets kept in four files of the same names.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::contents::{Contents, open};
use super::download::download;
use super::idx::{read_images, read_labels};
use super::labelled::Labelled;
use crate::{
    error::{Error, Result},
    progress::Progress,
};

/// No compressed file of MNIST is larger than 10 MB.
const SIZE_LIMIT: u64 = 16 << 20;

/// The MNIST digits: 28x28 grey images (0: background, 255: ink) with labels 0 to 9.
///
/// Data sets made to replace it, such as Fashion-MNIST, are read the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mnist {
    /// The training set: 60,000 images in the original.
    pub train: Labelled,
    /// The test set: 10,000 images in the original.
    pub test: Labelled,
}

impl Mnist {
    /// The public addresses from which [`download`](Self::download) gets its files, in the order
    /// tried.
    pub const MIRRORS: &[&str] = &[
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
    ];

    /// Reads the four files of a folder.
    ///
    /// They are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, and
    /// `t10k-labels-idx1-ubyte`. Forms of a name are tried in this order: with `.gz`, without it,
    /// with a dot before `idx` as in `train-images.idx3-ubyte`, and with both. The first file that
    /// exists is read. If there is none of these, upper and lower case are not distinguished, as in
    /// `.GZ`. Checksums are not compared: see [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// [`Error::Data`] when
    /// - a file is missing or malformed;
    /// - the images are not 28x28, or a label is above 9;
    /// - a set has different numbers of labels and images.
    ///
    /// [`Error::Io`] when a file cannot be read.
    ///
    /// # Example
    ///
    /// ```no_run
    /// let mnist = burn_bayes::data::Mnist::from_dir("data/mnist")?;
    /// assert_eq!(mnist.train.len(), 60_000);
    /// # Ok::<(), burn_bayes::error::Error>(())
    /// ```
    pub fn from_dir(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref();
        let [train_images, train_labels, test_images, test_labels] = &FILES;
        Ok(Self {
            train: read_set(dir, train_images, train_labels)?,
            test: read_set(dir, test_images, test_labels)?,
        })
    }

    /// Checks that the four files of a folder hold the original MNIST.
    ///
    /// The SHA-256 of the decompressed contents is compared. So files that were unpacked or
    /// compressed again are accepted.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] names the first file that is missing, corrupt, or different; [`Error::Io`]
    /// when a file cannot be read.
    pub fn verify(dir: impl AsRef<Path>) -> Result<()> {
        let dir = dir.as_ref();
        FILES
            .iter()
            .try_for_each(|file| file.check(&file.find(dir)?))
    }

    /// Gets the files that a folder lacks from [`MIRRORS`](Self::MIRRORS), and reads all four.
    ///
    /// The folder is created if need be; lines on the standard error stream show the progress. If
    /// all files exist and are right, nothing is downloaded.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] when a file exists but is not the original: it is never overwritten.
    /// [`Error::Download`] when no address gives the right file; the message says how to get it by
    /// hand. [`Error::Io`] when a file cannot be read or written.
    ///
    /// # Example
    ///
    /// ```no_run
    /// let mnist = burn_bayes::data::Mnist::download("data/mnist")?;
    /// assert_eq!(mnist.test.len(), 10_000);
    /// # Ok::<(), burn_bayes::error::Error>(())
    /// ```
    pub fn download(dir: impl AsRef<Path>) -> Result<Self> {
        Self::download_from(Self::MIRRORS, dir, &Progress::Auto)
    }

    /// The same as [`download`](Self::download), with other addresses and another display of
    /// progress.
    ///
    /// Each of `mirrors` is an address to which `/train-images-idx3-ubyte.gz` and so on is added.
    ///
    /// # Errors
    ///
    /// As for [`download`](Self::download); [`Error::Setting`] when a file is to be fetched and
    /// `mirrors` is empty.
    pub fn download_from(
        mirrors: &[&str],
        dir: impl AsRef<Path>,
        progress: &Progress,
    ) -> Result<Self> {
        let dir = dir.as_ref();
        // All existing files are checked before anything is fetched.
        let mut missing = Vec::new();
        for file in &FILES {
            match file.existing(dir) {
                Some(path) => file.check(&path)?,
                None => missing.push(file),
            }
        }
        for file in missing {
            let name = format!("{}.gz", file.name);
            let urls: Vec<String> = mirrors
                .iter()
                .map(|mirror| format!("{}/{name}", mirror.trim_end_matches('/')))
                .collect();
            let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
            download(&urls, file.compressed, SIZE_LIMIT, dir.join(name), progress)
                .map_err(|error| by_hand(error, mirrors, dir))?;
        }
        Self::from_dir(dir)
    }
}

/// One of the four files, with the SHA-256 of the original.
struct KnownFile {
    name: &'static str,
    compressed: &'static str,
    contents: &'static str,
}

const FILES: [KnownFile; 4] = [
    KnownFile {
        name: "train-images-idx3-ubyte",
        compressed: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        contents: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    KnownFile {
        name: "train-labels-idx1-ubyte",
        compressed: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        contents: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    KnownFile {
        name: "t10k-images-idx3-ubyte",
        compressed: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        contents: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    KnownFile {
        name: "t10k-labels-idx1-ubyte",
        compressed: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        contents: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

impl KnownFile {
    fn forms(&self) -> [String; 4] {
        let dotted = self.name.replacen("-idx", ".idx", 1);
        [
            format!("{}.gz", self.name),
            self.name.to_string(),
            dotted.clone(),
            format!("{dotted}.gz"),
        ]
    }

    fn existing(&self, dir: &Path) -> Option<PathBuf> {
        self.forms()
            .iter()
            .map(|form| dir.join(form))
            .find(|path| path.is_file())
            .or_else(|| self.in_other_letters(dir))
    }

    /// The file under a name with capital letters, such as `TRAIN-IMAGES-IDX3-UBYTE.GZ`.
    fn in_other_letters(&self, dir: &Path) -> Option<PathBuf> {
        let forms = self.forms();
        let place = |path: &Path| {
            let name = path.file_name()?.to_str()?;
            forms
                .iter()
                .position(|form| form.eq_ignore_ascii_case(name))
        };
        fs::read_dir(dir)
            .ok()?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter_map(|path| Some((place(&path)?, path)))
            .filter(|(_, path)| path.is_file())
            .min()
            .map(|(_, path)| path)
    }

    fn find(&self, dir: &Path) -> Result<PathBuf> {
        self.existing(dir).ok_or_else(|| Error::Data {
            name: dir.display().to_string(),
            problem: format!(
                "expected one of the files {}, found none",
                self.forms().join(", ")
            ),
            cure: "give the folder that holds the four files, or get them with `Mnist::download`"
                .into(),
        })
    }

    fn check(&self, path: &Path) -> Result<()> {
        let name = path.display().to_string();
        let mut hasher = Sha256::new();
        Contents::new(open(path)?, &name)?.copy_to(&mut hasher)?;
        let found = format!("{:x}", hasher.finalize());
        if found == self.contents {
            return Ok(());
        }
        Err(Error::Data {
            name,
            problem: format!(
                "expected contents with the SHA-256 {}, found {found}",
                self.contents
            ),
            cure: "this is not the original MNIST: move the file away and use `Mnist::download`, \
                   or read another data set with `Mnist::from_dir`, which compares no checksums"
                .into(),
        })
    }
}

fn read_set(dir: &Path, images: &KnownFile, labels: &KnownFile) -> Result<Labelled> {
    let (images_path, labels_path) = (images.find(dir)?, labels.find(dir)?);
    let images = read_images(&images_path)?;
    if (images.num_rows, images.num_columns) != (28, 28) {
        return Err(Error::Data {
            name: images_path.display().to_string(),
            problem: format!(
                "expected images of 28x28, found {}x{}",
                images.num_rows, images.num_columns
            ),
            cure: "read images of other sizes with `read_images`".into(),
        });
    }
    let labels = read_labels(&labels_path)?;
    if let Some(index) = labels.iter().position(|label| *label > 9) {
        return Err(Error::Data {
            name: labels_path.display().to_string(),
            problem: format!(
                "expected labels from 0 to 9, found {} at index {index}",
                labels[index]
            ),
            cure: "read sets with other labels with `read_images` and `read_labels`".into(),
        });
    }
    let name = format!("{} and {}", images_path.display(), labels_path.display());
    Labelled::new(images, labels, &name)
}

/// Adds to the error of a failed download which files to fetch by hand, and what reads them.
fn by_hand(error: Error, mirrors: &[&str], dir: &Path) -> Error {
    match error {
        Error::Download { name, problem, .. } => Error::Download {
            name,
            problem,
            cure: format!(
                "without a network, get the four files {} by hand from {}, put them into {}, and \
                 use `Mnist::from_dir`",
                FILES.map(|file| format!("{}.gz", file.name)).join(", "),
                mirrors.join(" or "),
                dir.display()
            ),
        },
        other => other,
    }
}
