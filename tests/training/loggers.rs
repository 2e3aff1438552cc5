//! Metric loggers beside the curve.

use super::*;
use burn::train::{
    logger::{FileMetricLogger, InMemoryMetricLogger, MetricLogger},
    metric::{
        MetricDefinition, NumericEntry,
        store::{EpochSummary, MetricsUpdate, Split},
    },
};
use std::sync::Mutex;

/// What a logger hears: metrics' names, updates, ends of splits.
#[derive(Default)]
struct Heard {
    names: Vec<String>,
    updates: usize,
    ends: Vec<usize>,
}

struct Listener(Arc<Mutex<Heard>>);

impl MetricLogger for Listener {
    fn log(&mut self, update: MetricsUpdate, _: usize, _: &Split) {
        self.0.lock().unwrap().updates += usize::from(!update.entries_numeric.is_empty());
    }

    fn read_numeric(&mut self, _: &str, _: usize, _: &Split) -> Result<Vec<NumericEntry>, String> {
        Err("this one keeps nothing".into())
    }

    fn log_metric_definition(&mut self, definition: MetricDefinition) {
        self.0
            .lock()
            .unwrap()
            .names
            .push(definition.name.to_string());
    }

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        self.0.lock().unwrap().ends.push(summary.epoch_number);
    }
}

/// The run writes what it writes alone, too.
#[test]
fn loggers_hear_a_run_that_they_do_not_change() {
    let dir = tempfile::tempdir().unwrap();
    let alone = fit(&small(), silent(dir.path().join("alone")));
    let heard = Arc::new(Mutex::new(Heard::default()));
    let metrics = dir.path().join("metrics");
    let run = silent(dir.path().join("heard"))
        .with_metric_logger(Listener(heard.clone()))
        .with_metric_logger(FileMetricLogger::new(&metrics))
        .with_metric_logger(InMemoryMetricLogger::default());
    let trained = fit(&small(), run);
    assert!(bits(&alone.model) == bits(&trained.model));
    assert!(dir.path().join("heard/curve.csv").exists());
    for (alone, heard) in alone.curve.iter().zip(&trained.curve) {
        assert_eq!((alone.train, alone.valid), (heard.train, heard.valid));
    }

    let heard = heard.lock().unwrap();
    for name in ["Bound", "Loss"] {
        assert!(
            heard.names.iter().any(|other| other == name),
            "{:?}",
            heard.names
        );
    }
    // 30 rows in batches of 8, 13 of validation data in 2, at least.
    assert!(heard.updates >= 4 * (4 + 2), "{}", heard.updates);
    assert_eq!(heard.ends, [1, 1, 2, 2, 3, 3, 4, 4]);
    let epochs = fs::read_dir(metrics.join("train")).unwrap().count();
    assert_eq!(epochs, 4);
}

/// Panics at the end of an epoch, and counts what it is told after that.
struct Broken(Arc<Mutex<Vec<usize>>>);

impl MetricLogger for Broken {
    fn log(&mut self, _: MetricsUpdate, epoch: usize, _: &Split) {
        self.0.lock().unwrap().push(epoch);
    }

    fn read_numeric(&mut self, _: &str, _: usize, _: &Split) -> Result<Vec<NumericEntry>, String> {
        Err("this one keeps nothing".into())
    }

    fn log_metric_definition(&mut self, _: MetricDefinition) {}

    fn log_epoch_summary(&mut self, summary: EpochSummary) {
        panic!("no disk for epoch {}", summary.epoch_number);
    }
}

#[test]
fn a_panic_in_a_logger_is_the_runs_error() {
    let dir = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let run = silent(dir.path()).with_metric_logger(Broken(told.clone()));
    let model = vae(Uncertainty::EncoderAndDecoder);
    let error = small().fit(model, &grey(30), Some(&grey(13)), run);
    let error = error.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("a metric logger panicked: no disk for epoch 1"),
        "{text}"
    );
    assert!(told.lock().unwrap().iter().all(|&epoch| epoch == 1));
    // What was written before is good.
    let resumed = fit(&small(), silent(dir.path()).with_resume(true));
    let alone = tempfile::tempdir().unwrap();
    let alone = fit(&small(), silent(alone.path()));
    assert!(bits(&resumed.model) == bits(&alone.model));
}
