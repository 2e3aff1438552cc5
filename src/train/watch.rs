//! Errors and interruptions that stop a run before its last epoch.

use super::summary::Summary;
use crate::{
    error::{Error, Result},
    file::FolderLock,
};
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
    train::Interrupter,
};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

/// The end of the name of a part that is of validation data.
pub(super) const OF_VALIDATION: &str = " of the validation data";

/// Shared by everything that may stop a run: training steps, the writer of the curve's file, and
/// the dashboard.
#[derive(Clone, Default)]
pub(super) struct Watch {
    folder: Weak<FolderLock>,
    /// Stops the engine.
    pub engine: Interrupter,
    /// The interrupter for the dashboard. It is a separate one: the dashboard of burn 0.22.1 resets
    /// its interrupter at the end of training. That would erase the engine's error before it can be
    /// read.
    pub dashboard: Interrupter,
    error: Arc<Mutex<Option<Error>>>,
    step: Arc<AtomicU64>,
    /// When the first step of the epoch began.
    epoch: Arc<Mutex<Option<Instant>>>,
    interrupted: Arc<AtomicBool>,
    deferred: Arc<Mutex<VecDeque<Summary>>>,
}

impl Watch {
    /// For a run in this folder. A thread that outlives the run does not keep the lock.
    pub fn new(folder: &Arc<FolderLock>) -> Self {
        Self {
            folder: Arc::downgrade(folder),
            ..Self::default()
        }
    }

    /// Refuses to write after the run has ended, or into a folder that has taken the place of the
    /// run's.
    pub fn check_folder(&self) -> Result<()> {
        match self.folder.upgrade() {
            Some(folder) => folder.check(),
            None => Err(Error::Training("the run has ended".into())),
        }
    }

    /// Stops the run with an error; the first one is kept.
    pub fn fail(&self, error: Error) {
        let mut slot = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        self.engine.stop(Some(&error.to_string()));
        slot.get_or_insert(error);
    }

    /// The error that stopped the run.
    pub fn error(&self) -> Option<Error> {
        self.error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Whether an error stopped the run.
    pub fn has_failed(&self) -> bool {
        let error = self.error.lock().unwrap_or_else(PoisonError::into_inner);
        error.is_some()
    }

    /// The number of the last optimizer step begun.
    pub fn step(&self) -> u64 {
        self.step.load(Ordering::Relaxed)
    }

    /// Called when an optimizer step begins.
    pub fn begin(&self, step: u64, steps_per_epoch: u64) {
        self.step.store(step, Ordering::Relaxed);
        if step.is_multiple_of(steps_per_epoch) {
            *self.epoch.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    /// How long ago the first step of the epoch began, in seconds.
    pub fn seconds_of_epoch(&self) -> f64 {
        let since = *self.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        since.map_or(0.0, |since| since.elapsed().as_secs_f64())
    }

    /// Remembers that the caller ended the run after an epoch.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// Whether the caller ended the run after an epoch.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Stops the engine if the dashboard's interrupter was used.
    pub fn poll(&self) {
        if self.dashboard.should_stop() {
            self.engine.stop(self.dashboard.get_message().as_deref());
        }
    }

    /// Whether all numbers are finite; if not, the run stops. It waits for the step's numbers,
    /// unless they were already read.
    pub fn check(&self, summary: &Summary) -> bool {
        let of = match summary.validation {
            false => "",
            true => OF_VALIDATION,
        };
        let problem = match summary.not_finite() {
            Ok(None) => return true,
            Ok(Some(problem)) => problem,
            Err(error) => {
                self.fail(Error::Training(format!(
                    "numbers cannot be read back: {error}"
                )));
                return false;
            }
        };
        self.fail(Error::NonFinite {
            part: format!("{}{of}", problem.part),
            value: problem.value,
            step: summary.step,
            cure: String::new(), // fit() knows the folder and the learning rate
        });
        false
    }

    /// Remembers a step whose numbers are still on the device.
    pub fn defer(&self, summary: Summary) {
        let mut deferred = self.deferred.lock().unwrap_or_else(PoisonError::into_inner);
        // Numbers that are already on the host are checked at once, without waiting, and in order:
        // the error is that of the first bad step.
        while let Some(read) = deferred.pop_front_if(|summary| summary.is_read()) {
            self.check(&read);
        }
        deferred.push_back(summary);
    }

    /// Checks all steps that were deferred; waits for them.
    pub fn check_deferred(&self) -> bool {
        let mut deferred = self.deferred.lock().unwrap_or_else(PoisonError::into_inner);
        deferred.drain(..).all(|summary| self.check(&summary))
    }
}

/// A number that is finite only if all gradients are: the sum of their means. `[1]`; `None` if
/// there is no gradient.
pub(super) fn gradient_summary<M: Module>(
    model: &M,
    gradients: &GradientsParams,
) -> Option<Tensor<1>> {
    struct Summary<'a> {
        gradients: &'a GradientsParams,
        sum: Option<Tensor<1>>,
    }
    impl ModuleVisitor for Summary<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                let mean = gradient.mean();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum + mean,
                    None => mean,
                });
            }
        }
    }
    let mut summary = Summary {
        gradients,
        sum: None,
    };
    model.visit(&mut summary);
    summary.sum
}
