//! Rasters, and files of them.

use super::{
    canvas::{Anchor, Canvas},
    colour::{Rgb, WHITE},
    text, wrong,
};
use crate::{
    error::{Error, Result},
    file,
};
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use std::{fs, path::Path};

/// The white between the pictures of a row or column, and around them, in pixels.
const SPACE: usize = 12;

/// An RGB raster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
}

impl Picture {
    pub(super) fn filled(width: usize, height: usize, colour: Rgb) -> Self {
        Self {
            width,
            height,
            pixels: vec![colour; width * height],
        }
    }

    /// The number of pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows of pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green and blue of a pixel, counted from the top left.
    ///
    /// # Panics
    ///
    /// If there is no such pixel.
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        assert!(x < self.width, "there is no column {x} of pixels");
        self.pixels[y * self.width + x]
    }

    pub(super) fn set(&mut self, x: usize, y: usize, colour: Rgb) {
        self.pixels[y * self.width + x] = colour;
    }

    /// Puts a picture with its top left corner at a pixel.
    pub(super) fn paste(&mut self, picture: &Self, x: usize, y: usize) {
        for (row, pixels) in picture.pixels.chunks(picture.width.max(1)).enumerate() {
            self.pixels[(y + row) * self.width + x..][..picture.width].copy_from_slice(pixels);
        }
    }

    /// With a line of text above; the picture gets white sides if it is narrower than the line.
    pub fn titled(self, title: &str) -> Self {
        const ABOVE: usize = 32;
        let needed = text::width(title, text::TITLE).ceil() as usize + SPACE;
        let width = self.width.max(needed);
        let mut canvas = Canvas::new(width, ABOVE);
        let middle = (width as f64 / 2.0, ABOVE as f64 / 2.0);
        canvas.text(title, middle, text::TITLE, Anchor::Middle);
        let mut whole = Self::filled(width, ABOVE + self.height, WHITE);
        // A line of text in memory can always be drawn; if not, the picture matters more.
        if let Ok(line) = canvas.finish(title) {
            whole.paste(&line, 0, 0);
        }
        whole.paste(&self, (width - self.width) / 2, ABOVE);
        whole
    }

    /// Pictures side by side with their tops level, 12 white pixels between and around them.
    pub fn row(pictures: impl IntoIterator<Item = Self>) -> Self {
        let pictures: Vec<_> = pictures.into_iter().collect();
        let widths: usize = pictures.iter().map(|picture| picture.width + SPACE).sum();
        let tallest = pictures.iter().map(|picture| picture.height).max();
        let height = tallest.unwrap_or(0) + 2 * SPACE;
        let mut whole = Self::filled(SPACE + widths, height, WHITE);
        let mut x = SPACE;
        for picture in &pictures {
            whole.paste(picture, x, SPACE);
            x += picture.width + SPACE;
        }
        whole
    }

    /// Pictures below each other with their left sides level, 12 white pixels between and around them.
    pub fn column(pictures: impl IntoIterator<Item = Self>) -> Self {
        let pictures: Vec<_> = pictures.into_iter().collect();
        let heights: usize = pictures.iter().map(|picture| picture.height + SPACE).sum();
        let widest = pictures.iter().map(|picture| picture.width).max();
        let width = widest.unwrap_or(0) + 2 * SPACE;
        let mut whole = Self::filled(width, SPACE + heights, WHITE);
        let mut y = SPACE;
        for picture in &pictures {
            whole.paste(picture, SPACE, y);
            y += picture.height + SPACE;
        }
        whole
    }

    /// Writes a PNG file, as a whole or not at all, and its folder if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
            .write_image(
                self.pixels.as_flattened(),
                self.width as u32,
                self.height as u32,
                ExtendedColorType::Rgb8,
            )
            .map_err(|error| {
                let name = path.display().to_string();
                wrong(&name, error.to_string(), "draw a smaller picture")
            })?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        }
        file::replace_bytes(path, &png)
    }
}
