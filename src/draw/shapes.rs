//! A chart's series as shapes on its axes.

use super::{
    axis::{cover, finite, share},
    chart::Chart,
    colour::{Colours, Rgb},
    series::{Kind, Series},
};
use std::ops::Range;

pub(super) type Point = (f64, f64);

/// How points are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pen {
    /// A line of this width.
    Line(f64),
    Dashes,
    /// A band; the points are its outline.
    Band,
    Dots,
    /// A box of this opacity; the points are opposite corners, the lower left one first.
    Box(f64),
}

/// What can be drawn; x is scaled as on the axis.
pub(super) struct Shape {
    pub pen: Pen,
    pub colour: Rgb,
    pub points: Vec<Point>,
}

impl Chart {
    /// A number along x, or its logarithm.
    pub(super) fn scale(&self, x: f64) -> f64 {
        if self.log_x { x.log10() } else { x }
    }

    /// The scaled numbers along x of the series of a kind.
    fn xs(&self, of: fn(&Kind) -> bool) -> Vec<f64> {
        let series = self.series.iter().filter(|series| of(&series.kind));
        series.flat_map(Series::xs).map(|x| self.scale(x)).collect()
    }

    /// What is to be drawn, in this order.
    pub(super) fn shapes(&self) -> Vec<Shape> {
        let edges = self.bin_edges();
        let bars = self
            .series
            .iter()
            .filter(|one| matches!(one.kind, Kind::Bars));
        let (width, bars) = (self.bar_width(), bars.count() as f64);
        let (mut left_bars, mut shapes) = (0.0, Vec::new());
        for series in &self.series {
            let colour = series.colour.rgb();
            let mut add = |pen, points: Vec<Point>, colour| {
                shapes.push(Shape {
                    pen,
                    colour,
                    points,
                });
            };
            let numbers = series.numbers.chunks(series.width());
            let points = numbers.clone().map(|p| (self.scale(p[0]), p[p.len() - 1]));
            match &series.kind {
                Kind::Line => add(Pen::Line(2.0), points.collect(), colour),
                Kind::Dashes => add(Pen::Dashes, points.collect(), colour),
                Kind::Points => add(Pen::Dots, points.collect(), colour),
                Kind::Band => {
                    let lows = numbers.map(|p| (self.scale(p[0]), p[1]));
                    let mut points: Vec<_> = points.zip(lows).collect();
                    points.sort_by(|a, b| a.0.0.total_cmp(&b.0.0));
                    let (highs, lows): (Vec<_>, Vec<_>) = points.into_iter().unzip();
                    let outline = highs.into_iter().chain(lows.into_iter().rev());
                    add(Pen::Band, outline.collect(), colour);
                }
                Kind::Histogram(_) => {
                    let mut values: Vec<_> = series.xs().iter().map(|&x| self.scale(x)).collect();
                    values.sort_by(f64::total_cmp);
                    let bins = edges.len() - 1;
                    let mut outline = vec![(edges[0], 0.0)];
                    for bin in 0..bins {
                        let [left, right] = [edges[bin], edges[bin + 1]];
                        let is_before = |&x: &f64| x < right || (x == right && bin + 1 == bins);
                        let before = values.partition_point(|&x| x < left);
                        let inside = values.partition_point(is_before) - before;
                        let share = inside as f64 / values.len() as f64;
                        add(Pen::Box(0.3), vec![(left, 0.0), (right, share)], colour);
                        outline.extend([(left, share), (right, share)]);
                    }
                    outline.push((edges[bins], 0.0));
                    add(Pen::Line(1.5), outline, colour);
                }
                Kind::Bars => {
                    for (x, y) in points {
                        let left = finite(x + width * (left_bars / bars - 0.5));
                        let right = finite(left + width / bars);
                        let corners = vec![(left, y.min(0.0)), (right, y.max(0.0))];
                        add(Pen::Box(0.85), corners, colour);
                    }
                    left_bars += 1.0;
                }
                Kind::HeatMap([rows, columns], [x, y]) => {
                    let range = cover(series.numbers.iter().copied(), [0.0; 2]);
                    let xs: Vec<_> = steps(x, *columns).map(|x| self.scale(x)).collect();
                    let ys: Vec<_> = steps(y, *rows).collect();
                    for (index, value) in series.numbers.iter().enumerate() {
                        let (row, column) = (index / columns, index % columns);
                        let corners = [0, 1].map(|one| (xs[column + one], ys[row + one]));
                        let colour = Colours::Heat.at(share(*value, &range));
                        add(Pen::Box(1.0), corners.to_vec(), colour);
                    }
                }
            }
        }
        shapes
    }

    /// The ends of the bins of all histograms.
    fn bin_edges(&self) -> Vec<f64> {
        let bins = self.series.iter().map(|series| match series.kind {
            Kind::Histogram(bins) => bins,
            _ => 1,
        });
        let range = match &self.x_range {
            Some(range) => self.scale(range.start)..self.scale(range.end),
            None => cover(self.xs(|kind| matches!(kind, Kind::Histogram(_))), [0.0; 2]),
        };
        steps(&range, bins.max().unwrap_or(1)).collect()
    }

    /// The width of the bars of all series at one x.
    fn bar_width(&self) -> f64 {
        let mut places = self.xs(|kind| matches!(kind, Kind::Bars));
        places.sort_by(f64::total_cmp);
        let gaps = places.windows(2).map(|pair| pair[1] - pair[0]);
        let gap = gaps.filter(|&gap| gap > 0.0).reduce(f64::min);
        // One place far from 0 takes a wider bar: an axis has to tell its sides apart.
        let alone = places
            .last()
            .map_or(1.0, |place| (1.2e-12 * place.abs()).max(1.0));
        finite(0.8 * gap.unwrap_or(alone))
    }
}

/// The ends of equal parts of a range, none below the one before.
fn steps(range: &Range<f64>, count: usize) -> impl Iterator<Item = f64> {
    let Range { start, end } = *range;
    let share = move |i| i as f64 / count as f64;
    let ends = (0..=count).map(move |i| start * (1.0 - share(i)) + end * share(i));
    // Between neighbouring numbers rounding takes some of them back.
    ends.scan(start, move |last, next| {
        *last = next.max(*last).min(end);
        Some(*last)
    })
}
