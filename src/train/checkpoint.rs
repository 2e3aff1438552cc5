//! The checkpoints of a run: their files, what is in them, and which are kept.

use super::{recorder::Curve, watch::Watch};
use crate::{
    error::{Error, Result},
    record::{self, Note},
};
use burn::{
    lr_scheduler::LrSchedulerRecord,
    optim::OptimizerRecord,
    store::{ModuleRecord, RecordError},
    train::{
        checkpoint::{
            Checkpoint as Record, Checkpointer, CheckpointerError, CheckpointingAction,
            CheckpointingStrategy,
        },
        metric::store::EventStoreClient,
    },
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const FOLDER: &str = "checkpoint";
const CURE: &str = "resume with the model of the run; if the file is damaged, delete it to resume from an earlier epoch";

/// A part of a checkpoint: one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Model,
    Optimizer,
    Scheduler,
}

impl Part {
    const ALL: [Self; 3] = [Self::Model, Self::Optimizer, Self::Scheduler];

    fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Optimizer => "optim",
            Self::Scheduler => "scheduler",
        }
    }
}

/// What a training goes on from.
pub(super) struct Checkpoint {
    pub model: ModuleRecord,
    pub optimizer: OptimizerRecord,
    pub scheduler: LrSchedulerRecord,
}

/// The checkpoints in a run's folder.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    /// Those in the folder of a run.
    pub fn of(dir: &Path) -> Self {
        Self {
            folder: dir.join(FOLDER),
        }
    }

    pub fn path(&self, part: Part, epoch: usize) -> PathBuf {
        self.folder.join(format!("{}-{epoch}.bpk", part.name()))
    }

    pub fn create_folder(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).map_err(Error::io("create", &self.folder))
    }

    /// The epochs of which there is a part, each once for each part.
    pub fn epochs(&self) -> Result<Vec<usize>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("read", &self.folder))?,
        };
        let mut epochs = Vec::new();
        for entry in entries {
            let name = entry.map_err(Error::io("read", &self.folder))?.file_name();
            epochs.extend(name.to_str().and_then(|name| {
                let (part, epoch) = name.strip_suffix(".bpk")?.split_once('-')?;
                let known = Part::ALL.iter().any(|known| known.name() == part);
                known.then(|| epoch.parse::<usize>().ok())?
            }));
        }
        Ok(epochs)
    }

    /// The last epoch with all parts.
    pub fn last(&self) -> Result<Option<usize>> {
        let complete = |epoch: &usize| {
            let mut parts = Part::ALL.iter();
            parts.all(|&part| self.path(part, *epoch).exists())
        };
        Ok(self.epochs()?.into_iter().filter(complete).max())
    }

    /// The model after an epoch.
    pub fn model(&self, epoch: usize) -> Result<ModuleRecord> {
        let path = self.path(Part::Model, epoch);
        ModuleRecord::from_bytes(record::read(&path, CURE)?.bytes).map_err(unfit(&path))
    }

    pub fn load(&self, epoch: usize) -> Result<Checkpoint> {
        let [optimizer, scheduler] =
            [Part::Optimizer, Part::Scheduler].map(|part| self.path(part, epoch));
        let read = |path: &Path| Ok(record::read(path, CURE)?.bytes);
        Ok(Checkpoint {
            model: self.model(epoch)?,
            optimizer: OptimizerRecord::from_bytes(read(&optimizer)?).map_err(unfit(&optimizer))?,
            scheduler: LrSchedulerRecord::from_bytes(read(&scheduler)?)
                .map_err(unfit(&scheduler))?,
        })
    }

    /// Deletes whatever there is of all epochs but these.
    pub fn keep(&self, epochs: &[usize]) -> Result<()> {
        let gone = self.epochs()?.into_iter();
        for epoch in gone.filter(|epoch| !epochs.contains(epoch)) {
            for part in Part::ALL {
                self.delete(part, epoch)?;
            }
        }
        Ok(())
    }

    fn delete(&self, part: Part, epoch: usize) -> Result<()> {
        let path = self.path(part, epoch);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("delete", &path)(error))
            }
            _ => Ok(()),
        }
    }
}

/// A record that does not fit.
pub(super) fn unfit(path: &Path) -> impl Fn(RecordError) -> Error {
    move |error| Error::Record {
        name: path.display().to_string(),
        problem: error.to_string(),
        cure: CURE.into(),
    }
}

/// Writes one part of each checkpoint for burn's engine. burn's own writer leaves no checksum and does not tell which
/// file it could not write.
pub(super) struct Writer {
    pub checkpoints: Checkpoints,
    pub part: Part,
    pub note: Note,
    pub watch: Watch,
}

impl Writer {
    /// burn's error holds a text only; `fit` returns ours.
    fn report(&self, error: Error) -> CheckpointerError {
        let text = error.to_string();
        self.watch.fail(error);
        CheckpointerError::Unknown(text)
    }
}

impl<R: Record> Checkpointer<R> for Writer {
    fn save(&self, epoch: usize, record: R) -> Result<(), CheckpointerError> {
        let path = self.checkpoints.path(self.part, epoch);
        let bytes = record.checkpoint_into_bytes().map_err(unfit(&path));
        let written = bytes.and_then(|bytes| record::write(&path, &bytes, &self.note));
        written.map_err(|error| self.report(error))
    }

    fn delete(&self, epoch: usize) -> Result<(), CheckpointerError> {
        let deleted = self.checkpoints.delete(self.part, epoch);
        deleted.map_err(|error| self.report(error))
    }

    fn restore(&self, epoch: usize) -> Result<R, CheckpointerError> {
        let path = self.checkpoints.path(self.part, epoch);
        let sealed = record::read(&path, CURE).map_err(|error| self.report(error))?;
        R::checkpoint_from_bytes(sealed.bytes).map_err(CheckpointerError::Record)
    }
}

/// Keeps the last two checkpoints and the best. What else is there goes, also if an earlier process left it.
///
/// A checkpoint is written before others go, and burn writes its parts one after the other: the one before is
/// complete when the one before that is deleted.
pub(super) struct KeepLastAndBest {
    pub checkpoints: Checkpoints,
    pub curve: Curve,
    pub watch: Watch,
}

impl CheckpointingStrategy for KeepLastAndBest {
    fn checkpointing(&mut self, epoch: usize, _: &EventStoreClient) -> Vec<CheckpointingAction> {
        let mut there = match self.checkpoints.epochs() {
            Ok(epochs) => epochs,
            Err(error) => {
                self.watch.fail(error);
                return Vec::new();
            }
        };
        there.sort_unstable();
        there.dedup();
        let kept = kept(epoch, self.curve.best());
        let gone = there.into_iter().filter(|epoch| !kept.contains(epoch));
        [CheckpointingAction::Save]
            .into_iter()
            .chain(gone.map(CheckpointingAction::Delete))
            .collect()
    }
}

/// The epochs whose checkpoints are kept after one.
pub(super) fn kept(epoch: usize, best: Option<usize>) -> Vec<usize> {
    [Some(epoch), epoch.checked_sub(1), best]
        .into_iter()
        .flatten()
        .collect()
}
