//! Where a training writes and what it shows.

use super::{EpochSummary, checkpoint::Checkpoints, loggers::SharedLogger, stop::AfterEpoch};
use crate::{error::Result, progress::Progress};
use burn::train::logger::MetricLogger;
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// Where a training writes, and what it shows.
///
/// These settings do not change the result; only [`with_after_epoch`](Self::with_after_epoch) may
/// end the training early.
///
/// A path converts into a run that refuses a folder with an earlier run.
///
/// # Example
///
/// ```
/// use burn_bayes::{progress::Progress, train::Run};
///
/// let run = Run::new("runs/iwae").with_resume(true).with_progress(Progress::Lines);
/// # let _ = run;
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    dir: PathBuf,
    pub(super) overwrite: bool,
    pub(super) resume: bool,
    pub(super) checkpoints: bool,
    pub(super) progress: Progress,
    pub(super) after_epoch: Option<AfterEpoch>,
    pub(super) loggers: Vec<SharedLogger>,
}

impl<P: AsRef<Path>> From<P> for Run {
    fn from(dir: P) -> Self {
        Self::new(dir)
    }
}

impl Run {
    /// A run that writes into a folder, which is created if needed. An earlier run there is an
    /// error.
    pub fn new(dir: impl AsRef<Path>) -> Self {
        Self {
            dir: dir.as_ref().into(),
            overwrite: false,
            resume: false,
            checkpoints: true,
            progress: Progress::Auto,
            after_epoch: None,
            loggers: Vec::new(),
        }
    }

    /// Whether an earlier run is replaced. Its curve and its checkpoints are deleted; other files
    /// stay.
    pub fn with_overwrite(self, overwrite: bool) -> Self {
        Self { overwrite, ..self }
    }

    /// Whether to continue after the last checkpoint of an earlier run. On Flex the final weights
    /// equal those of a run that was never stopped, to the bit. It does not matter where the
    /// earlier run was stopped.
    ///
    /// Settings, model and data must be those of the earlier run. Only the number of epochs and the
    /// values of weights may differ. The error names what else differs. If both are set, this has
    /// priority over [`with_overwrite`](Self::with_overwrite).
    ///
    /// Without an earlier run training starts anew, and so does a run that was stopped before its
    /// first checkpoint was complete. A curve of three epochs or more without any checkpoint is an
    /// error, for checkpoints must have been there. With
    /// [`with_checkpoints(false)`](Self::with_checkpoints) such a run starts anew.
    ///
    /// Without `curve.csv` training goes on, and a curve begins at the next epoch. Then the
    /// [best epoch](super::Trained::best_epoch) is unknown. Checkpoints that it may be among are
    /// kept. With [`patience`](super::TrainingConfig::patience) it is an error.
    pub fn with_resume(self, resume: bool) -> Self {
        Self { resume, ..self }
    }

    /// Whether checkpoints are written. The default is `true`.
    pub fn with_checkpoints(self, checkpoints: bool) -> Self {
        Self {
            checkpoints,
            ..self
        }
    }

    /// Chooses what is shown.
    pub fn with_progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// A function that is called after each epoch, when its line is in `curve.csv`. It may end the
    /// training.
    ///
    /// A training that was ended in this way is marked as
    /// [`interrupted`](super::Trained::interrupted). If it is resumed, it continues with the next
    /// epoch; the function is not called again for earlier ones. The epoch's checkpoint may not be
    /// complete yet when the function is called.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::train::Run;
    /// use std::ops::ControlFlow;
    ///
    /// let run = Run::new("runs/iwae").with_after_epoch(|epoch| {
    ///     println!("{}: {:.2} nats", epoch.epoch, epoch.train.bound);
    ///     match epoch.train.effective_sample_size < 1.1 {
    ///         true => ControlFlow::Break(()),
    ///         false => ControlFlow::Continue(()),
    ///     }
    /// });
    /// # let _ = run;
    /// ```
    pub fn with_after_epoch(
        self,
        call: impl FnMut(&EpochSummary) -> ControlFlow<()> + Send + 'static,
    ) -> Self {
        Self {
            after_epoch: Some(AfterEpoch::new(call)),
            ..self
        }
    }

    /// Adds a metric logger, burn's or your own. It gets every metric of every step, and the
    /// averages after each epoch. The curve is always written in addition.
    ///
    /// burn's `FileMetricLogger` writes a file for each metric and epoch, which its other tools
    /// read. A resumed training logs all epochs after its checkpoint. Some of these may be logged a
    /// second time, if the earlier run went further. [`with_overwrite`](Self::with_overwrite) does
    /// not delete a logger's files.
    ///
    /// A panic in a logger ends the training with [`Error::Training`](crate::Error::Training).
    ///
    /// # Example
    ///
    /// ```
    /// use burn::train::logger::FileMetricLogger;
    /// use burn_bayes::train::Run;
    ///
    /// let run = Run::new("runs/iwae").with_metric_logger(FileMetricLogger::new("runs/iwae/metrics"));
    /// # let _ = run;
    /// ```
    pub fn with_metric_logger(mut self, logger: impl MetricLogger + 'static) -> Self {
        self.loggers.push(SharedLogger::new(logger));
        self
    }

    /// The last epoch that has a complete checkpoint in the folder; 0 without one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the folder cannot be read.
    pub fn epochs_done(&self) -> Result<usize> {
        Ok(Checkpoints::of(&self.dir).last()?.unwrap_or(0))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}
