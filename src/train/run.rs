//! Where a training writes, and what it may find there.

use super::{
    EpochSummary, Progress, TrainingConfig,
    curve::{from_csv, to_csv},
};
use crate::{
    error::{Error, Result},
    file,
};
use burn::{
    config::Config,
    lr_scheduler::LrSchedulerRecord,
    optim::OptimizerRecord,
    store::{ModuleRecord, RecordError},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const CONFIG_FILE: &str = "training.json";
const CURVE_FILE: &str = "curve.csv";
/// The folder and the names that burn's checkpointers use.
const CHECKPOINT_FOLDER: &str = "checkpoint";
const CHECKPOINT_PARTS: [&str; 3] = ["model", "optim", "scheduler"];

/// Where a training writes and what it shows; nothing here changes its result.
///
/// A path is a run that refuses to touch an earlier one.
///
/// # Example
///
/// ```
/// use burn_bayes::train::{Progress, Run};
///
/// let run = Run::new("runs/iwae").with_resume(true).with_progress(Progress::Lines);
/// # let _ = run;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    dir: PathBuf,
    overwrite: bool,
    resume: bool,
    pub(super) checkpoints: bool,
    pub(super) progress: Progress,
}

/// Where a training starts.
#[derive(Default)]
pub(super) struct Start {
    /// The number of epochs done.
    pub epoch: usize,
    /// The curve of these epochs.
    pub curve: Vec<EpochSummary>,
}

/// What [`Run::with_resume`] needs of a checkpoint.
pub(super) struct Checkpoint {
    pub model: ModuleRecord,
    pub optimizer: OptimizerRecord,
    pub scheduler: LrSchedulerRecord,
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
        }
    }

    /// Whether an earlier run is replaced: its curve and its checkpoints are deleted, other files stay.
    pub fn with_overwrite(self, overwrite: bool) -> Self {
        Self { overwrite, ..self }
    }

    /// Whether to continue after the last checkpoint of an earlier run with the same settings, the
    /// number of epochs excepted. The weights become those of a run that was never stopped, to the
    /// bit. If there is no earlier run, training starts anew. Goes before
    /// [`with_overwrite`](Self::with_overwrite).
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

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn curve_file(&self) -> PathBuf {
        self.dir.join(CURVE_FILE)
    }

    fn checkpoint_file(&self, part: &str, epoch: usize) -> PathBuf {
        self.dir
            .join(CHECKPOINT_FOLDER)
            .join(format!("{part}-{epoch}.bpk"))
    }

    /// The weights of the last complete checkpoint.
    pub(super) fn last_checkpoint(&self) -> Result<Option<(usize, PathBuf)>> {
        let epochs = self.checkpoint_epochs()?;
        let complete = |epoch: &usize| {
            CHECKPOINT_PARTS
                .iter()
                .all(|part| self.checkpoint_file(part, *epoch).exists())
        };
        let last = epochs.into_iter().filter(complete).max();
        Ok(last.map(|epoch| (epoch, self.checkpoint_file("model", epoch))))
    }

    /// The epochs of which there is a part of a checkpoint.
    fn checkpoint_epochs(&self) -> Result<Vec<usize>> {
        let folder = self.dir.join(CHECKPOINT_FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("read", &folder))?,
        };
        let mut epochs = Vec::new();
        for entry in entries {
            let name = entry.map_err(Error::io("read", &folder))?.file_name();
            epochs.extend(name.to_str().and_then(|name| {
                let (part, epoch) = name.strip_suffix(".bpk")?.split_once('-')?;
                let epoch: usize = epoch.parse().ok()?;
                CHECKPOINT_PARTS.contains(&part).then_some(epoch)
            }));
        }
        Ok(epochs)
    }

    /// Where training starts. Only reads.
    pub(super) fn start(&self, config: &TrainingConfig, steps_per_epoch: usize) -> Result<Start> {
        let dir = self.dir.display();
        let curve_exists = self.curve_file().exists();
        let nothing = !curve_exists && self.checkpoint_epochs()?.is_empty();
        if nothing || (self.overwrite && !self.resume) {
            return Ok(Start::default());
        }
        if !self.resume {
            return Err(Error::setting(
                "run",
                format!("`{dir}` already holds a run"),
                "choose another folder, continue it with `Run::with_resume`, or replace it with `Run::with_overwrite`",
            ));
        }

        let Some((epoch, _)) = self.last_checkpoint()? else {
            let problem = format!("`{dir}` holds a run without a checkpoint to resume from");
            return Err(Error::setting(
                "run",
                problem,
                "replace it with `Run::with_overwrite`",
            ));
        };
        self.check_config(config)?;
        if epoch > config.epochs {
            return Err(Error::setting(
                "epochs",
                format!("is {}, but `{dir}` has had {epoch}", config.epochs),
                "ask for as many or more",
            ));
        }
        let mut curve = match curve_exists {
            true => self.read_curve()?,
            false => Vec::new(),
        };
        curve.retain(|summary| summary.epoch <= epoch); // of later epochs the weights are lost
        if let Some(earlier) = curve
            .iter()
            .find(|summary| summary.steps != steps_per_epoch)
        {
            return Err(Error::setting(
                "run",
                format!(
                    "`{dir}` has {} steps an epoch, these data give {steps_per_epoch}",
                    earlier.steps
                ),
                "resume with the data of the run",
            ));
        }
        Ok(Start { epoch, curve })
    }

    fn check_config(&self, config: &TrainingConfig) -> Result<()> {
        let path = self.dir.join(CONFIG_FILE);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let earlier =
            TrainingConfig::load_binary(text.as_bytes()).map_err(|error| Error::Data {
                name: path.display().to_string(),
                problem: error.to_string(),
                cure: "replace the run with `Run::with_overwrite`".into(),
            })?;
        if earlier.clone().with_epochs(config.epochs) == *config {
            return Ok(());
        }
        Err(Error::setting(
            "run",
            format!(
                "`{}` has other settings than this training",
                self.dir.display()
            ),
            format!(
                "resume with those of `{}`; only the number of epochs may change",
                path.display()
            ),
        ))
    }

    fn read_curve(&self) -> Result<Vec<EpochSummary>> {
        let path = self.curve_file();
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        from_csv(&text).ok_or_else(|| Error::Data {
            name: path.display().to_string(),
            problem: "is not a learning curve of this version".into(),
            cure: "move it away to resume without it".into(),
        })
    }

    /// The checkpoint of an epoch.
    pub(super) fn load(&self, epoch: usize) -> Result<Checkpoint> {
        let [model, optimizer, scheduler] =
            CHECKPOINT_PARTS.map(|part| self.checkpoint_file(part, epoch));
        Ok(Checkpoint {
            model: ModuleRecord::load(&model).map_err(unreadable(&model))?,
            optimizer: OptimizerRecord::load(&optimizer).map_err(unreadable(&optimizer))?,
            scheduler: LrSchedulerRecord::load(&scheduler).map_err(unreadable(&scheduler))?,
        })
    }

    /// Makes the folder ready for a training that starts there; [`start`](Self::start) has allowed it.
    pub(super) fn prepare(&self, config: &TrainingConfig, start: &Start) -> Result<()> {
        fs::create_dir_all(&self.dir).map_err(Error::io("create", &self.dir))?;
        if start.epoch == 0 {
            let curve = [self.curve_file()];
            let epochs = self.checkpoint_epochs()?;
            let parts = epochs
                .iter()
                .flat_map(|&epoch| CHECKPOINT_PARTS.map(|part| self.checkpoint_file(part, epoch)));
            for path in curve.into_iter().chain(parts).filter(|path| path.exists()) {
                fs::remove_file(&path).map_err(Error::io("delete", &path))?;
            }
        }
        if start.epoch > 0 {
            file::replace(&self.curve_file(), &to_csv(&start.curve))?;
        }
        file::replace(&self.dir.join(CONFIG_FILE), &config.to_string())
    }
}

/// A record that cannot be read, or does not fit.
pub(super) fn unreadable(path: &Path) -> impl Fn(RecordError) -> Error {
    move |error| {
        Error::Record {
        name: path.display().to_string(),
        problem: error.to_string(),
        cure: "resume with the model of the run; if the file is damaged, delete it to resume from an earlier epoch".into(),
    }
    }
}
