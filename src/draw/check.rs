//! Checks of a chart.

use super::{
    chart::Chart,
    refuse,
    series::{Kind, Series},
};
use crate::error::Result;
use std::ops::Range;

impl Chart {
    /// The name of this chart in messages.
    pub(super) fn name(&self) -> &str {
        if self.title.is_empty() {
            "chart"
        } else {
            &self.title
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let refuse = |problem: Option<String>, cure| refuse(self.name(), problem, cure);
        let empty = self.series.is_empty();
        refuse(empty.then(|| "there are no values".into()), "add a series")?;
        for (number, series) in self.series.iter().enumerate() {
            self.check_series(number, series)?;
        }
        for (axis, range) in [("x", &self.x_range), ("y", &self.y_range)] {
            refuse(
                range.as_ref().and_then(|range| unfit(axis, range)),
                "set another",
            )?;
        }
        let start = self.x_range.as_ref().map(|range| range.start);
        let start = start.filter(|&start| self.log_x && start <= 0.0);
        let problem = |start| format!("the x range starts at {start:?}, which has no logarithm");
        refuse(start.map(problem), "start it above 0")?;
        let unequal = "a logarithmic axis has no unit that could equal the other's";
        let both = self.log_x && self.equal_axes;
        refuse(both.then(|| unequal.into()), "leave out one of the two")?;
        let [width, height] = self.size;
        let pixels = width.max(1).checked_mul(height.max(1));
        let many = pixels.is_none_or(|pixels| pixels > 1 << 24);
        let problem = || format!("{width}\u{d7}{height} pixels are too many");
        refuse(many.then(problem), "ask for fewer")
    }

    fn check_series(&self, number: usize, series: &Series) -> Result<()> {
        let (numbers, width) = (&series.numbers, series.width());
        let name = match series.name.as_str() {
            "" => format!("series {number}"),
            name => format!("series `{name}`"),
        };
        let refuse = |problem: Option<String>, cure| {
            let problem = problem.map(|problem| format!("{name}{problem}"));
            refuse(self.name(), problem, cure)
        };
        if let Kind::HeatMap([rows, columns], [x, y]) = &series.kind {
            let count = numbers.len();
            let wrong = rows.checked_mul(*columns) != Some(count);
            let problem = || format!(": {count} values are not {rows} rows of {columns}");
            refuse(wrong.then(problem), "give whole rows")?;
            let unfit = unfit("x", x).or_else(|| unfit("y", y));
            refuse(unfit.map(|problem| format!(": {problem}")), "give another")?;
            let equal = self.log_x && x.start.log10() == x.end.log10();
            let Range { start, end } = x;
            let problem =
                || format!(": the x range from {start:?} to {end:?} has equal logarithms");
            refuse(
                equal.then(problem),
                "give a longer one, or use a linear axis",
            )?;
        }
        let empty = numbers.is_empty();
        refuse(empty.then(|| " has no values".into()), "give at least one")?;
        let infinite = numbers.iter().position(|number| !number.is_finite());
        let problem = |index| format!(": value {} is {}", index / width, numbers[index]);
        refuse(infinite.map(problem), "replace it")?;
        if let Kind::Histogram(bins) = series.kind {
            let unfit = !(1..=10_000).contains(&bins);
            refuse(
                unfit.then(|| format!(" has {bins} bins")),
                "give 1 to 10000",
            )?;
        }
        let crossed = |point: &[f64]| width == 3 && point[1] > point[2];
        let crossed = numbers.chunks(width).position(crossed);
        let problem = |index| format!(": the low of value {index} is above its high");
        refuse(crossed.map(problem), "give (x, low, high)")?;
        let xs = series.xs();
        let negative = xs.iter().position(|&x| self.log_x && x <= 0.0);
        let problem = |index| {
            format!(
                ": x of value {index} is {:?}, which has no logarithm",
                xs[index]
            )
        };
        refuse(negative.map(problem), "leave it out, or use a linear axis")
    }
}

/// What is wrong with a range.
fn unfit(axis: &str, Range { start, end }: &Range<f64>) -> Option<String> {
    let fits = start < end && start.is_finite() && end.is_finite();
    let problem = || format!("the {axis} range from {start:?} to {end:?} is empty or not finite");
    (!fits).then(problem)
}
