//! Pictures: where each number ends up, and what is refused.

#![cfg(feature = "draw")]

mod charts;
mod ends;
mod extremes;
mod images;
mod refusals;

use burn_bayes::draw::{Chart, Colour, Colours, ImageGrid, Picture};
use std::{collections::HashMap, fs};

/// An F: no mirror image or transpose of it is the same.
const F: [[u8; 4]; 5] = [
    [1, 1, 1, 1],
    [1, 0, 0, 0],
    [1, 1, 1, 0],
    [1, 0, 0, 0],
    [1, 0, 0, 0],
];

/// The width of the lines around images.
const LINE: usize = 2;

fn f_values() -> Vec<f32> {
    F.as_flattened().iter().map(|&ink| f32::from(ink)).collect()
}

const WHITE: [u8; 3] = [255; 3];
const BLACK: [u8; 3] = [0; 3];

/// How many pixels have each colour.
fn colours_of(picture: &Picture) -> HashMap<[u8; 3], usize> {
    let mut counts = HashMap::new();
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            *counts.entry(picture.pixel(x, y)).or_default() += 1;
        }
    }
    counts
}

/// The places of the pixels with a property.
fn places(picture: &Picture, of: impl Fn([u8; 3]) -> bool) -> Vec<(usize, usize)> {
    let all = (0..picture.height()).flat_map(|y| (0..picture.width()).map(move |x| (x, y)));
    all.filter(|&(x, y)| of(picture.pixel(x, y))).collect()
}

/// Whether a pixel is neither white nor grey.
fn is_coloured([red, green, blue]: [u8; 3]) -> bool {
    let (least, most) = (red.min(green).min(blue), red.max(green).max(blue));
    most - least > 30
}

fn message<T>(result: Result<T, burn_bayes::Error>) -> String {
    match result {
        Ok(_) => panic!("this should be refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_saved_picture_reads_back_equal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/picture.png");
    let picture = ImageGrid::new(&f_values(), [5, 4])
        .with_colours(Colours::Heat)
        .draw()
        .unwrap();
    picture.save(&path).unwrap();
    let read = image::open(&path).unwrap().to_rgb8();
    assert_eq!(
        (read.width() as usize, read.height() as usize),
        (picture.width(), picture.height())
    );
    for (x, y, pixel) in read.enumerate_pixels() {
        assert_eq!(pixel.0, picture.pixel(x as usize, y as usize), "{x}, {y}");
    }
}

#[test]
fn saving_replaces_the_whole_file_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    fs::write(&path, vec![7u8; 1 << 20]).unwrap();
    ImageGrid::new(&f_values(), [5, 4])
        .draw()
        .unwrap()
        .save(&path)
        .unwrap();
    assert!(fs::metadata(&path).unwrap().len() < 10_000);
    assert_eq!(image::open(&path).unwrap().width(), 4 * 2 + 2 * LINE as u32);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let picture = ImageGrid::new(&[1.0], [1, 1]).draw().unwrap();
    assert!(message(picture.save(file.join("picture.png"))).contains("cannot create"));
}

#[test]
fn rows_and_columns_keep_every_pixel() {
    let parts = [[5, 4], [10, 2], [2, 10]].map(|size| {
        ImageGrid::new(&f_values(), size)
            .with_colours(Colours::Heat)
            .draw()
            .unwrap()
    });
    const SPACE: usize = 12;
    let (row, column) = (Picture::row(parts.clone()), Picture::column(parts.clone()));
    let (mut x, mut y) = (SPACE, SPACE);
    for part in &parts {
        for py in 0..part.height() {
            for px in 0..part.width() {
                assert_eq!(row.pixel(x + px, SPACE + py), part.pixel(px, py));
                assert_eq!(column.pixel(SPACE + px, y + py), part.pixel(px, py));
            }
        }
        x += part.width() + SPACE;
        y += part.height() + SPACE;
    }
    assert_eq!((row.width(), column.height()), (x, y));
    assert_eq!(row.height(), parts[1].height() + 2 * SPACE);
    assert_eq!(column.width(), parts[2].width() + 2 * SPACE);
    let inked =
        |picture: &Picture| picture.width() * picture.height() - colours_of(picture)[&WHITE];
    let expected: usize = parts.iter().map(|part| part.width() * part.height()).sum();
    assert_eq!(inked(&row), expected, "all else is white");
    assert_eq!(inked(&column), expected);
}

#[test]
fn a_title_is_above_and_fits() {
    let picture = ImageGrid::new(&f_values(), [5, 4]).draw().unwrap();
    let titled = picture
        .clone()
        .titled("A title much wider than the picture");
    let above = titled.height() - picture.height();
    let left = (titled.width() - picture.width()) / 2;
    for y in 0..picture.height() {
        for x in 0..picture.width() {
            assert_eq!(titled.pixel(left + x, above + y), picture.pixel(x, y));
        }
    }
    let text = places(&titled, |[level, ..]| level < 128);
    let text: Vec<_> = text.into_iter().filter(|place| place.1 < above).collect();
    assert!(text.len() > 100);
    let inside =
        |&(x, y): &(usize, usize)| x > 1 && x + 2 < titled.width() && y > 1 && y + 2 < above;
    assert!(text.iter().all(inside), "no letter is cut off");
}
