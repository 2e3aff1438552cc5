//! The start of a training, from the files in its folder.

use super::{
    EpochSummary, Run, TrainingConfig,
    checkpoint::{Checkpoint, Checkpoints, unfit},
    curve::{fingerprint, is_whole, to_csv},
    folder::{CURVE_FILE, read_curve},
    inputs::Inputs,
    keep::is_kept,
    part::Part,
};
use crate::{
    error::{Error, Result},
    file,
};
use burn::module::Module;
use std::{fs, path::PathBuf};

const CONFIG_FILE: &str = "training.json";
/// The entry of `training.json` for [`Inputs`].
pub(super) const INPUTS: &str = "inputs";

/// The epoch and the curve at which a training starts.
#[derive(Default)]
pub(super) struct Start {
    /// The name of the run that is resumed, if it is known.
    pub run: Option<String>,
    /// The number of epochs done.
    pub epoch: usize,
    /// The curve of these epochs.
    pub curve: Vec<EpochSummary>,
}

/// The folder of a run, for a training that is to start there.
pub(super) struct Folder<'a> {
    pub run: &'a Run,
    pub config: &'a TrainingConfig,
    pub inputs: &'a Inputs,
    pub steps_per_epoch: usize,
}

impl Folder<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.run.dir().join(name)
    }

    pub fn curve_file(&self) -> PathBuf {
        self.file(CURVE_FILE)
    }

    pub fn checkpoints(&self) -> Checkpoints {
        Checkpoints::of(self.run.dir())
    }

    /// Finds out where training starts. It only reads files.
    pub fn start(&self) -> Result<Start> {
        let dir = self.run.dir().display();
        let curve_exists = self.curve_file().exists();
        let nothing = !curve_exists && self.checkpoints().epochs()?.is_empty();
        if nothing || (self.run.overwrite && !self.run.resume) {
            return Ok(Start::default());
        }
        if !self.run.resume {
            return Err(refused(
                format!("`{dir}` already holds a run"),
                "choose another folder, continue it with `Run::with_resume`, or replace it with `Run::with_overwrite`",
            ));
        }
        let run = self.check_settings()?;
        let curve = read_curve(self.run.dir(), self.cure_of_curve())?;
        let Some(epoch) = self.checkpoints().last()? else {
            return self.begin_again(&curve);
        };
        // The curve is written before the checkpoint, so something else has cut it.
        if let Some(last) = curve.last().filter(|last| last.epoch < epoch) {
            let end = last.epoch;
            return Err(Error::Data {
                name: self.curve_file().display().to_string(),
                problem: format!("ends at epoch {end}, but there is a checkpoint of {epoch}"),
                cure: self.cure_of_curve().into(),
            });
        }
        if epoch > self.config.epochs {
            return Err(Error::setting(
                "epochs",
                format!("is {}, but `{dir}` has had {epoch}", self.config.epochs),
                "ask for as many or more",
            ));
        }
        let mut steps = curve.iter().map(|summary| summary.steps);
        if let Some(earlier) = steps.find(|&steps| steps != self.steps_per_epoch) {
            let problem = format!(
                "`{dir}` has {earlier} steps an epoch, these data give {}",
                self.steps_per_epoch
            );
            return Err(refused(problem, "resume with the data of the run"));
        }
        let mut curve = curve;
        curve.retain(|summary| summary.epoch <= epoch); // of later ones the weights are lost
        if self.config.patience.is_some() && !is_whole(&curve) {
            return Err(Error::Data {
                name: self.curve_file().display().to_string(),
                problem: "does not tell of all epochs, which `patience` counts by".into(),
                cure: self.cure_of_curve().into(),
            });
        }
        Ok(Start { run, epoch, curve })
    }

    /// A run that was stopped before its first checkpoint was complete begins again, with the same
    /// result. It has at most two epochs: the second runs while the first checkpoint is written.
    fn begin_again(&self, curve: &[EpochSummary]) -> Result<Start> {
        // The last one's number counts: a curve may have been moved away in between. Without
        // checkpoints it is one of weights that nobody kept.
        let told = curve.last().map_or(0, |last| last.epoch);
        let told = if self.run.checkpoints { told } else { 0 };
        let parts = self.checkpoints().epochs()?.into_iter().max();
        let last = parts.unwrap_or(0).max(told);
        if last <= 2 {
            return Ok(Start::default());
        }
        let problem = format!(
            "`{}` has had {last} epochs, but no checkpoint of them is whole",
            self.run.dir().display()
        );
        let cure = "put the checkpoints back, or replace the run with `Run::with_overwrite` alone";
        Err(refused(problem, cure))
    }

    /// Refuses to resume with other settings, another model or other data. Returns the earlier
    /// run's name.
    fn check_settings(&self) -> Result<Option<String>> {
        let (path, dir) = (self.file(CONFIG_FILE), self.run.dir().display());
        if !path.exists() {
            return Err(refused(
                format!("`{dir}` holds a run without `{CONFIG_FILE}`, its settings"),
                "put the file back, choose another folder, or replace the run with `Run::with_overwrite` alone",
            ));
        }
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let damaged = |error: &dyn std::fmt::Display| Error::Data {
            name: path.display().to_string(),
            problem: format!("is damaged: {error}"),
            cure: "put the file back, or replace the run with `Run::with_overwrite` alone".into(),
        };
        let json: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| damaged(&error))?;
        let earlier = TrainingConfig::completed(json.clone()).map_err(|error| damaged(&error))?;
        if let Some(difference) = self.config.difference(&earlier) {
            return Err(refused(
                format!("`{dir}` has other settings than this training: {difference}"),
                format!(
                    "resume with those of `{}`; only the number of epochs may change",
                    path.display()
                ),
            ));
        }
        let Some(inputs) = json.get(INPUTS) else {
            return Ok(None); // a run of a version that did not write them
        };
        let earlier: Inputs =
            serde_json::from_value(inputs.clone()).map_err(|error| damaged(&error))?;
        match self.inputs.difference(&earlier) {
            Some((problem, cure)) => Err(refused(format!("`{dir}` has {problem}"), cure)),
            None => Ok(Some(earlier.run)),
        }
    }

    /// What to do about a curve that is not that of the checkpoint.
    fn cure_of_curve(&self) -> &'static str {
        match self.config.patience {
            None => "put it back, or move it away to resume without it",
            Some(_) => "put it back, or replace the run with `Run::with_overwrite` alone",
        }
    }

    /// The checkpoint that training resumes from. It must fit the model and the curve.
    pub fn earlier<M: Module>(&self, start: &Start, model: &M) -> Result<Checkpoint> {
        if start.epoch == 0 {
            return Ok(Checkpoint::default());
        }
        let checkpoints = self.checkpoints();
        let checkpoints = match &start.run {
            Some(run) => checkpoints.of_run(run),
            None => checkpoints,
        };
        let earlier = checkpoints.load(start.epoch)?;
        // If the curve's file is missing, the curve begins here.
        if let Some(noted) = &earlier.curve
            && !start.curve.is_empty()
            && *noted != fingerprint(&start.curve)
        {
            return Err(Error::Data {
                name: self.curve_file().display().to_string(),
                problem: format!("is not what was written up to epoch {}", start.epoch),
                cure: self.cure_of_curve().into(),
            });
        }
        if let Some(record) = earlier.model.clone() {
            // burn panics if a record does not fit.
            let loaded = model.valid().try_load_record(record);
            loaded.map_err(unfit(&checkpoints.path(Part::Model, start.epoch)))?;
        }
        Ok(earlier)
    }

    /// Makes the folder ready for a training that starts there; [`start`](Self::start) has allowed
    /// it.
    ///
    /// The name of the run, which its checkpoints have.
    pub fn prepare(&self, start: &Start) -> Result<String> {
        file::remove_all_leftovers(self.run.dir());
        let last = start.epoch;
        self.checkpoints()
            .keep(|epoch| last > 0 && is_kept(epoch, last, &start.curve))?;
        if !start.curve.is_empty() {
            file::replace(&self.curve_file(), &to_csv(&start.curve))?;
        } else if self.curve_file().exists() {
            let path = self.curve_file();
            fs::remove_file(&path).map_err(Error::io("delete", &path))?;
        }
        let mut inputs = self.inputs.clone();
        if let Some(run) = &start.run {
            inputs.run.clone_from(run);
        }
        let mut json = serde_json::json!(self.config);
        json[INPUTS] = serde_json::json!(inputs);
        file::replace(&self.file(CONFIG_FILE), &format!("{json:#}\n"))?;
        if self.run.checkpoints {
            self.checkpoints().create_folder()?;
        }
        Ok(inputs.run)
    }
}

fn refused(problem: String, cure: impl Into<String>) -> Error {
    Error::setting("run", problem, cure)
}
