//! Labels as integers of every type.

use super::*;

#[test]
fn labels_of_every_integer_type_are_read() {
    // `struct.pack(">2h", 7, 3)` and so on.
    for (code, elements) in [
        (0x08, &[7, 3][..]),
        (0x09, &[7, 3]),
        (0x0b, &[0, 7, 0, 3]),
        (0x0c, &[0, 0, 0, 7, 0, 0, 0, 3]),
    ] {
        let list = idx([0, 0, code, 1], &[2], elements);
        let column = idx([0, 0, code, 2], &[2, 1], elements);
        for bytes in [list, column] {
            assert_eq!(parse_labels(&bytes[..], "x").unwrap(), [7, 3]);
            let array = parse_idx(&bytes[..], "x").unwrap();
            assert_eq!(array.to_labels().unwrap(), [7, 3]);
        }
    }
}

#[test]
fn labels_beyond_a_byte_are_read_as_u32() {
    // `struct.pack(">2i", 7, 2147483647)`
    let bytes = idx([0, 0, 0x0c, 1], &[2], &[0, 0, 0, 7, 0x7f, 0xff, 0xff, 0xff]);
    let array = parse_idx(&bytes[..], "x").unwrap();
    assert_eq!(array.to_labels().unwrap(), [7, 2_147_483_647]);
    assert_says(
        parse_labels(&bytes[..], "x"),
        &[
            "labels from 0 to 255, found 2147483647 at row 1",
            "to_labels",
        ],
    );
}

#[test]
fn negative_labels_are_named_by_row() {
    // -1 in two's complement is all ones.
    for (code, elements) in [
        (0x09, &[7, 0xff][..]),
        (0x0b, &[0, 7, 0xff, 0xff]),
        (0x0c, &[0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff]),
    ] {
        let bytes = idx([0, 0, code, 1], &[2], elements);
        let parts = ["x: expected labels from 0 up, found -1 at row 1"];
        assert_says(parse_labels(&bytes[..], "x"), &parts);
        assert_says(parse_idx(&bytes[..], "x").unwrap().to_labels(), &parts);
    }
}

#[test]
fn what_is_no_label_is_refused() {
    let array = parse_idx(&floats(&[2], &[1.0, 2.0])[..], "x").unwrap();
    assert_says(array.to_labels(), &["one integer in each row, found 1 f32"]);
    let array = parse_idx(&sound()[..], "x").unwrap();
    assert_says(array.to_labels(), &["one integer in each row, found 6 u8"]);
    let rows = idx([0, 0, 8, 2], &[2, 3], &[0; 6]);
    assert_says(parse_labels(&rows[..], "x"), &["found 3 u8"]);
}
