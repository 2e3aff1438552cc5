//! What a chart shows.

use super::{
    axis::{Axis, ends},
    canvas::Canvas,
    colour::{Colour, Colours, Rgb},
    geometry::{band_at, clip, dashes},
    layout::{Entry, Frame, Sample},
};
use std::ops::Range;

const LINE_WIDTH: f64 = 2.0;

#[derive(Clone, Debug)]
pub(super) struct Series {
    pub name: String,
    pub colour: Colour,
    pub marks: Marks,
}

#[derive(Clone, Debug)]
pub(super) enum Marks {
    Line {
        points: Vec<(f64, f64)>,
        dashed: bool,
    },
    Band(Vec<(f64, f64, f64)>),
    Points(Vec<(f64, f64)>),
    Histogram {
        values: Vec<f64>,
        bins: usize,
    },
    Bars(Vec<(f64, f64)>),
    HeatMap(HeatMap),
}

/// Values in rows from the bottom, each from the left.
#[derive(Clone, Debug)]
pub(super) struct HeatMap {
    pub values: Vec<f64>,
    pub shape: [usize; 2],
    pub x: Range<f64>,
    pub y: Range<f64>,
}

/// What the histograms, and the bars, of a chart have in common.
#[derive(Clone, Debug)]
pub(super) struct Common {
    /// The axis that the bins divide, and their number.
    pub bins: (Axis, usize),
    /// The width of the bars of all series at one x, where x is scaled as on the axis.
    pub bar_width: f64,
    /// The number of series of bars.
    pub bar_series: usize,
}

impl Marks {
    /// The numbers to lay out along x.
    pub fn xs(&self) -> Vec<f64> {
        match self {
            Self::Line { points, .. } | Self::Points(points) | Self::Bars(points) => {
                points.iter().map(|point| point.0).collect()
            }
            Self::Band(points) => points.iter().map(|point| point.0).collect(),
            Self::Histogram { values, .. } => values.clone(),
            Self::HeatMap(map) => vec![map.x.start, map.x.end],
        }
    }

    /// The numbers to lay out along y.
    pub fn ys(&self, common: &Common) -> Vec<f64> {
        match self {
            Self::Line { points, .. } | Self::Points(points) | Self::Bars(points) => {
                points.iter().map(|point| point.1).collect()
            }
            Self::Band(points) => points.iter().flat_map(|point| [point.1, point.2]).collect(),
            Self::Histogram { values, .. } => common.shares(values),
            Self::HeatMap(map) => vec![map.y.start, map.y.end],
        }
    }

    /// How many numbers make a point, and all of them, for checking.
    pub fn numbers(&self) -> (usize, Vec<f64>) {
        match self {
            Self::Line { points, .. } | Self::Points(points) | Self::Bars(points) => {
                (2, points.iter().flat_map(|&(x, y)| [x, y]).collect())
            }
            Self::Band(points) => {
                let numbers = points.iter().flat_map(|&(x, low, high)| [x, low, high]);
                (3, numbers.collect())
            }
            Self::Histogram { values, .. } => (1, values.clone()),
            Self::HeatMap(map) => (1, map.values.clone()),
        }
    }

    /// Whether it covers an interval of x.
    pub fn fills_x(&self) -> bool {
        matches!(self, Self::HeatMap(_) | Self::Histogram { .. })
    }

    /// Whether it stands on y = 0.
    pub fn stands_on_zero(&self) -> bool {
        matches!(self, Self::Histogram { .. } | Self::Bars(_))
    }
}

impl Common {
    /// How much of the values is in each bin. Those beyond the bins count in the whole.
    pub fn shares(&self, values: &[f64]) -> Vec<f64> {
        let (axis, bins) = &self.bins;
        let mut shares = vec![0.0; *bins];
        for &value in values {
            let place = axis.share(value);
            // The ends of an axis may be off by a rounding when it is logarithmic.
            if (-1e-9..=1.0 + 1e-9).contains(&place) {
                let bin = (place * *bins as f64) as usize;
                shares[bin.min(bins - 1)] += 1.0 / values.len() as f64;
            }
        }
        shares
    }
}

impl HeatMap {
    /// The least and the greatest value.
    pub fn ends(&self) -> (f64, f64) {
        ends(self.values.iter().copied())
    }

    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        let [rows, columns] = self.shape;
        let (low, high) = self.ends();
        let cell = |i: usize, count: usize, range: &Range<f64>| {
            let edge = |i: usize| {
                let share = i as f64 / count as f64;
                range.start * (1.0 - share) + range.end * share
            };
            edge(i)..edge(i + 1)
        };
        for (index, &value) in self.values.iter().enumerate() {
            let share = if low < high {
                (value - low) / (high - low)
            } else {
                0.0
            };
            let x = cell(index % columns, columns, &self.x);
            let y = cell(index / columns, rows, &self.y);
            frame.fill(canvas, x, y, Colours::Heat.at(share), 1.0);
        }
    }
}

impl Series {
    /// What the legend says of it.
    pub fn entry(&self) -> Option<Entry<'_>> {
        let sample = match self.marks {
            Marks::Line { dashed: false, .. } => Sample::Line,
            Marks::Line { dashed: true, .. } => Sample::Dashes,
            Marks::Points(_) => Sample::Dot,
            _ => Sample::Box,
        };
        (!self.name.is_empty()).then(|| Entry {
            name: &self.name,
            colour: self.colour.rgb(),
            sample,
        })
    }

    /// Draws it in the frame; `bars` is how many series of bars came before.
    pub fn draw(&self, canvas: &mut Canvas, frame: &Frame, common: &Common, bars: usize) {
        let colour = self.colour.rgb();
        match &self.marks {
            Marks::Line { points, dashed } => {
                let points: Vec<_> = points.iter().map(|&point| frame.point(point)).collect();
                for piece in clip(&points, &frame.columns(), &frame.rows()) {
                    if *dashed {
                        for dash in dashes(&piece, 7.0, 5.0) {
                            canvas.line(&dash, colour, LINE_WIDTH);
                        }
                    } else {
                        canvas.line(&piece, colour, LINE_WIDTH);
                    }
                }
            }
            Marks::Band(points) => draw_band(canvas, frame, points, colour),
            Marks::Points(points) => {
                // Clouds of thousands need smaller points than a few.
                let radius = if points.len() > 500 { 1.7 } else { 2.5 };
                let (columns, rows) = (frame.columns(), frame.rows());
                for &point in points {
                    let (x, y) = frame.point(point);
                    if is_in(x, &columns) && is_in(y, &rows) {
                        canvas.dot((x, y), radius, colour, 0.65);
                    }
                }
            }
            Marks::Histogram { values, .. } => {
                draw_histogram(canvas, frame, common, values, colour)
            }
            Marks::Bars(points) => {
                let width = common.bar_width / common.bar_series as f64;
                for &(x, height) in points {
                    let middle = frame.column(x);
                    let scale = frame.width / frame.x.extent();
                    let left = middle + (bars as f64 * width - common.bar_width / 2.0) * scale;
                    let inside = |x: f64| x.clamp(frame.left, frame.left + frame.width);
                    let rows = frame.rows();
                    let [zero, end] =
                        [0.0, height].map(|y| frame.row(y).clamp(rows.start, rows.end));
                    canvas.rectangle(
                        inside(left)..inside(left + width * scale),
                        zero.min(end)..zero.max(end),
                        colour,
                        0.85,
                    );
                }
            }
            Marks::HeatMap(map) => map.draw(canvas, frame),
        }
    }
}

/// Whether a place is in an interval of the canvas, give or take a rounding.
fn is_in(place: f64, interval: &Range<f64>) -> bool {
    (interval.start - 0.01..=interval.end + 0.01).contains(&place)
}

fn draw_band(canvas: &mut Canvas, frame: &Frame, points: &[(f64, f64, f64)], colour: Rgb) {
    let mut points: Vec<_> = points
        .iter()
        .map(|&(x, low, high)| (frame.column(x), frame.row(low), frame.row(high)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rows = frame.rows();
    // In strips of a third of a pixel: half transparent shapes may not overlap themselves.
    for strip in 0..(3.0 * frame.width) as usize {
        let left = frame.left + strip as f64 / 3.0;
        if let Some((low, high)) = band_at(&points, left + 1.0 / 6.0) {
            let [top, bottom] = [high, low].map(|y| y.clamp(rows.start, rows.end));
            canvas.rectangle(left..left + 1.0 / 3.0, top..bottom, colour, 0.25);
        }
    }
}

fn draw_histogram(
    canvas: &mut Canvas,
    frame: &Frame,
    common: &Common,
    values: &[f64],
    colour: Rgb,
) {
    let (axis, bins) = &common.bins;
    let edge = |bin: usize| axis.at(bin as f64 / *bins as f64);
    let shares = common.shares(values);
    let mut outline = vec![(edge(0), 0.0)];
    for (bin, &share) in shares.iter().enumerate() {
        frame.fill(canvas, edge(bin)..edge(bin + 1), 0.0..share, colour, 0.3);
        outline.extend([(edge(bin), share), (edge(bin + 1), share)]);
    }
    outline.push((edge(*bins), 0.0));
    let outline: Vec<_> = outline
        .into_iter()
        .map(|point| frame.point(point))
        .collect();
    for piece in clip(&outline, &frame.columns(), &frame.rows()) {
        canvas.line(&piece, colour, 1.5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_and_the_greatest_are_in_a_bin() {
        for log in [false, true] {
            for least in [0.1, 0.3, 3.0, 7.0] {
                let values = [least, 10.0 * least + 1.7, 1234.5 * least];
                let common = Common {
                    bins: (Axis::over(values, log, [0.0; 2]), 2),
                    bar_width: 1.0,
                    bar_series: 0,
                };
                let whole: f64 = common.shares(&values).iter().sum();
                assert!((whole - 1.0).abs() < 1e-12, "{least} {log}");
            }
        }
    }
}
