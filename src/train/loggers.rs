//! Metric loggers of the user's.

use burn::train::{
    logger::MetricLogger,
    metric::{
        MetricDefinition, NumericEntry,
        store::{EpochSummary, MetricsUpdate, Split},
    },
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A logger that clones of a run share.
#[derive(Clone)]
pub(super) struct SharedLogger(Arc<Mutex<dyn MetricLogger>>);

impl SharedLogger {
    pub fn new(logger: impl MetricLogger + 'static) -> Self {
        Self(Arc::new(Mutex::new(logger)))
    }

    fn lock(&self) -> MutexGuard<'_, dyn MetricLogger + 'static> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SharedLogger {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("MetricLogger")
    }
}

impl MetricLogger for SharedLogger {
    fn log(&mut self, update: MetricsUpdate, epoch: usize, split: &Split) {
        self.lock().log(update, epoch, split);
    }

    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        self.lock().read_numeric(name, epoch, split)
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.lock().log_metric_definition(definition);
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        self.lock().log_epoch_summary(summary);
    }
}
