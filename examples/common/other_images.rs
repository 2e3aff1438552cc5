//! Images of any size from IDX files, made as large as MNIST's.

use super::{files::file_error, words};
use burn_bayes::{Result, data::read_images, prelude::*};
use image::{GrayImage, imageops};
use std::path::{Path, PathBuf};

/// Height and width of MNIST's images.
pub const SIDE: usize = 28;

/// The file, or the image files of the folder in the order of their names.
pub fn image_files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let entries = path.read_dir().map_err(file_error("read", path))?;
    let files = entries.map(|entry| entry.map(|entry| entry.path()));
    let files: std::io::Result<Vec<PathBuf>> = files.collect();
    let mut files = files.map_err(file_error("read", path))?;
    files.retain(|file| file.to_string_lossy().contains("-images-idx3-ubyte"));
    files.sort();
    if files.is_empty() {
        return Err(Error::Data {
            name: path.display().to_string(),
            problem: "holds no IDX file of images".into(),
            cure: "give a folder with files named `...-images-idx3-ubyte` or `.gz`".into(),
        });
    }
    Ok(files)
}

/// Images of any size as 28 by 28, the largest value being full ink.
pub fn read_set(path: &Path, count: usize) -> Result<Datapoints> {
    let images = read_images(path)?;
    let largest = images.pixels().iter().copied().max().unwrap_or(1).max(1);
    let stretch = |value: &u8| (u32::from(*value) * 255 / u32::from(largest)) as u8;
    let count = count.min(images.len());
    let mut values = Vec::new();
    for i in 0..count {
        let pixels = images
            .image(i * images.len() / count)
            .iter()
            .map(stretch)
            .collect();
        let size = [images.num_columns as u32, images.num_rows as u32];
        let grey = GrayImage::from_raw(size[0], size[1], pixels);
        let grey = grey.expect("an image has as many pixels as its size says");
        let grey = if size == [SIDE as u32; 2] {
            grey
        } else {
            let scaled = imageops::resize(&grey, 20, 20, imageops::FilterType::Triangle);
            let mut paper = GrayImage::new(SIDE as u32, SIDE as u32);
            imageops::overlay(&mut paper, &scaled, 4, 4);
            paper
        };
        values.extend(
            grey.into_raw()
                .iter()
                .map(|&value| f32::from(value) / 255.0),
        );
    }
    Datapoints::new(set_name(path), values, SIDE * SIDE)
}

/// What a set is called: by its file, or by its folder if files of MNIST have the same name.
fn set_name(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let name = file.split("-images").next().unwrap_or_default();
    let part = match name {
        "t10k" => "test",
        "train" => "training",
        name => return name.into(),
    };
    let place = words::end_of_path(path, 2);
    let folder = place.split('/').next().unwrap_or_default();
    format!("{folder} {part}")
}
