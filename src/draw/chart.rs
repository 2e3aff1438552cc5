//! Charts with axes.

use super::{
    colour::Colour,
    series::{Kind, Series},
};
use std::ops::Range;

/// A chart with axes: lines, bands, points, histograms, bars, heat maps, drawn in the order given.
///
/// The axes cover the data unless ranges are set. Data outside a range are cut off. A legend
/// appears if more than one series has a name.
#[derive(Clone, Debug)]
pub struct Chart {
    pub(super) title: String,
    pub(super) x_label: String,
    pub(super) y_label: String,
    pub(super) series: Vec<Series>,
    pub(super) log_x: bool,
    pub(super) x_range: Option<Range<f64>>,
    pub(super) y_range: Option<Range<f64>>,
    pub(super) equal_axes: bool,
    pub(super) size: [usize; 2],
}

impl Chart {
    /// An empty chart. Labels should give the unit: "bound \[nats\]".
    pub fn new(
        title: impl Into<String>,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            series: Vec::new(),
            log_x: false,
            x_range: None,
            y_range: None,
            equal_axes: false,
            size: [720, 480],
        }
    }

    fn with(
        mut self,
        name: impl Into<String>,
        colour: Colour,
        kind: Kind,
        numbers: Vec<f64>,
    ) -> Self {
        self.series.push(Series {
            name: name.into(),
            colour,
            kind,
            numbers,
        });
        self
    }

    /// A line through points `(x, y)`.
    pub fn line(self, name: impl Into<String>, colour: Colour, points: &[(f64, f64)]) -> Self {
        self.with(name, colour, Kind::Line, flat(points))
    }

    /// A dashed line through points `(x, y)`.
    pub fn dashed_line(
        self,
        name: impl Into<String>,
        colour: Colour,
        points: &[(f64, f64)],
    ) -> Self {
        self.with(name, colour, Kind::Dashes, flat(points))
    }

    /// A transparent band between the lows and the highs of `(x, low, high)`.
    pub fn band(self, colour: Colour, points: &[(f64, f64, f64)]) -> Self {
        let numbers = points.iter().flat_map(|&(x, low, high)| [x, low, high]);
        self.with("", colour, Kind::Band, numbers.collect())
    }

    /// Small, slightly transparent points `(x, y)`.
    pub fn points(self, name: impl Into<String>, colour: Colour, points: &[(f64, f64)]) -> Self {
        self.with(name, colour, Kind::Points, flat(points))
    }

    /// The share of the values in each bin.
    ///
    /// The bins divide the chart's x range if one is set. Otherwise they divide the range of the
    /// values of all histograms of the chart. All have the same bins, as many as the one with the
    /// most.
    pub fn histogram(
        self,
        name: impl Into<String>,
        colour: Colour,
        values: &[f64],
        bins: usize,
    ) -> Self {
        self.with(name, colour, Kind::Histogram(bins), values.to_vec())
    }

    /// Bars at `(centre, height)`; those of several series stand side by side.
    pub fn bars(self, name: impl Into<String>, colour: Colour, bars: &[(f64, f64)]) -> Self {
        self.with(name, colour, Kind::Bars, flat(bars))
    }

    /// Values `[rows, columns]` as colours from the least to the greatest, with a colour bar that
    /// labels both.
    ///
    /// The first row is at the bottom, `y_range.start`.
    pub fn heat_map(
        self,
        values: &[f64],
        shape: [usize; 2],
        x_range: Range<f64>,
        y_range: Range<f64>,
    ) -> Self {
        let kind = Kind::HeatMap(shape, [x_range, y_range]);
        self.with("", Colour::Data, kind, values.to_vec())
    }

    /// Makes the x axis logarithmic.
    pub fn with_log_x(mut self) -> Self {
        self.log_x = true;
        self
    }

    /// Sets the x at the left end and at the right end.
    pub fn with_x_range(mut self, low: f64, high: f64) -> Self {
        self.x_range = Some(low..high);
        self
    }

    /// Sets the y at the bottom and at the top.
    pub fn with_y_range(mut self, low: f64, high: f64) -> Self {
        self.y_range = Some(low..high);
        self
    }

    /// Makes a unit as long in x as in y.
    pub fn with_equal_axes(mut self) -> Self {
        self.equal_axes = true;
        self
    }

    /// The picture's width and height in pixels, 720 and 480 by default.
    pub fn with_size(mut self, size: [usize; 2]) -> Self {
        self.size = size;
        self
    }
}

fn flat(points: &[(f64, f64)]) -> Vec<f64> {
    points.iter().flat_map(|&(x, y)| [x, y]).collect()
}
