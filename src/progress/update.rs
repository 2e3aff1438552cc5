//! One piece of news about something long.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

/// How far something long is.
///
/// Its text is the line that [`Progress`](super::Progress) shows.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Update<'a> {
    /// What is being done: an epoch such as "epoch  3/30", a pass over data, the name of a file.
    pub task: &'a str,
    /// How much of the task is done, in units.
    pub done: u64,
    /// How much the task has in all, where that is known.
    pub total: Option<u64>,
    /// What `done` and `total` count.
    pub unit: Unit,
    /// Figures by name; those of a training are in nats but for the effective sample size, "ESS".
    pub values: &'a [(&'static str, f64)],
    /// Since the whole began: all epochs of this call, a pass, a download.
    pub elapsed: Duration,
    /// Until the whole ends, at the speed so far.
    pub time_left: Option<Duration>,
    /// Whether the task is over and the values are its result.
    pub end: bool,
}

/// What an [`Update`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes, shown as MB.
    Byte,
    /// Datapoints.
    Datapoint,
    /// Steps of an optimizer.
    Step,
    /// Batches of validation.
    Validation,
}

impl<'a> Update<'a> {
    /// Nothing done yet of an unknown total.
    pub(crate) fn new(task: &'a str, unit: Unit) -> Self {
        Self {
            task,
            done: 0,
            total: None,
            unit,
            values: &[],
            elapsed: Duration::ZERO,
            time_left: None,
            end: false,
        }
    }

    /// The part of the task that is done, from 0 to 1, where its total is known.
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total?;
        Some(match total {
            0 => 1.0,
            _ => self.done as f64 / total as f64,
        })
    }
}

/// The time left if a part of a whole, above 0 and at most 1, took so long.
pub(crate) fn time_left(elapsed: Duration, part: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * (1.0 - part) / part).ok()
}

impl Display for Update<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.task)?;
        if !self.end {
            let megabytes = |bytes: u64| bytes as f64 / 1e6;
            match (self.unit, self.total) {
                (Unit::Byte, Some(total)) => {
                    let (done, total) = (megabytes(self.done), megabytes(total));
                    write!(f, "  {done:.1}/{total:.1} MB")?;
                }
                (Unit::Byte, None) => write!(f, "  {:.1} MB", megabytes(self.done))?,
                (unit, Some(total)) => {
                    let width = total.to_string().len();
                    write!(f, "  {} {:>width$}/{total}", unit.name(), self.done)?;
                }
                (unit, None) => write!(f, "  {} {}", unit.name(), self.done)?,
            }
        }
        for (name, value) in self.values {
            let decimals = if *name == "ESS" { 1 } else { 2 };
            write!(f, "  {name} {value:.decimals$}")?;
        }
        match self.time_left {
            Some(left) => write!(f, "  {} left", duration(left)),
            None if self.end => write!(f, "  done in {}", duration(self.elapsed)),
            None => Ok(()),
        }
    }
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Byte => "byte",
            Self::Datapoint => "datapoint",
            Self::Step => "step",
            Self::Validation => "validation",
        }
    }
}

/// "42 s", "4 min 10 s", "2 h 05 min", "3 d 04 h".
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round() as u64;
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

    #[test]
    fn durations_are_readable() {
        let texts = [0.4, 59.0, 61.0, 3599.0, 7500.0, 90_000.0]
            .map(|seconds| duration(Duration::from_secs_f64(seconds)));
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

    #[test]
    fn time_left_is_by_the_speed_so_far() {
        let minute = Duration::from_secs(60);
        assert_eq!(time_left(minute, 0.75), Some(Duration::from_secs(20)));
        assert_eq!(time_left(minute, 1.0), Some(Duration::ZERO));
        assert_eq!(time_left(minute, 0.0), None);
    }
}
