//! Rasters, and files of them.

use super::{
    colour::{Rgb, WHITE},
    refuse,
};
use crate::{error::Result, file};
use image::{
    RgbImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
    imageops,
};
use std::path::Path;

/// The white between the pictures of a row or column, and around them, in pixels.
pub(super) const SPACE: usize = 12;

/// An RGB raster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pixels: RgbImage,
}

impl Picture {
    pub(super) fn new(pixels: RgbImage) -> Self {
        Self { pixels }
    }

    pub(super) fn filled(width: usize, height: usize, colour: Rgb) -> Self {
        Self::new(RgbImage::from_pixel(
            width as u32,
            height as u32,
            colour.into(),
        ))
    }

    /// The number of pixels in a row.
    pub fn width(&self) -> usize {
        self.pixels.width() as usize
    }

    /// The number of rows of pixels.
    pub fn height(&self) -> usize {
        self.pixels.height() as usize
    }

    /// Red, green and blue of a pixel, counted from the top left.
    ///
    /// # Panics
    ///
    /// If there is no such pixel.
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        self.pixels.get_pixel(x as u32, y as u32).0
    }

    /// Puts a picture with its top left corner at a pixel.
    pub(super) fn paste(&mut self, picture: &Self, x: usize, y: usize) {
        imageops::replace(&mut self.pixels, &picture.pixels, x as i64, y as i64);
    }

    /// Puts a picture with the middle of its upper side at a pixel, or as near as it fits.
    pub(super) fn paste_below(&mut self, picture: &Self, middle: usize, y: usize) {
        let most = self.width().saturating_sub(picture.width());
        let left = middle.saturating_sub(picture.width() / 2).min(most);
        self.paste(picture, left, y);
    }

    /// Turned so that text reads upwards.
    pub(super) fn upright(&self) -> Self {
        Self::new(imageops::rotate270(&self.pixels))
    }

    /// Pictures side by side with their tops level, 12 white pixels between and around them.
    pub fn row(pictures: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(pictures, true, SPACE, SPACE)
    }

    /// Pictures below each other with their left sides level, 12 white pixels between and around
    /// them.
    pub fn column(pictures: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(pictures, false, SPACE, SPACE)
    }

    /// Pictures beside or below each other, with white pixels between and around them.
    pub(super) fn joined(
        pictures: impl IntoIterator<Item = Self>,
        beside: bool,
        between: usize,
        around: usize,
    ) -> Self {
        let (mut x, mut y, mut width, mut height) = (around, around, around, around);
        let mut places = Vec::new();
        for picture in pictures {
            width = width.max(x + picture.width());
            height = height.max(y + picture.height());
            let place = (x, y);
            match beside {
                true => x = width + between,
                false => y = height + between,
            }
            places.push((picture, place));
        }
        let mut whole = Self::filled(width + around, height + around, WHITE);
        for (picture, (x, y)) in &places {
            whole.paste(picture, *x, *y);
        }
        whole
    }

    /// Writes a PNG file, as a whole or not at all, and its folder if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the folder or the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let png = self.png(&path.display().to_string())?;
        file::create_folder_of(path)?;
        file::replace_bytes(path, &[&png])
    }

    /// The bytes of a PNG file of this name.
    pub(crate) fn png(&self, name: &str) -> Result<Vec<u8>> {
        let mut png = Vec::new();
        let encoder =
            PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive);
        let encoded = self.pixels.write_with_encoder(encoder);
        let problem = encoded.err().map(|error| error.to_string());
        refuse(name, problem, "draw a smaller picture")?;
        Ok(png)
    }
}
