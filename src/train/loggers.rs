//! User-defined metric loggers.

use super::watch::Watch;
use crate::error::Error;
use burn::train::{
    logger::MetricLogger,
    metric::{
        MetricDefinition, NumericEntry,
        store::{EpochSummary, MetricsUpdate, Split},
    },
};
use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
};

/// A logger that clones of a run share.
#[derive(Clone)]
pub(super) struct SharedLogger(Arc<Mutex<dyn MetricLogger>>);

impl SharedLogger {
    pub fn new(logger: impl MetricLogger + 'static) -> Self {
        Self(Arc::new(Mutex::new(logger)))
    }

    /// The logger for a run. If it panics, it stops the run.
    pub fn of_run(&self, watch: &Watch) -> RunLogger {
        RunLogger {
            logger: self.clone(),
            watch: watch.clone(),
            panicked: false,
        }
    }
}

impl fmt::Debug for SharedLogger {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("MetricLogger")
    }
}

/// A logger in a run. A panic in it becomes the run's error: burn calls it on a thread whose panic
/// would abort the program.
pub(super) struct RunLogger {
    logger: SharedLogger,
    watch: Watch,
    panicked: bool,
}

impl RunLogger {
    /// Calls the logger; `None` once it has panicked.
    fn call<R>(&mut self, what: impl FnOnce(&mut dyn MetricLogger) -> R) -> Option<R> {
        if self.panicked {
            return None;
        }
        let logger = &self.logger.0;
        let call = || what(&mut *logger.lock().unwrap_or_else(PoisonError::into_inner));
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(result) => Some(result),
            Err(panic) => {
                self.panicked = true;
                let message = message(&*panic);
                let problem = format!("a metric logger panicked: {message}");
                self.watch.fail(Error::Training(problem));
                None
            }
        }
    }
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it does not say why")
}

impl MetricLogger for RunLogger {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        self.call(|logger| logger.log(update, epoch, split));
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        let read = self.call(|logger| logger.read_numeric(name, epoch, split));
        read.unwrap_or_else(|| Err("the logger panicked".into()))
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.call(|logger| logger.log_metric_definition(definition));
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        self.call(|logger| logger.log_epoch_summary(summary));
    }
}
