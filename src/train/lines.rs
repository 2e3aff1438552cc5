//! Progress as lines of text.

use super::quantity::Quantity;
use burn::train::{
    logger::{EvaluationProgressLogger, TrainingProgressLogger},
    metric::{MetricDefinition, MetricId, NumericEntry},
    renderer::{
        EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation,
        MetricsRendererTraining,
    },
};
use std::{
    io::Write,
    time::{Duration, Instant},
};

const INTERVAL: Duration = Duration::from_secs(10);

/// Writes lines.
pub(super) struct Lines<W> {
    out: W,
    batch_size: usize,
    bound: MetricId,
    effective_sample_size: MetricId,
    started: Instant,
    last_line: Instant,
    total_epochs: usize,
    first_epoch: usize,
    /// The running epoch, counted from 1.
    epoch: usize,
    validating: bool,
    items_total: usize,
    items: usize,
    /// Bound and effective sample size since the last line.
    recent: [Sum; 2],
    train: [f64; 2],
    valid: Option<f64>,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    sum: f64,
    count: usize,
}

impl<W: Write> Lines<W> {
    pub fn new(out: W, batch_size: usize) -> Self {
        Self {
            out,
            batch_size,
            bound: Quantity::Bound.id(),
            effective_sample_size: Quantity::EffectiveSampleSize.id(),
            started: Instant::now(),
            last_line: Instant::now(),
            total_epochs: 0,
            first_epoch: 1,
            epoch: 1,
            validating: false,
            items_total: 0,
            items: 0,
            recent: Default::default(),
            train: [f64::NAN; 2],
            valid: None,
        }
    }

    /// Errors are ignored: training goes on if the lines cannot be written.
    fn line(&mut self, text: &str) {
        let epoch = format!(
            "epoch {:>width$}/{}",
            self.epoch,
            self.total_epochs,
            width = digits(self.total_epochs)
        );
        let _ = writeln!(self.out, "{epoch}  {text}");
        self.last_line = Instant::now();
        self.recent = Default::default();
    }

    fn update(&mut self, state: MetricState) -> Option<(usize, NumericEntry)> {
        let MetricState::Numeric(entry, Some(value)) = state else {
            return None;
        };
        let ids = [&self.bound, &self.effective_sample_size];
        let index = ids.iter().position(|&id| *id == entry.metric_id)?;
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

    /// The time left, if `done` epochs took the time since the start.
    fn time_left(&self, done: f64) -> String {
        let all = (self.total_epochs + 1 - self.first_epoch) as f64;
        let left = self.started.elapsed().as_secs_f64() * (all - done) / done;
        format!("{} left", duration(left))
    }

    fn epochs_done(&self) -> usize {
        self.epoch - self.first_epoch
    }
}

impl<W: Write + Send + Sync> MetricsRendererTraining for Lines<W> {
    fn update_train(&mut self, state: MetricState) {
        if let Some((index, NumericEntry::Final(value))) = self.update(state) {
            self.train[index] = value;
        }
    }

    fn update_valid(&mut self, state: MetricState) {
        if let Some((0, NumericEntry::Final(value))) = self.update(state) {
            self.valid = Some(value);
        }
    }
}

impl<W: Write + Send + Sync> TrainingProgressLogger for Lines<W> {
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
        self.last_line = self.started;
    }

    fn start_split(&mut self, split: &str, total_items: usize) {
        self.validating = split != "train";
        self.items_total = total_items;
        self.items = 0;
        self.recent = Default::default();
    }

    fn update_split(&mut self, items_processed: usize) {
        self.items = items_processed;
        if self.last_line.elapsed() < INTERVAL {
            return;
        }
        let steps = |items: usize| items.div_ceil(self.batch_size);
        let (step, total) = (steps(self.items), steps(self.items_total));
        let what = if self.validating {
            "validation"
        } else {
            "step"
        };
        let [bound, ess] = self.recent.map(|recent| recent.sum / recent.count as f64);
        let part = if self.validating {
            1.0
        } else {
            self.items as f64 / self.items_total as f64
        };
        let left = self.time_left(self.epochs_done() as f64 + part);
        let width = digits(total);
        self.line(&format!(
            "{what} {step:>width$}/{total}  bound {bound:.2}  ESS {ess:.1}  {left}"
        ));
    }

    fn end_split(&mut self) {}

    fn update_epoch(&mut self, epoch: usize) {
        self.epoch = epoch;
        let [bound, ess] = self.train;
        let valid = self
            .valid
            .take()
            .map_or(String::new(), |valid| format!("  valid bound {valid:.2}"));
        let left = match epoch == self.total_epochs {
            true => format!("done in {}", duration(self.started.elapsed().as_secs_f64())),
            false => self.time_left((self.epochs_done() + 1) as f64),
        };
        self.line(&format!("bound {bound:.2}  ESS {ess:.1}{valid}  {left}"));
        self.epoch = epoch + 1;
    }

    fn end(&mut self) {
        if self.epoch <= self.total_epochs {
            let elapsed = duration(self.started.elapsed().as_secs_f64());
            self.line(&format!("stopped after {elapsed}"));
        }
    }

    fn log_event_training(&mut self, _: String) {}
}

impl<W: Write + Send + Sync> MetricsRenderer for Lines<W> {
    fn manual_close(&mut self) {}

    fn register_metric(&mut self, _: MetricDefinition) {}
}

/// burn's renderers must also show evaluations; this one is never used for any.
impl<W: Write + Send + Sync> MetricsRendererEvaluation for Lines<W> {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl<W: Write + Send> EvaluationProgressLogger for Lines<W> {
    fn start_global_progress(&mut self, _: usize) {}

    fn start_test(&mut self, _: &str, _: usize) {}

    fn update_test_progress(&mut self, _: usize) {}

    fn end_test(&mut self) {}

    fn end_global_progress(&mut self) {}

    fn log_event_evaluation(&mut self, _: String) {}
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

/// "42 s", "4 min 10 s", "2 h 05 min", "3 d 04 h".
fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {:02} s", seconds % 60),
        (0, ..) => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{days} d {:02} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::train::metric::{MetricEntry, SerializedEntry};

    fn numeric(quantity: Quantity, value: NumericEntry) -> MetricState {
        let text = SerializedEntry::new(String::new(), String::new());
        MetricState::Numeric(MetricEntry::new(quantity.id(), text), Some(value))
    }

    #[test]
    fn lines_say_where_training_is() {
        let mut lines = Lines::new(Vec::new(), 10);
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
        lines.update_split(15); // too early for a line
        lines.last_line -= INTERVAL;
        lines.update_split(15);
        lines.update_train(numeric(Quantity::Bound, NumericEntry::Final(-98.126)));
        lines.update_train(numeric(
            Quantity::EffectiveSampleSize,
            NumericEntry::Final(3.0),
        ));
        lines.update_valid(numeric(Quantity::Bound, NumericEntry::Final(-99.5)));
        lines.update_epoch(3);
        lines.end();
        let text = String::from_utf8(lines.out).unwrap();
        assert_eq!(
            text,
            "epoch  3/12  step  2/10  bound -100.00  ESS 3.4  0 s left\n\
             epoch  3/12  bound -98.13  ESS 3.0  valid bound -99.50  0 s left\n\
             epoch  4/12  stopped after 0 s\n"
        );
    }

    #[test]
    fn durations_are_readable() {
        let texts = [0.4, 59.0, 61.0, 3599.0, 7500.0, 90_000.0].map(duration);
        assert_eq!(
            texts,
            [
                "0 s",
                "59 s",
                "1 min 01 s",
                "59 min 59 s",
                "2 h 05 min",
                "1 d 01 h"
            ]
        );
    }
}
