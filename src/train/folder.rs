//! What the folder of a run holds, for whoever has neither its data nor its settings.

use super::{
    EpochSummary,
    checkpoint::Checkpoints,
    curve::{best_of, from_csv},
    part::Part,
    run::Run,
};
use crate::error::{Error, Result};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub(super) const CURVE_FILE: &str = "curve.csv";

/// The curve in the folder of a run; empty without its file. `cure` says what to do about a file
/// that is damaged.
pub(super) fn read_curve(dir: &Path, cure: &str) -> Result<Vec<EpochSummary>> {
    let path = dir.join(CURVE_FILE);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(Error::io("read", &path))?,
    };
    // One without any epoch is never written.
    let curve = from_csv(&text).filter(|curve| !curve.is_empty());
    curve.ok_or_else(|| Error::Data {
        name: path.display().to_string(),
        problem: "is cut, or is no learning curve of this version".into(),
        cure: cure.into(),
    })
}

impl Run {
    /// The learning curve in the folder, `curve.csv`. Without this file it has no epochs.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read, [`Error::Data`] if it is damaged.
    pub fn curve(&self) -> Result<Vec<EpochSummary>> {
        read_curve(self.dir(), "put back what the run wrote")
    }

    /// The file with the weights of the last epoch that has a complete checkpoint, as
    /// [`best_checkpoint`](Self::best_checkpoint) gives that of the best.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder cannot be read, [`Error::Setting`] without such an epoch.
    pub fn last_checkpoint(&self) -> Result<PathBuf> {
        Ok(self.weights_of(self.last_epoch()?))
    }

    /// The file with the weights of the [best epoch](super::Trained::best_epoch), among those up to
    /// the last complete checkpoint.
    ///
    /// [`load_weights`](crate::model::load_weights) reads it, and so does
    /// [`VaeConfig::load_weights`](crate::model::VaeConfig::load_weights). The data of the run are
    /// not needed. The file is deleted when a run that is still going finds a better epoch.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the folder cannot be read, [`Error::Data`] if the curve is damaged.
    /// - [`Error::Setting`] without a complete checkpoint, validation data or the beginning of the
    ///   curve, and if the checkpoint is not there.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::{prelude::*, train::Run};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let folder = folder.path();
    /// # let rows = |n: usize| (0..16 * n).map(|i| (i % 5) as f32 / 4.0).collect::<Vec<_>>();
    /// # let grey = |n| Ok::<_, Error>(Datapoints::new("stripes", rows(n), 16)?.binarized(Binarization::Dynamic));
    /// # let (train, valid) = (grey(20)?, grey(5)?);
    /// # let config = VaeConfig::new(16, 2);
    /// # let model = config.init(&Device::default(), &mut Noise::seeded(0));
    /// # let training = TrainingConfig::new(Objective::iwae(5)).with_epochs(3);
    /// # let run = Run::new(folder).with_progress(Progress::Silent);
    /// # training.fit(model, &train, Some(&valid), run)?;
    /// // In another program, later:
    /// let run = Run::new(folder);
    /// println!("{} epochs", run.curve()?.len());
    /// let best = config.load_weights(run.best_checkpoint()?, &Device::default())?;
    /// # let _ = best;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn best_checkpoint(&self) -> Result<PathBuf> {
        let last = self.last_epoch()?;
        let path = self.weights_of(best_of(&self.curve()?, last)?);
        match path.exists() {
            true => Ok(path),
            false => Err(Error::setting(
                "best",
                format!("is not there: `{}` is missing", path.display()),
                "put it back, or take `Run::last_checkpoint`",
            )),
        }
    }

    fn last_epoch(&self) -> Result<usize> {
        let dir = self.dir().display();
        match self.epochs_done()? {
            0 => Err(Error::setting(
                "run",
                format!("`{dir}` has no complete checkpoint"),
                "give the folder of a run that has had two epochs or has ended",
            )),
            last => Ok(last),
        }
    }

    fn weights_of(&self, epoch: usize) -> PathBuf {
        Checkpoints::of(self.dir()).path(Part::Model, epoch)
    }
}
