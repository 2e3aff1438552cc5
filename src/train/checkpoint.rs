//! The checkpoints of a run: their files and contents.

use super::{copies::Copies, part::Part, recorder::Curve, watch::Watch};
use crate::{
    error::{Error, Result},
    file,
    record::{self, Note},
};
use burn::{
    lr_scheduler::LrSchedulerRecord,
    optim::OptimizerRecord,
    store::{ModuleRecord, RecordError},
    train::checkpoint::{Checkpoint as Record, Checkpointer, CheckpointerError},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

const FOLDER: &str = "checkpoint";
const CURE: &str = "resume with the model of the run; if the file is damaged, delete it to resume from an earlier epoch";

/// The state that a training resumes from.
#[derive(Default)]
pub(super) struct Checkpoint {
    pub model: Option<ModuleRecord>,
    pub optimizer: Option<OptimizerRecord>,
    pub scheduler: Option<LrSchedulerRecord>,
    /// The fingerprint of the curve up to the checkpoint's epoch.
    pub curve: Option<String>,
}

/// The checkpoints in a run's folder.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    folder: PathBuf,
    /// The name of the run that they must belong to, if it is known.
    run: Option<String>,
    pub copies: Copies,
}

impl Checkpoints {
    /// The checkpoints in the folder of a run.
    pub fn of(dir: &Path) -> Self {
        Self {
            folder: dir.join(FOLDER),
            run: None,
            copies: Copies::default(),
        }
    }

    /// The same, with checkpoints of other runs refused.
    pub fn of_run(self, run: &str) -> Self {
        Self {
            run: Some(run.into()),
            ..self
        }
    }

    pub fn path(&self, part: Part, epoch: usize) -> PathBuf {
        self.folder.join(format!("{}-{epoch}.bpk", part.name()))
    }

    pub fn create_folder(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).map_err(Error::io("create", &self.folder))
    }

    /// The epochs that have a file of some part; an epoch occurs once for each part.
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

    /// The last epoch that has all parts.
    pub fn last(&self) -> Result<Option<usize>> {
        let complete = |epoch: &usize| {
            let mut parts = Part::ALL.iter();
            parts.all(|&part| self.path(part, *epoch).exists())
        };
        Ok(self.epochs()?.into_iter().filter(complete).max())
    }

    /// The model after an epoch.
    pub fn model(&self, epoch: usize) -> Result<ModuleRecord> {
        Ok(self.read(Part::Model, epoch)?.0)
    }

    pub fn load(&self, epoch: usize) -> Result<Checkpoint> {
        let (model, note) = self.read(Part::Model, epoch)?;
        Ok(Checkpoint {
            model: Some(model),
            optimizer: Some(self.read(Part::Optimizer, epoch)?.0),
            scheduler: Some(self.read(Part::Scheduler, epoch)?.0),
            curve: note.curve,
        })
    }

    fn read<R: Record>(&self, part: Part, epoch: usize) -> Result<(R, Note)> {
        let path = self.path(part, epoch);
        let sealed = record::read(&path, CURE)?;
        let note = sealed.note.unwrap_or_default();
        let of_another_run = note.run.is_some() && self.run.is_some() && note.run != self.run;
        let of_another_epoch = note.epoch.is_some_and(|noted| noted != epoch);
        let is_another_part = note.part.as_ref().is_some_and(|noted| noted != part.name());
        if of_another_run || of_another_epoch || is_another_part {
            return Err(Error::Record {
                name: path.display().to_string(),
                problem: "is of another run or another epoch, or another part of a checkpoint"
                    .into(),
                cure: "put back what the run wrote, or delete it to resume from an earlier epoch"
                    .into(),
            });
        }
        let record = R::checkpoint_from_bytes(sealed.bytes).map_err(unfit(&path))?;
        Ok((record, note))
    }

    /// The writer of a part for burn's engine. `start` is the record that training resumes from.
    pub fn writer<R>(
        &self,
        part: Part,
        structure: Option<String>,
        start: Option<R>,
        (curve, watch): (&Curve, &Watch),
    ) -> Writer<R> {
        Writer {
            checkpoints: self.clone(),
            part,
            structure,
            curve: curve.clone(),
            watch: watch.clone(),
            start: Mutex::new(start),
        }
    }

    /// Deletes the files of all epochs but those kept, and temporary files of killed processes.
    pub fn keep(&self, kept: impl Fn(usize) -> bool) -> Result<()> {
        file::remove_all_leftovers(&self.folder);
        let gone = self.epochs()?.into_iter();
        for epoch in gone.filter(|&epoch| !kept(epoch)) {
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

/// The error for a record that does not fit.
pub(super) fn unfit(path: &Path) -> impl Fn(RecordError) -> Error {
    move |error| Error::Record {
        name: path.display().to_string(),
        problem: error.to_string(),
        cure: CURE.into(),
    }
}

/// Writes one part of each checkpoint for burn's engine. burn's own writer writes no checksum, and
/// its errors do not name the file.
pub(super) struct Writer<R> {
    checkpoints: Checkpoints,
    part: Part,
    /// The text that the model prints, for the part that stores it.
    structure: Option<String>,
    curve: Curve,
    watch: Watch,
    /// The record that training resumes from. burn asks for it once.
    start: Mutex<Option<R>>,
}

impl<R> Writer<R> {
    /// burn's error holds only a text, so the error itself is kept here for `fit` to return.
    fn report(&self, error: Error) -> CheckpointerError {
        let text = error.to_string();
        self.watch.fail(error);
        CheckpointerError::Unknown(text)
    }
}

impl<R: Record> Checkpointer<R> for Writer<R> {
    fn save(&self, epoch: usize, record: R) -> Result<(), CheckpointerError> {
        let path = self.checkpoints.path(self.part, epoch);
        let note = Note {
            structure: self.structure.clone(),
            run: self.checkpoints.run.clone(),
            epoch: Some(epoch),
            part: Some(self.part.name().into()),
            curve: (self.part == Part::Model).then(|| self.curve.fingerprint(epoch)),
            config: None,
        };
        let copying = self.checkpoints.copies.begin(epoch);
        let bytes = record.checkpoint_into_bytes().map_err(unfit(&path));
        drop(copying);
        let written = bytes.and_then(|bytes| {
            self.watch.check_folder()?;
            record::write(&path, &bytes, &note)
        });
        written.map_err(|error| self.report(error))
    }

    /// Once a part could not be written, nothing is deleted: an older checkpoint may be the only
    /// complete one.
    fn delete(&self, epoch: usize) -> Result<(), CheckpointerError> {
        if self.watch.has_failed() {
            return Ok(());
        }
        let deleted = self.watch.check_folder();
        let deleted = deleted.and_then(|()| self.checkpoints.delete(self.part, epoch));
        deleted.map_err(|error| self.report(error))
    }

    fn restore(&self, _: usize) -> Result<R, CheckpointerError> {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        let read = start.take();
        read.ok_or_else(|| CheckpointerError::Unknown("a checkpoint is asked for twice".into()))
    }
}
