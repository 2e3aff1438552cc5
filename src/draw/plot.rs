//! A chart's picture.

use super::{
    axis::{Axis, cover},
    canvas::{self, Area, Drawn, fine, rgb, stroke},
    chart::Chart,
    colour::{Colours, FRAME, MESH, TEXT},
    legend::{self, BAR_MARGIN},
    picture::Picture,
    refuse,
    series::{Kind, Series},
    shapes::{Pen, Point, Shape},
    text::{self, LABEL, TICK, TITLE},
};
use crate::error::Result;
use plotters::{
    backend::BitMapBackend,
    chart::{ChartBuilder, ChartContext},
    coord::cartesian::Cartesian2d,
    element::{Circle, DashedPathElement, PathElement, Polygon, Rectangle},
    style::{Color, TRANSPARENT},
};
use std::ops::Range;

const MARGIN: usize = 10;
const SPACE: usize = 6;
const TICK_LENGTH: usize = 5;

impl Chart {
    /// Draws it.
    ///
    /// # Errors
    ///
    /// [`Error::Data`](crate::Error::Data) if
    /// - there are no values, or one is not finite;
    /// - a heat map's values do not fill its rows, or a band's low is above its high;
    /// - a histogram has no bins or more than 10000;
    /// - a range is empty or cannot be laid out;
    /// - a logarithmic x is not positive or has equal axes;
    /// - the size leaves no room for the data or has more than 2²⁴ pixels.
    ///
    /// The range of an axis, set or of the data, cannot be laid out if its length is not finite, at
    /// most 10⁻²⁹⁰, or at most 10⁻¹² of the end farther from 0. On a logarithmic axis this holds
    /// for its numbers and for their logarithms. Numbers beyond a range that is set are cut off
    /// however far they are.
    pub fn draw(&self) -> Result<Picture> {
        self.check()?;
        self.plot()
    }

    /// Draws the checked series and everything around them.
    fn plot(&self) -> Result<Picture> {
        let shapes = self.shapes();
        let [mut x, mut y] = self.axes(&shapes);
        for (name, axis) in [("x", &x), ("y", &y)] {
            let cure = "scale the numbers, or set another range";
            refuse(self.name(), axis.problem(name), cure)?;
        }
        let [width, height] = self.size;
        let room = width.saturating_sub(2 * MARGIN);
        let title = text::paragraph(&self.title, TITLE, room);
        let names = legend::names(&self.series, room);
        let x_label = text::paragraph(&self.x_label, LABEL, room * 3 / 4);
        let y_label = text::paragraph(&self.y_label, LABEL, height * 3 / 4).upright();
        let map = self
            .series
            .iter()
            .find(|one| matches!(one.kind, Kind::HeatMap(..)));
        let bar = |length| {
            let ends = cover(map?.numbers.iter().copied(), [0.0; 2]);
            Some(legend::colour_bar(Colours::Heat, length, ends, ""))
        };

        let mut top = MARGIN + title.height() + names.height() + SPACE;
        let mut left = MARGIN + y_label.width() + SPACE + 2 * TICK_LENGTH;
        let right = MARGIN + 2 * SPACE + bar(0).map_or(0, |bar| bar.width());
        let numbers_below = 2 * TICK_LENGTH + 14;
        let mut high = height.saturating_sub(top + numbers_below + x_label.height() + MARGIN);
        y.ticks = (high / 45).max(2) + 1;
        let numbers_beside = text::widest(&y.labels());
        left += numbers_beside;
        let mut wide = width.saturating_sub(left + right);
        let narrow = wide < 20 || high < 20;
        let problem = || "the size leaves no room for the data".into();
        refuse(self.name(), narrow.then(problem), "make it larger")?;
        if self.equal_axes {
            let unit = (wide as f64 / x.extent()).min(high as f64 / y.extent());
            let used = [&x, &y].map(|axis| (unit * axis.extent()).round().max(1.0) as usize);
            (left, top) = (left + (wide - used[0]) / 2, top + (high - used[1]) / 2);
            [wide, high] = used;
        }
        x.ticks = (wide / 60).max(2) + 1;
        x.ticks = (wide / (text::widest(&x.labels()) + 2 * SPACE)).clamp(2, x.ticks);

        let frame = [left, top, wide, high];
        let mut picture = canvas::draw(self.name(), self.size, |area| {
            self.draw_frame(area, frame, x, y, &shapes)
        })?;
        picture.paste_below(&title, width / 2, MARGIN);
        picture.paste_below(&names, width / 2, MARGIN + title.height());
        picture.paste_below(&x_label, left + wide / 2, top + high + numbers_below);
        let start = left - numbers_beside - 2 * TICK_LENGTH - SPACE - y_label.width();
        let middle = (top + high / 2).saturating_sub(y_label.height() / 2);
        picture.paste(&y_label, start, middle);
        if let Some(bar) = bar(high) {
            picture.paste(
                &bar,
                left + wide + 2 * SPACE,
                top.saturating_sub(BAR_MARGIN),
            );
        }
        Ok(picture)
    }

    /// The axes along x and y.
    fn axes(&self, shapes: &[Shape]) -> [Axis; 2] {
        let any = |of: fn(&Kind) -> bool| self.series.iter().any(|series| of(&series.kind));
        let fills_y = any(|kind| matches!(kind, Kind::HeatMap(..)));
        let fills_x = fills_y || any(|kind| matches!(kind, Kind::Histogram(_)));
        let points = || shapes.iter().flat_map(|shape| &shape.points);
        let beside = if fills_x { 0.0 } else { 0.03 };
        let above = if fills_y { 0.0 } else { 0.05 };
        // Bars and histograms stand on the axis.
        let stands = any(|kind| matches!(kind, Kind::Histogram(_) | Kind::Bars))
            && points().all(|point| point.1 >= 0.0);
        let below = if stands { 0.0 } else { above };
        let x = match &self.x_range {
            Some(range) => self.scale(range.start)..self.scale(range.end),
            None => cover(points().map(|point| point.0), [beside; 2]),
        };
        let y = self.y_range.clone();
        let y = y.unwrap_or_else(|| cover(points().map(|point| point.1), [below, above]));
        // The ends of a heat map are whole numbers by chance, epochs and layers by nature.
        let mut xs = self.series.iter().flat_map(Series::xs);
        let whole = !fills_x && xs.all(|x| x.fract() == 0.0);
        let axis = |range, log, whole| Axis {
            range,
            log,
            whole,
            ticks: 0,
        };
        [axis(x, self.log_x, whole), axis(y, false, false)]
    }

    /// Draws axes and shapes; the data get a rectangle of pixels.
    fn draw_frame(
        &self,
        area: &Area<'_>,
        [left, top, wide, high]: [usize; 4],
        x: Axis,
        y: Axis,
        shapes: &[Shape],
    ) -> Drawn {
        let pixels = |count: usize| fine(count as f64);
        let ranges = [x.range.clone(), y.range.clone()];
        let mut chart = ChartBuilder::on(area)
            .margin_top(pixels(top))
            .margin_right(pixels(self.size[0] - left - wide))
            .x_label_area_size(pixels(self.size[1] - top - high))
            .y_label_area_size(pixels(left))
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .bold_line_style(rgb(MESH).stroke_width(stroke(1.0)))
            .light_line_style(TRANSPARENT)
            .axis_style(rgb(FRAME).stroke_width(stroke(1.0)))
            .set_all_tick_mark_size(pixels(TICK_LENGTH))
            .label_style(text::style(TICK, TEXT))
            .y_label_offset(fine(text::rise(TICK)))
            .draw()?;
        for shape in shapes {
            shape.draw(&mut chart, &ranges)?;
        }
        Ok(())
    }
}

impl Shape {
    /// Draws what lies in the ranges; plotters would move the rest to their ends.
    fn draw(
        &self,
        chart: &mut ChartContext<'_, BitMapBackend<'_>, Cartesian2d<Axis, Axis>>,
        [x, y]: &[Range<f64>; 2],
    ) -> Drawn {
        let colour = rgb(self.colour);
        let clamped =
            |&point: &Point| (point.0.clamp(x.start, x.end), point.1.clamp(y.start, y.end));
        let inside = self.points.iter().filter(|point| clamped(point) == **point);
        let segments = self
            .points
            .windows(2)
            .filter_map(|pair| segment(pair[0], pair[1], x, y));
        match self.pen {
            Pen::Line(width) => {
                // Round joints: those of a path have spikes where many points lie close together.
                let style = colour.stroke_width(stroke(width));
                chart.draw_series(segments.map(|segment| PathElement::new(segment, style)))?;
                let joint = |&point| Circle::new(point, fine(width / 2.0), colour.filled());
                chart.draw_series(inside.map(joint))?;
            }
            Pen::Dashes => {
                let style = colour.stroke_width(stroke(2.0));
                let segments: Vec<_> = segments.collect();
                let pieces = segments.chunk_by(|one, next| one[1] == next[0]);
                chart.draw_series(pieces.map(|piece| {
                    let points = piece.as_flattened().to_vec();
                    DashedPathElement::new(points, fine(7.0), fine(5.0), style)
                }))?;
            }
            Pen::Band => {
                let outline = polygon(&self.points, x, y);
                if !outline.is_empty() {
                    chart.draw_series([Polygon::new(outline, colour.mix(0.25))])?;
                }
            }
            Pen::Dots => {
                // Clouds of thousands need smaller points than a few.
                let radius = fine(if self.points.len() > 500 { 1.7 } else { 2.5 });
                let style = colour.mix(0.65).filled();
                chart.draw_series(inside.map(|&point| Circle::new(point, radius, style)))?;
            }
            Pen::Box(opacity) => {
                let [low, high] = [clamped(&self.points[0]), clamped(&self.points[1])];
                if low.0 < high.0 && low.1 < high.1 {
                    let style = colour.mix(opacity).filled();
                    chart.draw_series([Rectangle::new([low, high], style)])?;
                }
            }
        }
        Ok(())
    }
}

/// A side of a rectangle, which cuts off what lies beyond it. Its numbers are quarters, as the
/// greatest numbers differ by more than there are numbers.
struct Side {
    axis: usize,
    place: f64,
    inwards: f64,
}

impl Side {
    fn all(x: &Range<f64>, y: &Range<f64>) -> [Self; 4] {
        let sides = [
            (0, x.start, 1.0),
            (0, x.end, -1.0),
            (1, y.start, 1.0),
            (1, y.end, -1.0),
        ];
        sides.map(|(axis, place, inwards)| Self {
            axis,
            place: place / 4.0,
            inwards,
        })
    }

    /// How far inside a point is.
    fn depth(&self, point: [f64; 2]) -> f64 {
        self.inwards * (point[self.axis] - self.place)
    }

    /// Where a line crosses it.
    fn cut(&self, [start, end]: [[f64; 2]; 2]) -> [f64; 2] {
        let (a, b) = (self.depth(start), self.depth(end));
        let share = a / (a - b);
        let mut cut = [0, 1].map(|i| start[i] + share * (end[i] - start[i]));
        // Between points far away, what is lost to rounding is more than the rectangle.
        cut[self.axis] = self.place;
        cut
    }
}

fn quarters((x, y): Point) -> [f64; 2] {
    [x / 4.0, y / 4.0]
}

/// The point of these quarters, which is in the rectangle but for rounding.
fn whole([px, py]: [f64; 2], x: &Range<f64>, y: &Range<f64>) -> Point {
    let (px, py) = (4.0 * px, 4.0 * py);
    (px.clamp(x.start, x.end), py.clamp(y.start, y.end))
}

/// The part of a line between two points that lies in a rectangle.
fn segment(start: Point, end: Point, x: &Range<f64>, y: &Range<f64>) -> Option<[Point; 2]> {
    let [mut start, mut end] = [start, end].map(quarters);
    for side in Side::all(x, y) {
        let (a, b) = (side.depth(start), side.depth(end));
        if a < 0.0 && b < 0.0 {
            return None;
        }
        if a < 0.0 {
            start = side.cut([start, end]);
        } else if b < 0.0 {
            end = side.cut([start, end]);
        }
    }
    Some([start, end].map(|point| whole(point, x, y)))
}

/// The part of a polygon that lies in a rectangle (Sutherland and Hodgman 1974).
fn polygon(points: &[Point], x: &Range<f64>, y: &Range<f64>) -> Vec<Point> {
    let mut outline: Vec<[f64; 2]> = points.iter().copied().map(quarters).collect();
    for side in Side::all(x, y) {
        let ends = outline.iter().cycle().skip(1);
        let parts = outline.iter().zip(ends).flat_map(|(&start, &end)| {
            let [from, to] = [start, end].map(|point| side.depth(point) >= 0.0);
            let cut = (from != to).then(|| side.cut([start, end]));
            from.then_some(start).into_iter().chain(cut)
        });
        outline = parts.collect();
    }
    outline
        .into_iter()
        .map(|point| whole(point, x, y))
        .collect()
}
