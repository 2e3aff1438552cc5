//! MATLAB files, which `matlab.py` makes with SciPy.

use super::*;
use burn_bayes::data::{MatMatrix, parse_mat, read_mat};
use std::io::Cursor;

const FILES: [&str; 3] = ["plain.mat", "compressed.mat", "highest_byte_first.mat"];

pub fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data_files/matlab");
    folder.join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(file(name)).unwrap()
}

fn parse(bytes: &[u8], variable: &str) -> Result<MatMatrix, Error> {
    parse_mat(bytes, [variable], "x.mat").map(|[matrix]| matrix)
}

#[test]
fn numbers_of_every_type() {
    for name in ["plain.mat", "compressed.mat"] {
        for kind in [
            "float64", "float32", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64",
            "uint64",
        ] {
            let [matrix] = read_mat(file(name), [kind]).unwrap();
            assert_eq!((matrix.num_rows, matrix.num_columns), (2, 3), "{kind}");
            assert_eq!(matrix.values(), [1., 40., 2., 50., 3., 60.], "{kind}");
            assert_eq!(matrix.column(1), [2., 50.], "{kind}");
        }
        let [fractions, low, yes, long] = read_mat(
            file(name),
            [
                "fractions",
                "low",
                "yes",
                "a_name_that_does_not_fit_into_a_tag",
            ],
        )
        .unwrap();
        assert_eq!(fractions.values()[..2], [0.1, f32::NEG_INFINITY]);
        assert!(fractions.values()[2].is_nan());
        assert_eq!(fractions.values()[3], 2.5);
        assert_eq!(low.values(), [-128., 127.]);
        assert_eq!(yes.values(), [1., 0.]);
        assert_eq!(long.values(), [7.]);
    }
}

#[test]
fn highest_bytes_first_and_small_integers_for_doubles() {
    let [matrix] = read_mat(file(FILES[2]), ["ab"]).unwrap();
    assert_eq!(matrix.values(), [1., 40., 2., 50., 3., -6.]);
}

#[test]
fn variables_come_in_the_order_asked_for_and_from_gzip_too() {
    let zipped = gzip(&bytes("plain.mat"));
    let [low, int8] = parse_mat(&zipped[..], ["low", "int8"], "x").unwrap();
    assert_eq!((low.values().len(), int8.values().len()), (2, 6));
    let [first, second] = read_mat(file("plain.mat"), ["uint8", "yes"]).unwrap();
    assert_eq!((first.values().len(), second.values().len()), (6, 2));
}

#[test]
fn what_is_no_matrix_is_named() {
    for name in ["plain.mat", "compressed.mat"] {
        for (variable, found) in [
            ("text", "found text"),
            ("cells", "found a cell array"),
            ("fields", "found a structure"),
            ("thin", "found a sparse one"),
            ("complex", "found a complex one"),
            ("cube", "found 3 dimensions"),
            ("empty", "found 0x3"),
        ] {
            let variable_in_quotes = format!("`{variable}`");
            assert_says(
                read_mat(file(name), [variable]),
                &[name, &variable_in_quotes, found],
            );
        }
    }
}

#[test]
fn a_missing_variable_is_named_with_those_that_are_there() {
    assert_says(
        read_mat(file(FILES[2]), ["ab", "testdata"]),
        &[
            "highest_byte_first.mat: expected the variable `testdata`, found `ab`;",
            "give a file with this variable",
        ],
    );
    // There are 21 variables.
    assert_says(
        parse(&bytes("plain.mat"), "data"),
        &["`float64`, `float32`", "and perhaps more"],
    );
}

#[test]
fn files_of_other_formats_are_named() {
    let mut seven = bytes("plain.mat");
    seven[125] = 2;
    for (bytes, parts) in [
        (&seven[..], ["version 7.3, which is HDF5", "savemat"]),
        (
            b"\x89HDF\r\n\x1a\n",
            ["version 7.3, which is HDF5", "'-v7'"],
        ),
        (&sound(), ["128 bytes, found 28 in all", "level 4"]),
        (b"", ["128 bytes, found 0 in all", "download"]),
        (&[0; 200], ["found another", "give a .mat file"]),
    ] {
        assert_says(parse(bytes, "data"), &["x.mat", parts[0], parts[1]]);
    }
    let error = read_mat(file("nowhere.mat"), ["data"]).unwrap_err();
    assert!(matches!(error, Error::Io { .. }));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for name in FILES {
        let bytes = bytes(name);
        // Between variables a cut leaves a sound file, in which the last one is missing.
        let last = match name {
            "highest_byte_first.mat" => "ab",
            _ => "empty",
        };
        for length in 0..bytes.len() {
            let error = parse(&bytes[..length], last).unwrap_err();
            assert!(matches!(error, Error::Data { .. }), "{name}, {length}");
        }
    }
}

#[test]
fn lengths_that_lie_take_no_memory() {
    // The numbers of rows and of columns, at the end of the dimensions, as big as they can be.
    let sound = bytes(FILES[2]);
    for (rows, columns, says) in [
        (u32::MAX, u32::MAX, "numbers in `ab`"),
        (1 << 15, 1 << 16, "numbers in `ab`"),
        (1 << 15, 1 << 15, "but 12 bytes"),
        (2, 4, "`ab` has 2x4 numbers of type i16, but 12 bytes"),
    ] {
        let mut bytes = sound.clone();
        bytes[160..164].copy_from_slice(&rows.to_be_bytes());
        bytes[164..168].copy_from_slice(&columns.to_be_bytes());
        assert_says(parse(&bytes, "ab"), &[says, "damaged"]);
    }
    // And the bytes that they would take, which are not there.
    let mut bytes = sound;
    bytes[132..136].fill(0xff);
    bytes[160..164].copy_from_slice(&(1_u32 << 14).to_be_bytes());
    bytes[164..168].copy_from_slice(&(1_u32 << 15).to_be_bytes());
    bytes[180..184].copy_from_slice(&(1_u32 << 30).to_be_bytes());
    assert_says(parse(&bytes, "ab"), &["the bytes end within a variable"]);
}

#[test]
fn a_wrong_checksum_is_seen() {
    let mut bytes = bytes("compressed.mat");
    // The first variable's compressed bytes end with it.
    let length = u32::from_le_bytes(bytes[132..136].try_into().unwrap()) as usize;
    bytes[136 + length - 1] ^= 1;
    assert_says(parse(&bytes, "float64"), &["compressed data", "damaged"]);
}

proptest! {
    #[test]
    fn damage_is_an_error_and_no_panic(
        which in 0..FILES.len(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
        variable in prop::sample::select(vec!["float64", "uint8", "cube", "fractions", "ab"]),
    ) {
        let mut bytes = bytes(FILES[which]);
        for (place, byte) in places {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        match parse_mat(Cursor::new(bytes), [variable], "x.mat") {
            Ok([matrix]) => prop_assert_eq!(
                matrix.values().len(),
                matrix.num_rows * matrix.num_columns
            ),
            Err(Error::Data { name, .. }) => prop_assert_eq!(name, "x.mat"),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
