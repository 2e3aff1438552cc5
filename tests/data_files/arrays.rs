//! IDX files of every element type and shape.

use super::*;

/// For each code the elements as `struct.pack` of Python writes them, as in
/// `struct.pack(">2h", -300, 32767).hex()`, and what they are.
const ELEMENTS: [(u8, IdxType, &[u8], [f64; 2]); 6] = [
    (0x08, IdxType::U8, &[0xc8, 0x00], [200.0, 0.0]),
    (0x09, IdxType::I8, &[0xfd, 0x7f], [-3.0, 127.0]),
    (
        0x0b,
        IdxType::I16,
        &[0xfe, 0xd4, 0x7f, 0xff],
        [-300.0, 32_767.0],
    ),
    (
        0x0c,
        IdxType::I32,
        &[0xff, 0xfe, 0xee, 0x90, 0x7f, 0xff, 0xff, 0xff],
        [-70_000.0, 2_147_483_647.0],
    ),
    (
        0x0d,
        IdxType::F32,
        &[0x3d, 0xcc, 0xcc, 0xcd, 0xc0, 0x20, 0x00, 0x00],
        [0.1_f32 as f64, -2.5],
    ),
    (
        0x0e,
        IdxType::F64,
        &[
            0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a, // 0.1
            0xc0, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // -2.5
        ],
        [0.1, -2.5],
    ),
];

fn doubles(shape: &[u32], numbers: &[f64]) -> Vec<u8> {
    let elements: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    idx([0, 0, 0x0e, shape.len() as u8], shape, &elements)
}

#[test]
fn every_element_type_is_read() {
    let folder = TempDir::new().unwrap();
    for (code, element_type, elements, expected) in ELEMENTS {
        let bytes = idx([0, 0, code, 2], &[2, 1], elements);
        let path = folder.path().join("array");
        for contents in [bytes.clone(), gzip(&bytes)] {
            fs::write(&path, contents).unwrap();
            let array = read_idx(&path).unwrap();
            assert_eq!(array.element_type(), element_type);
            assert_eq!(array.element_type().size(), elements.len() / 2);
            assert_eq!(array.values().collect::<Vec<f64>>(), expected);
            let rounded = expected.map(|value| value as f32);
            assert_eq!(array.to_f32().unwrap(), rounded);
        }
    }
}

#[test]
fn rows_of_any_shape_keep_the_order_of_the_file() {
    let numbers: Vec<f32> = (0..24u8).map(f32::from).collect();
    for (shape, num_features) in [
        (&[24][..], 1),
        (&[2, 12], 12),
        (&[4, 2, 3], 6),
        (&[2, 3, 2, 2], 12),
        (&[2, 1, 3, 2, 2], 12),
    ] {
        let array = parse_idx(&floats(shape, &numbers)[..], "x").unwrap();
        let dimensions: Vec<usize> = shape.iter().map(|size| *size as usize).collect();
        assert_eq!(array.shape(), dimensions);
        assert_eq!(
            (array.len(), array.num_features()),
            (dimensions[0], num_features)
        );
        assert!(!array.is_empty());
        let data = Datapoints::from_idx("floats", &array).unwrap();
        assert_eq!((data.name(), data.len()), ("floats", dimensions[0]));
        assert_eq!(data.row(1), &numbers[num_features..2 * num_features]);
    }
}

#[test]
fn bytes_of_two_and_four_dimensions_are_images_of_one_row() {
    let pixels: Vec<u8> = (0..12).collect();
    for shape in [&[2, 6][..], &[2, 3, 1, 2], &[2, 1, 2, 3]] {
        let bytes = idx([0, 0, 8, shape.len() as u8], shape, &pixels);
        let images = parse_images(&bytes[..], "x").unwrap();
        assert_eq!((images.num_rows, images.num_columns), (1, 6));
        assert_eq!(images.image(1), &pixels[6..]);
        let data = Datapoints::from_images("grey", &images).unwrap();
        assert_eq!(data.row(1)[0], 6.0 / 255.0);
    }
}

#[test]
fn numbers_that_are_not_finite_are_named_by_row_and_column() {
    for (value, shown) in [
        (f32::NAN, "found NaN"),
        (f32::INFINITY, "found inf"),
        (f32::NEG_INFINITY, "found -inf"),
    ] {
        let bytes = floats(&[2, 3], &[0.0, 1.0, 2.0, 3.0, 4.0, value]);
        let array = parse_idx(&bytes[..], "x").unwrap();
        let parts = ["x: expected finite f32", shown, "at row 1, column 2"];
        assert_says(Datapoints::from_idx("data", &array), &parts);
        assert_says(array.to_f32(), &parts);
        let wide = doubles(&[3, 1, 2], &[0.0, 1.0, 2.0, 3.0, f64::from(value), 5.0]);
        let array = parse_idx(&wide[..], "x").unwrap();
        assert_says(array.to_f32(), &[shown, "at row 2, column 0"]);
    }
}

#[test]
fn doubles_beyond_the_range_of_f32_are_refused() {
    // The largest f32 is 3.4028235e38; the next step would be 2^128 = 3.4028237e38.
    for (value, shown) in [(1e300, "found 1e300"), (-3.41e38, "found -3.41e38")] {
        let array = parse_idx(&doubles(&[1, 2], &[0.5, value])[..], "x").unwrap();
        assert_says(array.to_f32(), &[shown, "at row 0, column 1"]);
        assert_eq!(array.values().last(), Some(value));
    }
    // Within the range, a number is rounded, to zero if need be.
    let array = parse_idx(&doubles(&[1, 2], &[3.4028235e38, 1e-300])[..], "x").unwrap();
    assert_eq!(array.to_f32().unwrap(), [f32::MAX, 0.0]);
}

#[test]
fn files_for_another_function_are_told_which() {
    assert_says(
        parse_images(&floats(&[1, 1, 1], &[0.0])[..], "x"),
        &["0x00000d03", "f32 in 3 dimensions", "`read_idx`"],
    );
    assert_says(
        parse_labels(&floats(&[1], &[0.0])[..], "x"),
        &["0x00000d01", "f32 in 1 dimension)", "`read_idx`"],
    );
    let wide = idx([0, 0, 8, 5], &[1; 5], &[0]);
    assert_says(parse_images(&wide[..], "x"), &["u8 in 5 dimensions"]);
}

#[test]
fn headers_that_no_function_reads() {
    let cases: [([u8; 4], &[&str]); 6] = [
        ([0, 0, 8, 0], &["0x00000800", "u8 in 0 dimensions"]),
        (
            [0, 0, 10, 1],
            &["0x00000a01", "no element type has the code 10"],
        ),
        ([0, 1, 8, 1], &["0x00010801 (no IDX file)"]),
        ([1, 0, 8, 1], &["0x01000801 (no IDX file)"]),
        // A header of a machine that writes its lowest byte first.
        (
            [3, 8, 0, 0],
            &["0x03080000", "reverse order", "highest byte first"],
        ),
        (*b"PK\x03\x04", &["a zip archive"]),
    ];
    for (magic, parts) in cases {
        let bytes = idx(magic, &[1], &[0]);
        assert_says(parse_idx(&bytes[..], "x"), parts);
        assert_says(parse_labels(&bytes[..], "x"), parts);
        assert_says(parse_images(&bytes[..], "x"), parts);
    }
}

#[test]
fn arrays_that_are_short_or_long() {
    let whole = doubles(&[2, 3], &[0.0; 6]);
    for (length, problem) in [
        (3, "expected a header of 8 bytes, found 3 bytes"),
        (11, "expected a header of 12 bytes, found 11 bytes"),
        (12, "2 rows of 3 (48 bytes), but the file holds 0 bytes"),
        (59, "2 rows of 3 (48 bytes), but the file holds 47 bytes"),
    ] {
        let parts = [problem, "cut short"];
        assert_says(parse_idx(&whole[..length], "x"), &parts);
        assert_says(parse_idx(&gzip(&whole[..length])[..], "x"), &parts);
    }
    let long = [whole, vec![0]].concat();
    assert_says(parse_idx(&long[..], "x"), &["more bytes come after"]);
    let four = floats(&[2, 1, 3, 4], &[0.0]);
    assert_says(parse_idx(&four[..], "x"), &["2 rows of 1x3x4 (96 bytes)"]);
}

#[test]
fn arrays_that_promise_nothing_or_too_much() {
    for shape in [
        &[0][..],
        &[0, 3],
        &[3, 0],
        &[u32::MAX, u32::MAX, u32::MAX, 0],
    ] {
        let bytes = floats(shape, &[]);
        assert_says(parse_idx(&bytes[..], "x"), &["no dimension to be zero"]);
    }
    let many = [u32::MAX; 255];
    // 2^30 elements of 8 bytes are exactly the limit of 8 GiB.
    for shape in [
        &many[..],
        &many[..4],
        &[1 << 16, 1 << 16, 1 << 16, 1 << 16],
        &[(1 << 30) + 1],
    ] {
        let bytes = doubles(shape, &[0.0; 100]);
        assert_says(parse_idx(&bytes[..], "x"), &["at most 8589934592 bytes"]);
    }
    let bytes = doubles(&[1 << 15, 1 << 15], &[0.0; 100]);
    assert_says(parse_idx(&bytes[..], "x"), &["the file holds 800 bytes"]);
    // The promised 8 GiB are not filled.
    assert!(peak_memory().is_none_or(|most| most < 1 << 30));
}

#[test]
fn images_are_transposed_one_by_one() {
    // Rows 1 2 3 and 4 5 6, then 7 8 9 and 10 11 12: columns become rows.
    let images = parse_images(&sound()[..], "x").unwrap();
    let transposed = images.transposed();
    assert_eq!((transposed.num_rows, transposed.num_columns), (3, 2));
    assert_eq!(transposed.image(0), &[1, 4, 2, 5, 3, 6]);
    assert_eq!(transposed.image(1), &[7, 10, 8, 11, 9, 12]);
    assert_eq!(transposed.transposed(), images);
}

#[test]
fn debug_output_of_an_array_is_short() {
    let array = parse_idx(&floats(&[1000, 10], &[0.0; 10_000])[..], "x").unwrap();
    let shown = format!("{array:?}");
    assert!(shown.contains("[1000, 10]") && shown.len() < 200, "{shown}");
}
