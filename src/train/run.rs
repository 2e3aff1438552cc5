//! Where a training writes and what it shows.

use super::{EpochSummary, checkpoint::Checkpoints, loggers::SharedLogger, stop::AfterEpoch};
use crate::{error::Result, progress::Progress};
use burn::train::logger::MetricLogger;
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// Where a training writes and what it shows; nothing here changes its result, but that
/// [`with_after_epoch`](Self::with_after_epoch) may end it early.
///
/// A path is a run that refuses to touch an earlier one.
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
    /// A run that writes into a folder, which is made if need be; an earlier run there is an error.
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

    /// Whether an earlier run is replaced: its curve and its checkpoints are deleted, other files
    /// stay.
    pub fn with_overwrite(self, overwrite: bool) -> Self {
        Self { overwrite, ..self }
    }

    /// Whether to continue after the last checkpoint of an earlier run. The weights become those of
    /// a run that was never stopped, to the bit, wherever the earlier one was stopped.
    ///
    /// Settings, model and data must be those of the run, the number of epochs and the values of
    /// weights excepted; anything else is refused by name. Without an earlier run, or one of its
    /// checkpoints, training starts anew. Goes before [`with_overwrite`](Self::with_overwrite).
    pub fn with_resume(self, resume: bool) -> Self {
        Self { resume, ..self }
    }

    /// Whether checkpoints are written; they are unless told otherwise.
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

    /// What is called after each epoch, once its line is in `curve.csv`; it may end the training.
    ///
    /// A training that was ended so says that it was [`interrupted`](super::Trained::interrupted).
    /// Resumed, it goes on with the next epoch; earlier ones are not told again. The epoch's
    /// checkpoint may still be under way when this is called.
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

    /// One more metric logger of burn's, or of your own, beside the curve that is always written.
    /// It hears every metric of every step, and the averages after each epoch.
    ///
    /// burn's `FileMetricLogger` writes a file for each metric and epoch, which its other tools
    /// read. A resumed training tells the epochs after its checkpoint, some of them again if the
    /// earlier one went further. A logger's files are its own:
    /// [`with_overwrite`](Self::with_overwrite) leaves them.
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

    /// The last epoch of which the folder holds a checkpoint; 0 without one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the folder cannot be read.
    pub fn epochs_done(&self) -> Result<usize> {
        Ok(Checkpoints::of(&self.dir).last(usize::MAX)?.unwrap_or(0))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}
