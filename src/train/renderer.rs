//! What a person sees while training runs.

use super::{quantity::Quantity, watch::Watch};
use crate::progress::{Progress, Reporter, Unit, Update, duration, time_left};
use burn::train::{
    logger::{EvaluationProgressLogger, TrainingProgressLogger},
    metric::{MetricDefinition, MetricId, NumericEntry},
    renderer::{
        EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
        MetricsRendererTraining, default_renderer,
    },
};
use std::{
    io::{self, IsTerminal},
    time::Instant,
};

/// The renderer; `first_epoch` is the number of epochs done in an earlier run.
pub(super) fn renderer(
    progress: &Progress,
    watch: &Watch,
    batch_size: usize,
    first_epoch: usize,
) -> Box<dyn MetricsRenderer> {
    match progress {
        Progress::Auto if io::stdout().is_terminal() => {
            let resumed = (first_epoch > 0).then_some(first_epoch);
            default_renderer(watch.dashboard.clone(), resumed)
        }
        _ => Box::new(Lines::new(progress, batch_size)),
    }
}

/// Gathers updates from what burn's engine tells.
struct Lines {
    reporter: Reporter,
    batch_size: usize,
    /// What is shown: name, and the metrics that it is of.
    shown: [(&'static str, Vec<MetricId>); SHOWN],
    started: Instant,
    total_epochs: usize,
    first_epoch: usize,
    /// The running epoch, counted from 1.
    epoch: usize,
    validating: bool,
    items_total: usize,
    items: usize,
    /// The steps of a whole epoch.
    steps: u64,
    /// The means of what is shown since the last update that was told.
    recent: [Sum; SHOWN],
    /// Those of the last whole epoch.
    train: [Option<f64>; SHOWN],
    valid_bound: Option<f64>,
}

/// The bound, which is first, the effective sample size, and the KL divergence of charged weights.
const SHOWN: usize = 3;

#[derive(Clone, Copy, Default)]
struct Sum {
    sum: f64,
    count: usize,
}

impl Sum {
    fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

impl Lines {
    fn new(progress: &Progress, batch_size: usize) -> Self {
        Self {
            reporter: Reporter::new(progress),
            batch_size,
            shown: [
                ("bound", vec![Quantity::Bound.id()]),
                ("ESS", vec![Quantity::EffectiveSampleSize.id()]),
                (
                    "weight KL",
                    vec![Quantity::WeightKl.id(), Quantity::WeightKlEstimate.id()],
                ),
            ],
            started: Instant::now(),
            total_epochs: 0,
            first_epoch: 1,
            epoch: 1,
            validating: false,
            items_total: 0,
            items: 0,
            steps: 0,
            recent: Default::default(),
            train: Default::default(),
            valid_bound: None,
        }
    }

    /// The name of the running epoch.
    fn task(&self) -> String {
        let width = self.total_epochs.to_string().len();
        format!("epoch {:>width$}/{}", self.epoch, self.total_epochs)
    }

    fn tell(&mut self, update: Update<'_>, epochs_done: f64) {
        let elapsed = self.started.elapsed();
        let epochs = (self.total_epochs + 1 - self.first_epoch) as f64;
        let told = self.reporter.tell(&Update {
            elapsed,
            time_left: match update.end && self.epoch == self.total_epochs {
                true => None,
                false => time_left(elapsed, epochs_done / epochs),
            },
            ..update
        });
        if told {
            self.recent = Default::default();
        }
    }

    fn update(&mut self, state: MetricState) -> Option<(usize, NumericEntry)> {
        let MetricState::Numeric(entry, Some(value)) = state else {
            return None;
        };
        let is_of = |(_, ids): &(_, Vec<MetricId>)| ids.contains(&entry.metric_id);
        let index = self.shown.iter().position(is_of)?;
        if let NumericEntry::Aggregated {
            aggregated_value,
            count,
        } = value
        {
            self.recent[index].sum += aggregated_value * count as f64;
            self.recent[index].count += count;
        }
        Some((index, value))
    }

    /// Names and values of what was measured.
    fn named(&self, values: [Option<f64>; SHOWN]) -> Vec<(&'static str, f64)> {
        let values = self.shown.iter().zip(values);
        let values = values.filter_map(|((name, _), value)| Some((*name, value?)));
        values.collect()
    }

    fn steps_of(&self, items: usize) -> u64 {
        items.div_ceil(self.batch_size) as u64
    }

    fn epochs_done(&self) -> usize {
        self.epoch - self.first_epoch
    }
}

impl MetricsRendererTraining for Lines {
    fn update_train(&mut self, state: MetricState) {
        if let Some((index, NumericEntry::Final(value))) = self.update(state) {
            self.train[index] = Some(value);
        }
    }

    fn update_valid(&mut self, state: MetricState) {
        if let Some((0, NumericEntry::Final(value))) = self.update(state) {
            self.valid_bound = Some(value);
        }
    }
}

impl TrainingProgressLogger for Lines {
    fn start(
        &mut self,
        total_epochs: usize,
        starting_epoch: usize,
        _: Option<usize>,
        _: Option<&str>,
    ) {
        self.total_epochs = total_epochs;
        self.first_epoch = starting_epoch;
        self.epoch = starting_epoch;
        self.started = Instant::now();
    }

    fn start_split(&mut self, split: &str, total_items: usize) {
        self.validating = split != "train";
        self.items_total = total_items;
        self.items = 0;
        if !self.validating {
            self.steps = self.steps_of(total_items);
        }
        self.recent = Default::default();
    }

    fn update_split(&mut self, items_processed: usize) {
        self.items = items_processed;
        let values = self.named(self.recent.map(Sum::mean));
        let (unit, part) = match self.validating {
            true => (Unit::Validation, 1.0),
            false => (Unit::Step, self.items as f64 / self.items_total as f64),
        };
        let task = self.task();
        let update = Update {
            done: self.steps_of(self.items),
            total: Some(self.steps_of(self.items_total)),
            values: &values,
            ..Update::new(&task, unit)
        };
        self.tell(update, self.epochs_done() as f64 + part);
    }

    fn end_split(&mut self) {}

    fn update_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
        let mut values = self.named(self.train);
        values.extend(self.valid_bound.take().map(|bound| ("valid bound", bound)));
        let task = self.task();
        let update = Update {
            done: self.steps,
            total: Some(self.steps),
            values: &values,
            end: true,
            ..Update::new(&task, Unit::Step)
        };
        self.tell(update, (self.epochs_done() + 1) as f64);
        self.epoch = epoch + 1;
    }

    fn end(&mut self) {
        if self.epoch <= self.total_epochs {
            let elapsed = duration(self.started.elapsed());
            let text = match self.epoch - 1 {
                1 => format!("stopped after 1 epoch, in {elapsed}"),
                epochs => format!("stopped after {epochs} epochs, in {elapsed}"),
            };
            self.reporter.note(&text);
        }
    }

    fn log_event_training(&mut self, _: String) {}
}

impl MetricsRenderer for Lines {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, _: MetricDefinition) {}
}

/// burn's renderers must also show evaluations; this one is never used for any.
impl MetricsRendererEvaluation for Lines {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl EvaluationProgressLogger for Lines {
    fn start_global_progress(&mut self, _: usize) {}

    fn start_test(&mut self, _: &str, _: usize) {}

    fn update_test_progress(&mut self, _: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _: String) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::train::metric::{MetricEntry, SerializedEntry};
    use std::sync::{Arc, Mutex};

    fn numeric(quantity: Quantity, value: NumericEntry) -> MetricState {
        let text = SerializedEntry::new(String::new(), String::new());
        MetricState::Numeric(MetricEntry::new(quantity.id(), text), Some(value))
    }

    #[test]
    fn lines_say_where_training_is() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let copy = told.clone();
        let progress = Progress::call(move |update| {
            let update = (update.to_string(), update.done, update.total);
            copy.lock().unwrap().push(update);
        });
        let mut lines = Lines::new(&progress, 10);
        lines.start(12, 3, None, None);
        lines.start_split("train", 95);
        for (value, count) in [(-90.0, 10), (-120.0, 5)] {
            lines.update_train(numeric(
                Quantity::Bound,
                NumericEntry::Aggregated {
                    aggregated_value: value,
                    count,
                },
            ));
            lines.update_train(numeric(
                Quantity::EffectiveSampleSize,
                NumericEntry::Aggregated {
                    aggregated_value: 3.4,
                    count,
                },
            ));
        }
        lines.update_train(numeric(
            Quantity::WeightKl,
            NumericEntry::Aggregated {
                aggregated_value: 2.5,
                count: 15,
            },
        ));
        lines.update_split(15);
        lines.update_train(numeric(Quantity::Bound, NumericEntry::Final(-98.126)));
        lines.update_train(numeric(
            Quantity::EffectiveSampleSize,
            NumericEntry::Final(3.0),
        ));
        lines.update_train(numeric(Quantity::WeightKl, NumericEntry::Final(2.25)));
        lines.update_valid(numeric(Quantity::Bound, NumericEntry::Final(-99.5)));
        lines.update_epoch(3);
        lines.end();
        let step = "epoch  3/12  step  2/10  bound -100.00  ESS 3.4  weight KL 2.50  0 s left";
        let epoch =
            "epoch  3/12  bound -98.13  ESS 3.0  weight KL 2.25  valid bound -99.50  0 s left";
        let expected = [(step, 2), (epoch, 10)].map(|(text, done)| (text.into(), done, Some(10)));
        assert_eq!(*told.lock().unwrap(), expected);
    }
}
