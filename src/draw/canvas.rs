//! Drawing with smooth edges: plotters draws at three times the size, and nine pixels are averaged
//! to one.

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

/// The drawing area of plotters, with pixels a third as long as the picture's.
pub(super) type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// The result of drawing on an area.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Converts pixels of the picture into pixels of the drawing area.
pub(super) fn fine(pixels: f64) -> i32 {
    (pixels * f64::from(FINER)).round() as i32
}

/// A line's width in pixels of the drawing area.
pub(super) fn stroke(pixels: f64) -> u32 {
    fine(pixels) as u32
}

/// A colour in plotters' type.
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
