//! Drawing with smooth edges: plotters draws three times as large, and the mean of nine pixels is
//! one.

use super::{colour::Rgb, picture::Picture, refuse};
use crate::error::Result;
use image::{RgbImage, imageops};
use plotters::{
    backend::BitMapBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    style::RGBColor,
};

const FINER: u32 = 3;

/// Paper for plotters; its pixels are a third of the picture's.
pub(super) type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// What drawing on it gives.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Pixels of the picture in those of the paper.
pub(super) fn fine(pixels: f64) -> i32 {
    (pixels * f64::from(FINER)).round() as i32
}

/// A line's width in pixels of the paper.
pub(super) fn stroke(pixels: f64) -> u32 {
    fine(pixels) as u32
}

/// A colour as plotters has it.
pub(super) fn rgb([red, green, blue]: Rgb) -> RGBColor {
    RGBColor(red, green, blue)
}

/// A picture of this width and height; the name is for messages.
pub(super) fn draw(
    name: &str,
    [width, height]: [usize; 2],
    act: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<Picture> {
    let [width, height] = [width as u32, height as u32];
    let mut paper = RgbImage::from_pixel(width * FINER, height * FINER, [255; 3].into());
    let size = paper.dimensions();
    let drawn = act(&BitMapBackend::with_buffer(&mut paper, size).into_drawing_area());
    let problem = drawn.err().map(|error| format!("drawing failed: {error}"));
    refuse(name, problem, "draw less, or smaller")?;
    Ok(Picture::new(imageops::thumbnail(&paper, width, height)))
}
