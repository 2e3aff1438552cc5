//! Frey faces, in the form of their authors and in that of MNIST's files.

use crate::{fail, succeed};
use std::{fs, path::Path};

const NUM_FACES: usize = 40;

/// Faces of 28×20 pixels, each with two stripes.
fn pixels(num_pixels: usize) -> Vec<u8> {
    let pixel = |face: usize, pixel: usize| ((pixel / 20 + face) % 7 * 36) as u8;
    (0..NUM_FACES)
        .flat_map(|face| (0..num_pixels).map(move |index| pixel(face, index)))
        .collect()
}

/// A MATLAB file (level 5) of the matrix `ff`, whose columns are these.
fn matlab(columns: &[u8], num_rows: usize) -> Vec<u8> {
    let words = |words: &[u32]| -> Vec<u8> {
        let bytes = words.iter().flat_map(|word| word.to_le_bytes());
        bytes.collect()
    };
    let num_columns = columns.len() / num_rows;
    let mut matrix = Vec::new();
    matrix.extend(words(&[6, 8, 9, 0])); // flags: numbers of one byte
    matrix.extend(words(&[5, 8, num_rows as u32, num_columns as u32]));
    matrix.extend(words(&[1, 2]));
    matrix.extend(b"ff\0\0\0\0\0\0");
    matrix.extend(words(&[2, columns.len() as u32]));
    matrix.extend(columns);
    matrix.resize(matrix.len().next_multiple_of(8), 0);
    let mut file = b"MATLAB 5.0 MAT-file".to_vec();
    file.resize(124, b' ');
    file.extend(b"\x00\x01IM");
    file.extend(words(&[14, matrix.len() as u32]));
    file.extend(matrix);
    file
}

/// The same faces as an IDX file.
fn idx(pixels: &[u8]) -> Vec<u8> {
    let sizes = [NUM_FACES as u32, 28, 20].map(u32::to_be_bytes);
    [&[0, 0, 8, 3], sizes.as_flattened(), pixels].concat()
}

/// A folder with one file.
fn folder(here: &Path, name: &str, file: &str, bytes: &[u8]) -> String {
    let dir = here.join(name);
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join(file), bytes).unwrap();
    dir.to_str().unwrap().into()
}

#[test]
fn faces_of_both_forms_make_the_same_picture() {
    let temporary = tempfile::tempdir().unwrap();
    let here = temporary.path();
    let faces = pixels(560);
    let mut pictures = Vec::new();
    for (name, file, bytes) in [
        ("matlab", "frey_rawface.mat", matlab(&faces, 560)),
        ("idx", "frey-faces-images-idx3-ubyte.gz", idx(&faces)),
    ] {
        let data = folder(here, name, file, &bytes);
        let out = format!("{name}_run");
        let arguments = [
            "--data-dir",
            &data,
            "--epochs",
            "1",
            "--cells",
            "3",
            "--out",
            &out,
        ];
        let text = succeed("manifold", &arguments, here);
        assert!(text.contains("Frey faces"), "{text}");
        assert!(text.contains("1 epochs of 20 rows"), "{text}");
        pictures.push(fs::read(here.join(out).join("manifold.png")).unwrap());
    }
    assert!(pictures[0].starts_with(b"\x89PNG"));
    assert!(pictures[0] == pictures[1], "the pictures differ");

    let small = matlab(&pixels(559), 559);
    let data = folder(here, "small", "frey_rawface.mat", &small);
    let text = fail("manifold", &["--data-dir", &data, "--out", "none"], here);
    assert!(text.contains("560 pixels, found 559"), "{text}");
    assert!(!here.join("none").exists());
}
