//! The parts of a picture around its data: frame, legend, colour bar.

use super::{
    axis::{Axis, Tick},
    canvas::{Anchor, Canvas},
    colour::{Colours, FRAME, MESH, Rgb},
    text::{self, LABEL, TICK},
};
use std::ops::Range;

pub(super) const BAR_WIDTH: f64 = 14.0;

const TICK_LENGTH: f64 = 5.0;

/// Between a tick and its label, and between labels and what is beside them.
const SPACE: f64 = 6.0;

/// A rectangle of the canvas with an axis along each side.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub x: Axis,
    pub y: Axis,
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    pub fn column(&self, x: f64) -> f64 {
        // Far beyond the canvas is as good as farther.
        self.left + self.x.share(x).clamp(-1e3, 1e3) * self.width
    }

    pub fn row(&self, y: f64) -> f64 {
        self.top + (1.0 - self.y.share(y).clamp(-1e3, 1e3)) * self.height
    }

    pub fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.column(x), self.row(y))
    }

    pub fn columns(&self) -> Range<f64> {
        self.left..self.left + self.width
    }

    pub fn rows(&self) -> Range<f64> {
        self.top..self.top + self.height
    }

    /// Fills what lies in the frame of a rectangle given by numbers on the axes.
    pub fn fill(
        &self,
        canvas: &mut Canvas,
        x: Range<f64>,
        y: Range<f64>,
        colour: Rgb,
        opacity: f64,
    ) {
        let (columns, rows) = (self.columns(), self.rows());
        let inside = |place: f64, room: &Range<f64>| place.clamp(room.start, room.end);
        let [left, right] = [x.start, x.end].map(|x| inside(self.column(x), &columns));
        let [bottom, top] = [y.start, y.end].map(|y| inside(self.row(y), &rows));
        canvas.rectangle(
            left.min(right)..left.max(right),
            top.min(bottom)..top.max(bottom),
            colour,
            opacity,
        );
    }

    /// The numbers named below, as many as there is room for.
    pub fn x_ticks(&self) -> Vec<Tick> {
        let mut count = (self.width / 70.0) as usize;
        loop {
            let ticks = self.x.ticks(count);
            let widest = text::widest(ticks.iter().map(|tick| &tick.label), TICK) + 2.0 * SPACE;
            let places = ticks.iter().map(|tick| self.column(tick.value));
            let closest = places.clone().zip(places.skip(1)).map(|(a, b)| b - a);
            if count <= 1 || closest.fold(f64::INFINITY, f64::min) >= widest {
                return ticks;
            }
            count -= 1;
        }
    }

    /// The numbers named at the left.
    pub fn y_ticks(&self) -> Vec<Tick> {
        self.y.ticks(((self.height / 45.0) as usize).max(2))
    }

    /// The room for the ticks and their labels at the left.
    pub fn left_room(&self) -> f64 {
        let ticks = self.y_ticks();
        let labels = ticks.iter().map(|tick| &tick.label);
        (TICK_LENGTH + SPACE + text::widest(labels, TICK)).ceil()
    }

    /// The room for the ticks and their labels below.
    pub fn bottom_room() -> f64 {
        TICK_LENGTH + SPACE / 2.0 + text::line_height(TICK)
    }

    /// Light lines across at the named numbers.
    pub fn draw_mesh(&self, canvas: &mut Canvas) {
        for tick in self.x_ticks() {
            let x = self.column(tick.value).round();
            canvas.rectangle(x..x + 1.0, self.rows(), MESH, 1.0);
        }
        for tick in self.y_ticks() {
            let y = self.row(tick.value).round();
            canvas.rectangle(self.columns(), y..y + 1.0, MESH, 1.0);
        }
    }

    /// The axes with their numbers.
    pub fn draw_axes(&self, canvas: &mut Canvas) {
        let (bottom, right) = (self.top + self.height, self.left + self.width);
        canvas.rectangle(
            self.left - 1.0..self.left,
            self.top..bottom + 1.0,
            FRAME,
            1.0,
        );
        canvas.rectangle(self.left..right, bottom..bottom + 1.0, FRAME, 1.0);
        for tick in self.x_ticks() {
            let x = self.column(tick.value).round();
            canvas.rectangle(x..x + 1.0, bottom..bottom + TICK_LENGTH, FRAME, 1.0);
            let middle = bottom + Self::bottom_room() - text::line_height(TICK) / 2.0;
            canvas.text(&tick.label, (x, middle), TICK, Anchor::Middle);
        }
        for tick in self.y_ticks() {
            let y = self.row(tick.value).round();
            canvas.rectangle(self.left - TICK_LENGTH..self.left, y..y + 1.0, FRAME, 1.0);
            let end = (self.left - TICK_LENGTH - SPACE / 2.0 - 1.0, y);
            canvas.text(&tick.label, end, TICK, Anchor::Right);
        }
    }
}

/// A bar of colours with text at shares of its length, from the bottom.
pub(super) fn colour_bar(
    canvas: &mut Canvas,
    left: f64,
    rows: Range<f64>,
    colours: Colours,
    labels: &[(f64, &str)],
) {
    let length = rows.end - rows.start;
    let right = left + BAR_WIDTH;
    canvas.rectangle(left - 1.0..right + 1.0, rows.clone(), FRAME, 1.0);
    let steps = (length - 2.0).max(1.0);
    for step in 0..steps as usize {
        let y = rows.end - 2.0 - step as f64;
        let colour = colours.at((step as f64 + 0.5) / steps);
        canvas.rectangle(left..right, y..y + 1.0, colour, 1.0);
    }
    for &(share, label) in labels {
        let y = rows.end - share * length;
        canvas.text(label, (right + SPACE, y), TICK, Anchor::Left);
    }
}

/// What stands before a name in a legend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    Line,
    Dashes,
    Dot,
    Box,
}

/// A name in a legend.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub name: &'a str,
    pub colour: Rgb,
    pub sample: Sample,
}

const SAMPLE_WIDTH: f64 = 24.0;

impl Entry<'_> {
    fn width(&self) -> f64 {
        SAMPLE_WIDTH + SPACE + text::width(self.name, LABEL)
    }

    fn draw(&self, canvas: &mut Canvas, left: f64, y: f64) {
        let right = left + SAMPLE_WIDTH;
        let middle = left + SAMPLE_WIDTH / 2.0;
        match self.sample {
            Sample::Line => canvas.line(&[(left, y), (right, y)], self.colour, 2.5),
            Sample::Dashes => {
                for start in [left + 1.0, left + 10.0, left + 19.0] {
                    canvas.line(&[(start, y), (start + 4.0, y)], self.colour, 2.5);
                }
            }
            Sample::Dot => canvas.dot((middle, y), 4.0, self.colour, 1.0),
            Sample::Box => {
                canvas.rectangle(
                    middle - 7.0..middle + 7.0,
                    y - 6.0..y + 6.0,
                    self.colour,
                    0.8,
                );
            }
        }
        canvas.text(self.name, (right + SPACE, y), LABEL, Anchor::Left);
    }
}

/// A legend as lines of names beside each other.
pub(super) struct Legend<'a> {
    lines: Vec<Vec<Entry<'a>>>,
}

const BETWEEN: f64 = 20.0;

impl<'a> Legend<'a> {
    pub fn new(entries: Vec<Entry<'a>>, room: f64) -> Self {
        let mut lines: Vec<Vec<Entry<'a>>> = Vec::new();
        let mut end = f64::INFINITY;
        for entry in entries {
            let width = entry.width();
            match lines.last_mut() {
                Some(line) if end + BETWEEN + width <= room => {
                    end += BETWEEN + width;
                    line.push(entry);
                }
                _ => {
                    end = width;
                    lines.push(vec![entry]);
                }
            }
        }
        Self { lines }
    }

    pub fn height(&self) -> f64 {
        self.lines.len() as f64 * text::line_height(LABEL)
    }

    pub fn draw(&self, canvas: &mut Canvas, middle: f64, top: f64) {
        let height = text::line_height(LABEL);
        for (i, line) in self.lines.iter().enumerate() {
            let widths: f64 = line.iter().map(|entry| entry.width() + BETWEEN).sum();
            let mut left = middle - (widths - BETWEEN) / 2.0;
            for entry in line {
                entry.draw(canvas, left, top + (i as f64 + 0.5) * height);
                left += entry.width() + BETWEEN;
            }
        }
    }
}
