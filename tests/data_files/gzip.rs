//! Files compressed by other programs: padded, of several members, damaged.

use super::*;

/// What `gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]), mtime=0)` gives in Python 3.11.
const PYTHON: [u8; 31] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 100, 96, 96, 96, 102, 101, 96, 1, 0, 118,
    186, 230, 15, 11, 0, 0, 0,
];

/// Two members, each as above: the header with the first label, and the other two labels. By
/// `gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5]), mtime=0)` and
/// `gzip.compress(bytes([0, 4]), mtime=0)`.
const PYTHON_MEMBERS: [&[u8]; 2] = [
    &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 100, 96, 96, 96, 102, 5, 0, 32, 46, 253,
        69, 9, 0, 0, 0,
    ],
    &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 1, 0, 230, 214, 180, 70, 2, 0, 0, 0,
    ],
];

/// Around the length of a gzip header (10), of a block of a tape (512), and of a buffer (8192).
const PADDING: [usize; 8] = [1, 9, 10, 11, 18, 512, 8192, 100_000];

/// Gives one byte at a time, and is interrupted before each.
struct Halting<'a> {
    bytes: &'a [u8],
    interrupted: bool,
}

impl Read for Halting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let length = buffer.len().min(1);
        self.bytes.read(&mut buffer[..length])
    }
}

#[test]
fn zeros_after_the_end_are_padding() {
    let expected = parse_images(&sound()[..], "x").unwrap();
    for length in PADDING {
        let one = [gzip(&sound()), vec![0; length]].concat();
        assert_eq!(parse_images(&one[..], "x").unwrap(), expected, "{length}");
        let two = [gzip(&sound()[..9]), gzip(&sound()[9..]), vec![0; length]].concat();
        assert_eq!(parse_images(&two[..], "x").unwrap(), expected, "{length}");
    }
}

// Python's own reader (`gzip.decompress`) takes zeros between members for padding, too.
#[test]
fn files_of_python_are_read_with_padding_anywhere() {
    let [first, second] = PYTHON_MEMBERS;
    for length in PADDING {
        let zeros = vec![0; length];
        for bytes in [
            [&PYTHON[..], &zeros].concat(),
            [first, second, &zeros].concat(),
            [first, &zeros, second].concat(),
            [first, &zeros, second, &zeros].concat(),
        ] {
            assert_eq!(
                parse_labels(&bytes[..], "x").unwrap(),
                [5, 0, 4],
                "{length}"
            );
        }
    }
}

#[test]
fn padding_is_seen_through_short_and_interrupted_reads() {
    let [first, second] = PYTHON_MEMBERS;
    let zeros = [0; 20];
    let bytes = [first, &zeros, second, &zeros].concat();
    let halting = Halting {
        bytes: &bytes,
        interrupted: false,
    };
    assert_eq!(parse_labels(halting, "x").unwrap(), [5, 0, 4]);
}

#[test]
fn padding_of_a_file_does_not_depend_on_its_name() {
    let folder = TempDir::new().unwrap();
    for name in ["labels", "labels.GZ", "labels.txt"] {
        let path = folder.path().join(name);
        fs::write(&path, [&PYTHON[..], &[0; 100]].concat()).unwrap();
        assert_eq!(read_labels(&path).unwrap(), [5, 0, 4], "{name}");
    }
}

#[test]
fn other_bytes_after_the_end_are_named() {
    for (length, garbage) in [(0, "garbage"), (1, "garbage"), (600, "g"), (10_000, "go")] {
        let bytes = [&PYTHON[..], &vec![0; length], garbage.as_bytes()].concat();
        assert_says(
            parse_labels(&bytes[..], "x"),
            &[
                "expected sound gzip data",
                "after the end of the compressed data a byte 0x67",
                "move it away",
            ],
        );
    }
}

#[test]
fn padding_replaces_nothing_that_is_missing() {
    let zeros = vec![0; 100];
    // Whole members whose contents are cut short.
    let inner = [gzip(&sound()[..20]), zeros.clone()].concat();
    assert_says(
        parse_images(&inner[..], "x"),
        &["the file holds 4 bytes", "cut short"],
    );
    // Members that are cut themselves: zeros stand where the checksum was, or a second header.
    for bytes in [
        [&PYTHON[..23], &zeros].concat(),
        [&PYTHON[..], &[0; 3], &PYTHON[..2]].concat(),
    ] {
        let parts = ["expected sound gzip data"];
        assert_says(parse_labels(&bytes[..], "x"), &parts);
    }
}

#[test]
fn a_file_compressed_twice_or_by_another_program_is_named() {
    let twice = gzip(&PYTHON);
    assert_says(
        parse_labels(&twice[..], "x"),
        &["a gzip file in a gzip file", "with gunzip"],
    );
    // The first bytes of each entry of a zip archive, in which EMNIST comes.
    assert_says(
        parse_images(&b"PK\x03\x04\x14\x00"[..], "x"),
        &["found 0x504b0304 (a zip archive)", "unpack this one first"],
    );
}
