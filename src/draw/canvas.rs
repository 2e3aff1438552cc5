//! Drawing with smooth edges.

use super::{
    colour::{Rgb, TEXT, WHITE, mix},
    picture::Picture,
    text, wrong,
};
use crate::error::Result;
use plotters::{
    backend::{BitMapBackend, DrawingBackend},
    style::{Color, FontTransform, IntoTextStyle, RGBColor, ShapeStyle},
};
use std::{fmt::Display, ops::Range};

/// Samples along each side of a pixel. Their mean is the pixel.
const SAMPLES: usize = 3;

/// Where the point given for a text lies in it; vertically it is the middle of the capitals.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
    /// The middle of text that reads upwards.
    Upwards,
    /// The start of text that reads upwards.
    UpwardsFrom,
}

/// White paper. Coordinates are in pixels of the picture from its top left corner.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    samples: Vec<u8>,
    failure: Option<String>,
}

impl Canvas {
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            samples: vec![255; width * height * SAMPLES * SAMPLES * 3],
            failure: None,
        }
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, x: Range<f64>, y: Range<f64>, colour: Rgb, opacity: f64) {
        let columns = samples_between(&x, self.width);
        let rows = samples_between(&y, self.height);
        for row in rows {
            let start = row * self.width * SAMPLES;
            let row = &mut self.samples[(start + columns.start) * 3..(start + columns.end) * 3];
            for sample in row.as_chunks_mut().0 {
                *sample = mix(*sample, colour, opacity);
            }
        }
    }

    /// A line through points, with round ends and joints.
    pub fn line(&mut self, points: &[(f64, f64)], colour: Rgb, width: f64) {
        let style = ShapeStyle {
            color: rgb(colour).to_rgba(),
            filled: false,
            stroke_width: (width * SAMPLES as f64).round() as u32,
        };
        // The rasterizer's own joints have spikes where many points lie close together.
        for pair in points.windows(2) {
            let ends = [to_samples(pair[0]), to_samples(pair[1])];
            if ends[0] != ends[1] {
                self.draw(|backend| backend.draw_path(ends, &style));
            }
        }
        for &point in points {
            self.dot(point, width / 2.0, colour, 1.0);
        }
    }

    /// A dot.
    pub fn dot(&mut self, centre: (f64, f64), radius: f64, colour: Rgb, opacity: f64) {
        let style = ShapeStyle {
            color: rgb(colour).mix(opacity),
            filled: true,
            stroke_width: 0,
        };
        let radius = (radius * SAMPLES as f64).round() as u32;
        self.draw(|backend| backend.draw_circle(to_samples(centre), radius, &style, true));
    }

    /// A line of text.
    pub fn text(&mut self, line: &str, (x, y): (f64, f64), size: f64, anchor: Anchor) {
        // The rasterizer puts the base line half a font box below (when upwards: right of) the point.
        let drop = size * (text::CAPITALS - text::BOX) / 2.0;
        let width = text::width(line, size);
        let font = text::font(size * SAMPLES as f64);
        let (point, font) = match anchor {
            Anchor::Left => ((x, y + drop), font),
            Anchor::Middle => ((x - width / 2.0, y + drop), font),
            Anchor::Right => ((x - width, y + drop), font),
            Anchor::Upwards => (
                (x + drop, y + width / 2.0),
                font.transform(FontTransform::Rotate270),
            ),
            Anchor::UpwardsFrom => ((x + drop, y), font.transform(FontTransform::Rotate270)),
        };
        let style = font.color(&rgb(TEXT)).into_text_style(&(0, 0));
        self.draw(|backend| backend.draw_text(line, &style, to_samples(point)));
    }

    /// What was drawn. The name is for messages.
    pub fn finish(self, name: &str) -> Result<Picture> {
        if let Some(problem) = self.failure {
            let problem = format!("drawing failed: {problem}");
            return Err(wrong(name, problem, "draw less, or smaller"));
        }
        let samples: &[Rgb] = self.samples.as_chunks().0;
        let mut picture = Picture::filled(self.width, self.height, WHITE);
        for y in 0..self.height {
            for x in 0..self.width {
                let mut sums = [0u32; 3];
                for row in y * SAMPLES..(y + 1) * SAMPLES {
                    for sample in &samples[(row * self.width + x) * SAMPLES..][..SAMPLES] {
                        for (sum, &part) in sums.iter_mut().zip(sample) {
                            *sum += u32::from(part);
                        }
                    }
                }
                let count = (SAMPLES * SAMPLES) as u32;
                picture.set(x, y, sums.map(|sum| ((sum + count / 2) / count) as u8));
            }
        }
        Ok(picture)
    }

    /// Calls the rasterizer; the first of its errors comes out of `finish`.
    fn draw<E: Display>(&mut self, act: impl FnOnce(&mut BitMapBackend<'_>) -> Result<(), E>) {
        let size = (
            (self.width * SAMPLES) as u32,
            (self.height * SAMPLES) as u32,
        );
        let mut backend = BitMapBackend::with_buffer(&mut self.samples, size);
        if let Err(error) = act(&mut backend) {
            self.failure.get_or_insert(error.to_string());
        }
    }
}

fn rgb([red, green, blue]: Rgb) -> RGBColor {
    RGBColor(red, green, blue)
}

fn to_sample(coordinate: f64) -> i32 {
    (coordinate * SAMPLES as f64).round() as i32
}

fn to_samples((x, y): (f64, f64)) -> (i32, i32) {
    (to_sample(x), to_sample(y))
}

/// The samples of an interval within a side of this many pixels.
fn samples_between(interval: &Range<f64>, side: usize) -> Range<usize> {
    let [start, end] = [interval.start, interval.end]
        .map(|end| (to_sample(end).max(0) as usize).min(side * SAMPLES));
    start..end.max(start)
}
