//! Fills the learning curve from the reports of burn's engine.

use super::{
    Averages, EpochSummary, Schedule,
    curve::{fingerprint, to_csv},
    quantity::Quantity,
    watch::Watch,
};
use crate::file;
use burn::train::{
    logger::MetricLogger,
    metric::{
        MetricDefinition, NumericEntry,
        store::{EpochSummary as EndOfSplit, MetricsUpdate, Split},
    },
};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// The epochs so far, shared by the recorder and the caller.
#[derive(Clone, Default)]
pub(super) struct Curve(Arc<Mutex<Vec<EpochSummary>>>);

impl Curve {
    pub fn new(epochs: Vec<EpochSummary>) -> Self {
        Self(Arc::new(Mutex::new(epochs)))
    }

    pub fn epochs(&self) -> Vec<EpochSummary> {
        self.with(|epochs| epochs.clone())
    }

    pub fn has(&self, epoch: usize) -> bool {
        self.with(|epochs| epochs.iter().any(|summary| summary.epoch == epoch))
    }

    /// The fingerprint of the curve up to an epoch.
    pub fn fingerprint(&self, epoch: usize) -> String {
        self.with(|epochs| {
            let end = epochs.partition_point(|summary| summary.epoch <= epoch);
            fingerprint(&epochs[..end])
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut Vec<EpochSummary>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Fills a [`Curve`] from the reports of burn's engine, and writes its file.
pub(super) struct Recorder {
    curve: Curve,
    path: PathBuf,
    schedule: Schedule,
    steps_per_epoch: usize,
    num_train: usize,
    num_valid: usize,
    watch: Watch,
    epoch: OpenEpoch,
}

/// The epoch that is running.
#[derive(Default)]
struct OpenEpoch {
    seconds: f64,
    train: OpenSplit,
    valid: OpenSplit,
}

#[derive(Default)]
struct OpenSplit {
    datapoints: usize,
    finals: Vec<(Quantity, f64)>,
}

impl OpenSplit {
    /// `None` if not all datapoints were visited, because the run was stopped within the epoch.
    fn averages(&self, num_datapoints: usize) -> Option<Averages> {
        (self.datapoints == num_datapoints && num_datapoints > 0).then_some(())?;
        Averages::collect(|quantity| {
            let mut finals = self.finals.iter();
            finals.find_map(|&(of, value)| (of == quantity).then_some(value))
        })
    }
}

impl Recorder {
    /// Continues `curve`, which is empty or holds the earlier epochs.
    pub fn new(
        curve: Curve,
        path: PathBuf,
        schedule: Schedule,
        steps_per_epoch: usize,
        watch: Watch,
    ) -> Self {
        Self {
            curve,
            path,
            schedule,
            steps_per_epoch,
            num_train: 0,
            num_valid: 0,
            watch,
            epoch: OpenEpoch::default(),
        }
    }

    /// Sets the expected numbers of datapoints in an epoch.
    pub fn with_datapoints(self, num_train: usize, num_valid: usize) -> Self {
        Self {
            num_train,
            num_valid,
            ..self
        }
    }

    fn close(&mut self, epoch: usize) {
        let open = std::mem::take(&mut self.epoch);
        // The last batch may be one of numbers that are not finite, which a curve cannot hold. No
        // checkpoint follows: the curve ends with the epoch before.
        if self.watch.has_failed() {
            return;
        }
        let Some(train) = open.train.averages(self.num_train) else {
            return;
        };
        let valid = open.valid.averages(self.num_valid);
        if valid.is_none() && self.num_valid > 0 {
            return;
        }
        let summary = EpochSummary {
            epoch,
            learning_rate: (self.schedule)
                .learning_rate((epoch - 1) * self.steps_per_epoch, self.steps_per_epoch),
            steps: self.steps_per_epoch,
            seconds: open.seconds,
            train,
            valid,
        };
        let text = self.curve.with(|epochs| {
            epochs.push(summary);
            to_csv(epochs)
        });
        let written = self.watch.check_folder();
        if let Err(error) = written.and_then(|()| file::replace(&self.path, &text)) {
            self.watch.fail(error);
        }
    }
}

impl MetricLogger for Recorder {
    fn log(&mut self, update: MetricsUpdate, _: usize, split: &Split) {
        let open = match split {
            Split::Train => &mut self.epoch.train,
            _ => &mut self.epoch.valid,
        };
        for update in update.entries_numeric {
            let id = &update.entry.metric_id;
            let Some(quantity) = Quantity::ALL
                .into_iter()
                .find(|quantity| quantity.id() == *id)
            else {
                continue;
            };
            match update.numeric_entry {
                Some(NumericEntry::Final(value)) => open.finals.push((quantity, value)),
                Some(NumericEntry::Aggregated { count, .. }) if quantity == Quantity::Bound => {
                    open.datapoints += count;
                }
                _ => {}
            }
        }
    }

    /// burn calls this to find the best checkpoint.
    fn read_numeric(
        &mut self,
        name: &str,
        epoch: usize,
        split: &Split,
    ) -> Result<Vec<NumericEntry>, String> {
        let quantity = Quantity::ALL
            .into_iter()
            .find(|quantity| quantity.name() == name);
        let value = self.curve.with(|epochs| {
            let summary = epochs.iter().find(|summary| summary.epoch == epoch)?;
            let averages = match split {
                Split::Train => Some(summary.train),
                _ => summary.valid,
            };
            averages?.get(quantity?)
        });
        Ok(value.map(NumericEntry::Final).into_iter().collect())
    }

    fn log_metric_definition(&mut self, _: MetricDefinition) {}

    fn log_epoch_summary(&mut self, end: EndOfSplit) {
        match end.split {
            Split::Train => self.epoch.seconds = self.watch.seconds_of_epoch(),
            _ => self.close(end.epoch_number), // validation is last, and empty if there are no such data
        }
    }
}
