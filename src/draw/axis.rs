//! Where numbers lie along an axis, and which of them are named there.

use std::ops::Range;

/// A number to name on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub value: f64,
    pub label: String,
}

/// An interval of numbers, laid out evenly or by logarithm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    range: Range<f64>,
    log: bool,
    whole: bool,
}

impl Axis {
    pub fn new(range: Range<f64>, log: bool) -> Self {
        let whole = false;
        Self { range, log, whole }
    }

    /// With only whole numbers named, as for epochs and layers.
    pub fn of_whole_numbers(self) -> Self {
        Self {
            whole: true,
            ..self
        }
    }

    /// An axis over all of the numbers, with a margin of this share of it at either end.
    pub fn over(values: impl IntoIterator<Item = f64>, log: bool, margins: [f64; 2]) -> Self {
        let (low, high) = ends(values.into_iter().map(|value| scaled(value, log)));
        let (low, high) = if low < high {
            (low, high)
        } else {
            let room = (0.05 * low.abs()).max(0.5);
            (low - room, low + room)
        };
        let (below, above) = ((high - low) * margins[0], (high - low) * margins[1]);
        let back = |place: f64| if log { 10f64.powf(place) } else { place };
        Self::new(back(low - below)..back(high + above), log)
    }

    pub fn range(&self) -> &Range<f64> {
        &self.range
    }

    /// The length of the range as it is laid out.
    pub fn extent(&self) -> f64 {
        self.scale(self.range.end) - self.scale(self.range.start)
    }

    /// Whether computing with the range's length works.
    pub fn is_sound(&self) -> bool {
        let extent = self.extent();
        let [start, end] = [self.range.start, self.range.end].map(|end| self.scale(end).abs());
        extent.is_finite() && extent > (1e-12 * start.max(end)).max(1e-290)
    }

    /// The number itself, or its logarithm.
    pub fn scale(&self, value: f64) -> f64 {
        scaled(value, self.log)
    }

    /// What share of the axis is before the number.
    pub fn share(&self, value: f64) -> f64 {
        (self.scale(value) - self.scale(self.range.start)) / self.extent()
    }

    /// The number before which there is this share of the axis.
    pub fn at(&self, share: f64) -> f64 {
        let place = self.scale(self.range.start) + share * self.extent();
        if self.log { 10f64.powf(place) } else { place }
    }

    /// Round numbers in the range, about as many as this.
    pub fn ticks(&self, count: usize) -> Vec<Tick> {
        if self.log {
            for factors in [&[1.0][..], &[1.0, 2.0, 5.0]] {
                let ticks = self.decades(factors, count);
                if ticks.len() >= 3 || (ticks.len() == 2 && self.extent() >= 2.0) {
                    return ticks;
                }
            }
        }
        // Two numbers at least are needed to read an axis; three are better.
        let ticks = self.multiples(count);
        if ticks.len() < 3 {
            return self.multiples(2 * count);
        }
        ticks
    }

    /// Multiples of a round step.
    fn multiples(&self, count: usize) -> Vec<Tick> {
        let Range { start, end } = self.range;
        let step = round_step((end - start) / count.max(1) as f64);
        let step = if self.whole { step.max(1.0) } else { step };
        // A hair of tolerance keeps the ends of a range that is itself round.
        let first = (start / step - 1e-6).ceil() as i64;
        let last = (end / step + 1e-6).floor() as i64;
        let label = labels(start.abs().max(end.abs()), step);
        (first..=last)
            .map(|i| {
                let value = i as f64 * step;
                let label = label(value);
                Tick { value, label }
            })
            .collect()
    }

    /// Powers of ten times the factors, as far as they are in the range.
    fn decades(&self, factors: &[f64], count: usize) -> Vec<Tick> {
        let first = self.scale(self.range.start).floor() as i32;
        let last = self.scale(self.range.end).ceil() as i32;
        let stride = ((last - first) as usize).div_ceil(count.max(1)).max(1);
        let inside = |value: &f64| (-1e-9..=1.0 + 1e-9).contains(&self.share(*value));
        (first..=last)
            .filter(|power| power.rem_euclid(stride as i32) == 0)
            .flat_map(|power| factors.iter().map(move |factor| factor * 10f64.powi(power)))
            .filter(inside)
            .map(|value| Tick {
                value,
                label: labels(value, value)(value),
            })
            .collect()
    }
}

fn scaled(value: f64, log: bool) -> f64 {
    if log { value.log10() } else { value }
}

/// The least and the greatest.
pub(super) fn ends(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    let wider = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
    values.into_iter().fold(none, wider)
}

/// One, two or five times a power of ten: the least that is no less than this.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|&step| step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// How to write multiples of a step that are no greater than this.
fn labels(greatest: f64, step: f64) -> impl Fn(f64) -> String {
    let decimals = (-(step.log10() + 1e-9).floor()).clamp(0.0, 300.0) as usize;
    let power = (greatest.log10() + 1e-9).floor() as i32;
    let scientific = greatest > 0.0 && !(-3..6).contains(&power);
    move |value| {
        if value == 0.0 {
            return "0".into();
        }
        let sign = if value < 0.0 { "\u{2212}" } else { "" };
        let size = value.abs();
        if !scientific {
            return format!("{sign}{size:.decimals$}");
        }
        let decimals = (power - (step.log10() + 1e-9).floor() as i32).max(0) as usize;
        let ten = format!("10{}", superscript(power));
        let front = format!("{:.decimals$}", size / 10f64.powi(power));
        match front.as_str() {
            "1" => format!("{sign}{ten}"),
            _ => format!("{sign}{front}\u{b7}{ten}"),
        }
    }
}

fn superscript(power: i32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |character: char| match character.to_digit(10) {
        Some(digit) => RAISED[digit as usize],
        None => '⁻',
    };
    power.to_string().chars().map(digit).collect()
}

/// A number in three digits; 0 if it is next to nothing of the span that it is the end of.
pub(super) fn short(value: f64, span: f64) -> String {
    let step = 10f64.powf(value.abs().log10().floor() - 2.0);
    if value.abs() <= 1e-4 * span || step == 0.0 {
        return "0".into();
    }
    let text = labels(value.abs(), step)(value);
    if text.contains('.') && !text.contains('\u{b7}') {
        return text.trim_end_matches('0').trim_end_matches('.').into();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels_of(range: Range<f64>, log: bool, count: usize) -> Vec<String> {
        let ticks = Axis::new(range, log).ticks(count);
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(
            labels_of(0.0..1.0, false, 5),
            ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            labels_of(-120.0..-80.0, false, 4),
            ["−120", "−110", "−100", "−90", "−80"]
        );
        assert_eq!(labels_of(0.0..5e6, false, 3), ["0", "2·10⁶", "4·10⁶"]);
        assert_eq!(
            labels_of(0.0..4e-5, false, 4),
            ["0", "10⁻⁵", "2·10⁻⁵", "3·10⁻⁵", "4·10⁻⁵"]
        );
    }

    #[test]
    fn whole_numbers_have_no_fractions_between() {
        let axis = Axis::new(0.5..3.5, false).of_whole_numbers();
        let labels: Vec<_> = axis.ticks(8).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["1", "2", "3"]);
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_or_finer() {
        assert_eq!(labels_of(0.5..2000.0, true, 8), ["1", "10", "100", "1000"]);
        assert_eq!(labels_of(1.0..20.0, true, 8), ["1", "2", "5", "10", "20"]);
        assert_eq!(labels_of(1e-6..1.0, true, 3), ["10⁻⁶", "10⁻⁴", "0.01", "1"]);
    }

    #[test]
    fn short_numbers() {
        assert_eq!(short(0.5, 1.0), "0.5");
        assert_eq!(short(-123.4, 1.0), "−123");
        assert_eq!(short(0.123456, 1.0), "0.123");
        assert_eq!(short(1.0, 1.0), "1");
        assert_eq!(short(100.0, 1.0), "100");
        assert_eq!(short(1e-9, 1.0), "0");
        assert_eq!(short(2.5e-9, 1e-8), "2.50·10⁻⁹");
    }

    #[test]
    fn an_axis_over_one_number_has_room_on_both_sides() {
        let axis = Axis::over([3.0], false, [0.0, 0.0]);
        assert_eq!(axis.range(), &(2.5..3.5));
        assert!(Axis::over([1e300], false, [0.0; 2]).is_sound());
        assert!(!Axis::new(0.0..1e-320, false).is_sound());
        assert!(!Axis::new(-1e308..1e308, false).is_sound());
    }
}
