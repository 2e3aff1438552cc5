//! The range of an axis, and its tick labels.

use plotters::coord::{
    ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter},
    types::RangedCoordf64,
};
use std::{
    f64::consts::LN_10,
    iter::{repeat_n, successors},
    ops::Range,
};

/// An interval of numbers, or of their logarithms to base ten.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub range: Range<f64>,
    pub log: bool,
    /// The approximate number of tick labels.
    pub ticks: usize,
    /// Whether ticks are whole numbers only, as for epochs and layers.
    pub whole: bool,
}

impl Axis {
    pub fn extent(&self) -> f64 {
        self.range.end - self.range.start
    }

    /// The range of the numbers themselves. An end that would overflow becomes the greatest number.
    fn numbers(&self) -> Range<f64> {
        let Range { start, end } = self.range;
        match self.log {
            true => 10f64.powf(start)..10f64.powf(end).min(f64::MAX),
            false => start..end,
        }
    }

    /// What is wrong with the range of the axis of this name.
    pub fn problem(&self, name: &str) -> Option<String> {
        let numbers = self.numbers();
        let problem = || {
            let Range { start, end } = &numbers;
            let range = format!("the {name} range from {start:?} to {end:?}");
            format!("{range} is too long or too short to lay out")
        };
        let sound = is_sound(&self.range) && is_sound(&numbers);
        (!sound).then(problem)
    }

    /// The labels of the ticks.
    pub fn labels(&self) -> Vec<String> {
        let ticks = self.key_points(self.ticks);
        ticks.iter().map(|tick| self.format_ext(tick)).collect()
    }

    /// Multiples of one, two or five times a power of ten.
    fn round(&self, range: &Range<f64>) -> Vec<f64> {
        // plotters treats very short ranges as empty, so the range is scaled first.
        let unit = 10f64.powf((range.end - range.start).log10().floor());
        let axis = RangedCoordf64::from(range.start / unit..range.end / unit);
        let mut ticks = axis.key_points(self.ticks);
        ticks.iter_mut().for_each(|tick| *tick *= unit);
        ticks.retain(|tick| !self.whole || (tick - tick.round()).abs() < 1e-6);
        ticks
    }

    /// Powers of ten with equal quotients. plotters' own loop does not end if a power is infinite.
    fn powers(&self) -> Vec<f64> {
        let Range { start, end } = self.numbers();
        let start = start.max(f64::MIN_POSITIVE);
        let quotient = end / start;
        let decades = match quotient.is_finite() {
            true => (quotient.ln() / LN_10).floor().max(1.0) as usize,
            false => self.extent() as usize,
        };
        let most = self.ticks.min(9);
        let fits = |step: &usize| decades / step <= most;
        let step = (1..decades).find(fits).unwrap_or(decades);
        let first = 10f64.powf((start.ln() / LN_10).ceil());
        let factor: f64 = repeat_n(10.0, step).product();
        successors(Some(first), |power| Some(power * factor))
            .take_while(|power| *power <= end)
            .collect()
    }
}

/// Whether a range's length is finite and large enough to compute with.
fn is_sound(Range { start, end }: &Range<f64>) -> bool {
    let (extent, most) = (end - start, start.abs().max(end.abs()));
    extent.is_finite() && extent > (1e-12 * most).max(1e-290)
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.range()).map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        if !self.log {
            return self.round(&self.range);
        }
        let Range { start, end } = self.range;
        let mut ticks = self.powers();
        if ticks.len() < 3 {
            ticks = (start.floor() as i32..=end as i32)
                .flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10f64.powi(power)))
                .filter(|tick| (start - 1e-9..=end + 1e-9).contains(&tick.log10()))
                .collect();
        }
        if ticks.len() < 3 {
            ticks = self.round(&self.numbers());
        }
        ticks.into_iter().map(f64::log10).collect()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, tick: &f64) -> String {
        let value = if self.log { 10f64.powf(*tick) } else { *tick };
        let resolution = if self.log { value } else { self.extent() };
        number(value, 1e-4 * resolution)
    }
}

/// The nearest number that is not infinite.
pub(super) fn finite(number: f64) -> f64 {
    number.clamp(f64::MIN, f64::MAX)
}

/// The position of a number in a range: 0 at its start and 1 at its end.
pub(super) fn share(number: f64, Range { start, end }: &Range<f64>) -> f64 {
    if (end - start).is_finite() {
        return (number - start) / (end - start);
    }
    // The length of the longest ranges overflows, but half of it does not.
    (number / 2.0 - start / 2.0) / (end / 2.0 - start / 2.0)
}

/// A range over all of the numbers, with margins of these shares of it.
pub(super) fn cover(values: impl IntoIterator<Item = f64>, margins: [f64; 2]) -> Range<f64> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(value), high.max(value));
    }
    if low == high {
        let room = (0.05 * low.abs()).max(0.5);
        (low, high) = (low - room, high + room);
    }
    let [below, above] = margins.map(|margin| margin * finite(high - low));
    finite(low - below)..finite(high + above)
}

/// A number to about this resolution.
pub(super) fn number(value: f64, resolution: f64) -> String {
    // For the smallest numbers the resolution is 0 as well.
    if value == 0.0 || value.abs() < resolution {
        return "0".into();
    }
    // Rounded first, since the shortest form of a rounded number has no spurious digits.
    let digits = (value.abs() / resolution).log10().clamp(0.0, 15.0) as usize;
    let rounded = format!("{value:.digits$e}").parse().unwrap_or(value);
    let text = match rounded.abs() {
        1e-3..1e6 => format!("{rounded}"),
        _ => format!("{rounded:e}"),
    };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers() {
        let labels = |range, ticks, log| {
            Axis {
                range,
                log,
                ticks,
                whole: log,
            }
            .labels()
        };
        assert_eq!(
            labels(0.0..1.0, 6, false),
            ["0", "0.2", "0.4", "0.6", "0.8", "1"]
        );
        assert_eq!(labels(0.0..5e6, 3, false), ["0", "2e6", "4e6"]);
        assert_eq!(labels(-4e-25..0.0, 3, false), ["−4e−25", "−2e−25", "0"]);
        assert_eq!(labels(-0.1..3.1, 8, true), ["1", "10", "100", "1000"]);
        assert_eq!(labels(0.0..1.4, 8, true), ["1", "2", "5", "10", "20"]);
        // 601 decades hold 151 no more than three times.
        assert_eq!(
            labels(-300.5..300.5, 3, true),
            ["1e−300", "1e−149", "100", "1e153"]
        );
        assert_eq!(
            labels(2.2..2.65, 8, true),
            ["200", "250", "300", "350", "400"]
        );
    }
}
