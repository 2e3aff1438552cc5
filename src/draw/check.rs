//! What a chart refuses.

use super::{chart::Chart, series::Marks, wrong};
use crate::error::{Error, Result};
use std::ops::Range;

const MOST_BINS: usize = 10_000;

impl Chart {
    /// The error of this chart.
    pub(super) fn bad(&self, problem: impl Into<String>, cure: &str) -> Error {
        let title = if self.title.is_empty() {
            "chart"
        } else {
            &self.title
        };
        wrong(title, problem, cure)
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.series.is_empty() {
            return Err(self.bad("there are no values", "add a series"));
        }
        for (number, series) in self.series.iter().enumerate() {
            let name = match series.name.as_str() {
                "" => format!("series {number}"),
                name => format!("series `{name}`"),
            };
            self.check_series(&name, &series.marks)?;
        }
        for (name, range) in [("x", &self.x_range), ("y", &self.y_range)] {
            if let Some(range) = range {
                self.check_range(name, range)?;
            }
        }
        if let Some(range) = &self.x_range
            && self.log_x
            && range.start <= 0.0
        {
            let problem = format!(
                "the x range starts at {}, which has no logarithm",
                range.start
            );
            return Err(self.bad(problem, "start it above 0"));
        }
        if self.log_x && self.equal_axes {
            let problem = "a logarithmic axis has no unit that could equal the other's";
            return Err(self.bad(problem, "leave out one of the two"));
        }
        Ok(())
    }

    fn check_series(&self, name: &str, marks: &Marks) -> Result<()> {
        let (width, numbers) = marks.numbers();
        if let Marks::HeatMap(map) = marks {
            let [rows, columns] = map.shape;
            if rows.checked_mul(columns) != Some(numbers.len()) {
                let problem = format!(
                    "{name}: {} values are not {rows} rows of {columns}",
                    numbers.len()
                );
                return Err(self.bad(problem, "give whole rows"));
            }
            self.check_range(&format!("{name}: x"), &map.x)?;
            self.check_range(&format!("{name}: y"), &map.y)?;
        }
        if numbers.is_empty() {
            return Err(self.bad(format!("{name} has no values"), "give at least one"));
        }
        if let Some(index) = numbers.iter().position(|number| !number.is_finite()) {
            let problem = format!("{name}: value {} is {}", index / width, numbers[index]);
            return Err(self.bad(problem, "replace it"));
        }
        if let Marks::Histogram { bins, .. } = marks
            && !(1..=MOST_BINS).contains(bins)
        {
            let problem = format!("{name} has {bins} bins");
            return Err(self.bad(problem, "give 1 to 10000"));
        }
        if let Marks::Band(points) = marks
            && let Some(index) = points.iter().position(|&(_, low, high)| low > high)
        {
            let problem = format!("{name}: the low of value {index} is above its high");
            return Err(self.bad(problem, "give (x, low, high)"));
        }
        if self.log_x
            && let Some(index) = marks.xs().iter().position(|&x| x <= 0.0)
        {
            let x = marks.xs()[index];
            let problem = format!("{name}: x of value {index} is {x}, which has no logarithm");
            return Err(self.bad(problem, "leave it out, or use a linear axis"));
        }
        Ok(())
    }

    fn check_range(&self, name: &str, range: &Range<f64>) -> Result<()> {
        if range.start < range.end && range.start.is_finite() && range.end.is_finite() {
            return Ok(());
        }
        let Range { start, end } = range;
        let problem = format!("the {name} range from {start} to {end} is empty or not finite");
        Err(self.bad(problem, "give a low end below the high one"))
    }
}
