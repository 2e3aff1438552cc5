//! OMNIGLOT: the file of Burda et al., and the drawings made anew.

use super::*;
use burn_bayes::data::Omniglot;

/// The F of `matlab.py`, upright, with its upper left corner in this row and column.
fn letter(row: usize, column: usize) -> Vec<f32> {
    let mut image = vec![0.0; 784];
    for (line, ink) in ["###", "#", "##", "#", "#"].iter().enumerate() {
        image[(row + line) * 28 + column..][..ink.len()].fill(1.0);
    }
    image
}

fn ink(data: &Datapoints) -> f32 {
    data.values().iter().sum()
}

#[test]
fn images_of_the_authors_file_stand_upright_in_their_order() {
    let path = matlab::file("omniglot.mat.gz");
    let Omniglot {
        train,
        validation,
        test,
    } = Omniglot::from_mat(path).unwrap();
    assert_eq!(
        (train.len(), validation.len(), test.len()),
        (23_000, 1_345, 8_070)
    );
    assert_eq!(train.row(0), letter(1, 2));
    assert_eq!(train.row(22_999), letter(3, 4));
    assert_eq!(validation.row(0), letter(5, 6));
    assert_eq!(validation.row(1_344), letter(7, 8));
    assert_eq!(test.row(0), letter(9, 10));
    assert_eq!(test.row(8_069), letter(11, 12));
    // There is nothing else.
    assert_eq!([&train, &validation, &test].map(ink), [16.0; 3]);
    assert_eq!(validation.name(), "OMNIGLOT validation images");
}

#[test]
fn another_matlab_file_is_named() {
    assert_says(
        Omniglot::from_mat(matlab::file("omniglot_of_two.mat.gz")),
        &[
            "omniglot_of_two.mat.gz",
            "expected `data` of 784x24345",
            "found 784x2",
        ],
    );
    assert_says(
        Omniglot::from_mat(matlab::file("omniglot_above_1.mat.gz")),
        &["0 to 1 in `testdata`, found 2 at row 3, column 5"],
    );
    assert_says(
        Omniglot::from_mat(matlab::file("highest_byte_first.mat")),
        &["highest_byte_first.mat", "the variable `data`", "`ab`"],
    );
    assert_says(
        Omniglot::from_mat("nowhere/chardata.mat"),
        &["cannot read nowhere/chardata.mat"],
    );
}

/// A folder of three files of background but for one full pixel in the first image of each.
fn remade(counts: [u32; 3]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (part, count) in ["train", "valid", "test"].iter().zip(counts) {
        let mut pixels = vec![0; count as usize * 784];
        pixels[5] = 255;
        let name = format!("omniglot-strokes-28-{part}-images-idx3-ubyte.gz");
        let bytes = gzip(&images([count, 28, 28], &pixels));
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn remade_drawings_are_joined_and_cut() {
    let folder = remade([23_000, 1_345, 7_655]);
    let Omniglot {
        train,
        validation,
        test,
    } = Omniglot::from_dir(folder.path()).unwrap();
    assert_eq!(
        (train.len(), validation.len(), test.len()),
        (23_000, 1_345, 7_655)
    );
    for data in [train, validation, test] {
        assert_eq!((data.row(0)[5], ink(&data)), (1.0, 1.0));
    }
}

#[test]
fn remade_files_that_do_not_fit() {
    let folder = remade([3, 2, 1]);
    assert_says(
        Omniglot::from_dir(folder.path()),
        &["expected 32000 images in the three files, found 6"],
    );
    let valid = "omniglot-strokes-28-valid-images-idx3-ubyte";
    let path = folder.path().join(format!("{valid}.gz"));
    fs::write(&path, sound()).unwrap();
    assert_says(
        Omniglot::from_dir(folder.path()),
        &[valid, "expected images of 28x28, found 2x3"],
    );
    fs::remove_file(path).unwrap();
    assert_says(
        Omniglot::from_dir(folder.path()),
        &[valid, "found neither", "Omniglot::from_mat"],
    );
}
