//! IDX files, sound and malformed.

use super::*;

#[test]
fn plain_and_compressed_files_give_the_same() {
    let folder = TempDir::new().unwrap();
    let two_members = [gzip(&sound()[..9]), gzip(&sound()[9..])].concat();
    for (name, bytes) in [
        ("plain", sound()),
        ("compressed", gzip(&sound())),
        ("two members", two_members),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let images = read_images(&path).unwrap();
        assert_eq!((images.num_rows, images.num_columns), (2, 3), "{name}");
        assert_eq!((images.len(), images.num_pixels()), (2, 6), "{name}");
        assert_eq!(images.image(0), &[1, 2, 3, 4, 5, 6], "{name}");
        assert_eq!(images.image(1), &[7, 8, 9, 10, 11, 12], "{name}");
        assert_eq!(images.pixels().len(), 12, "{name}");
        assert!(!images.is_empty(), "{name}");
    }
    let path = folder.path().join("labels");
    fs::write(&path, gzip(&labels(3, &[9, 0, 4]))).unwrap();
    assert_eq!(read_labels(&path).unwrap(), [9, 0, 4]);
}

#[test]
#[should_panic(expected = "image 2 does not exist: there are 2")]
fn an_image_beyond_the_last_panics() {
    parse_images(&sound()[..], "x").unwrap().image(2);
}

#[test]
fn debug_output_is_short() {
    let images = Images::new(100, 100, vec![0; 100_000], "x").unwrap();
    let labelled = Labelled::new(images, vec![0; 10], "x").unwrap();
    assert!(format!("{labelled:?}").len() < 200);
}

#[test]
fn a_missing_file_and_a_folder_are_input_errors() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("nothing.gz");
    let result = read_images(&missing);
    assert!(matches!(&result, Err(Error::Io { path, source, .. })
        if *path == missing && source.kind() == std::io::ErrorKind::NotFound));
    assert_says(result, &["cannot read", "nothing.gz"]);
    assert!(matches!(read_labels(folder.path()), Err(Error::Io { .. })));
}

#[test]
fn the_file_is_named() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("short.gz");
    fs::write(&path, &sound()[..20]).unwrap();
    assert_says(read_images(&path), &[&path.display().to_string()]);
}

#[test]
fn short_files() {
    let cure = "copy or download it again";
    let cases: [(&[u8], &str); 4] = [
        (&[], "header of 16 bytes, found 0 bytes"),
        (&[0], "header of 16 bytes, found 1 byte in all"),
        (&sound()[..15], "header of 16 bytes, found 15 bytes"),
        (
            &sound()[..27],
            "2 images of 2x3 (12 bytes), but the file holds 11 bytes",
        ),
    ];
    for (bytes, problem) in cases {
        assert_says(parse_images(bytes, "x"), &["x: ", problem, cure]);
    }
    let short = labels(3, &[1, 2]);
    assert_says(
        parse_labels(&short[..], "x"),
        &["3 labels (3 bytes), but the file holds 2 bytes", cure],
    );
}

#[test]
fn long_files() {
    for bytes in [
        [sound(), vec![0]].concat(),
        gzip(&[sound(), vec![0]].concat()),
        [gzip(&sound()), gzip(&[0])].concat(),
    ] {
        assert_says(parse_images(&bytes[..], "x"), &["more bytes come after"]);
    }
    let long = labels(1, &[1, 2]);
    assert_says(parse_labels(&long[..], "x"), &["more bytes come after"]);
}

#[test]
fn wrong_magic_numbers() {
    let given_labels = labels(3, &[1, 2, 3]);
    assert_says(
        parse_images(&given_labels[..], "x"),
        &[
            "expected the magic number 0x00000803 (an images file)",
            "found 0x00000801 (a labels file)",
            "train-images-idx3-ubyte.gz",
        ],
    );
    assert_says(
        parse_labels(&sound()[..], "x"),
        &["found 0x00000803 (an images file)", "train-labels-idx1"],
    );
    let floats = idx([0, 0, 13, 3], &[1, 1, 1], &[0; 4]);
    assert_says(
        parse_images(&floats[..], "x"),
        &["IDX file of another kind"],
    );
    assert_says(
        parse_images(&b"<!DOCTYPE html>"[..], "x"),
        &["(no IDX file)"],
    );
}

#[test]
fn zero_dimensions() {
    for dimensions in [[0, 28, 28], [1, 0, 28], [1, 28, 0], [u32::MAX, u32::MAX, 0]] {
        let bytes = images(dimensions, &[]);
        assert_says(parse_images(&bytes[..], "x"), &["no dimension to be zero"]);
    }
    assert_says(parse_labels(&labels(0, &[])[..], "x"), &["0 labels"]);
}

#[test]
fn headers_that_promise_too_much_take_no_memory() {
    for dimensions in [
        [u32::MAX; 3],
        [1_000_000_000, 1_000, 1],
        [(1 << 31) + 1, 2, 2],
    ] {
        let bytes = images(dimensions, &[0; 100]);
        let limit = "expected at most 8589934592 bytes";
        assert_says(parse_images(&bytes[..], "x"), &[limit]);
    }
    // Within the limit, but not there: 8 GiB must not be filled to find that out.
    let bytes = images([1 << 31, 2, 2], &[0; 100]);
    assert_says(parse_images(&bytes[..], "x"), &["holds 100 bytes"]);
    let bytes = labels(u32::MAX, &[0; 100]);
    assert_says(parse_labels(&bytes[..], "x"), &["holds 100 bytes"]);
    assert!(peak_memory().is_none_or(|most| most < 1 << 30));
}

#[test]
fn corrupt_gzip() {
    let whole = gzip(&sound());
    let mut wrong_checksum = whole.clone();
    let checksum = whole.len() - 8;
    wrong_checksum[checksum] ^= 1;
    let garbage_after = [whole.clone(), b"garbage".to_vec()].concat();
    let cut = whole[..whole.len() - 5].to_vec();
    for bytes in [wrong_checksum, garbage_after, cut, vec![0x1f, 0x8b]] {
        let parts = ["expected sound gzip data", "move it away"];
        assert_says(parse_images(&bytes[..], "x"), &parts);
    }
}

#[test]
fn pixels_that_are_no_whole_images() {
    assert_says(Images::new(2, 2, vec![0; 5], "x"), &["2x2", "5 pixels"]);
    assert!(Images::new(0, 2, vec![], "x").is_err());
    assert!(Images::new(usize::MAX, 2, vec![], "x").is_err());
    assert!(Images::new(2, 2, vec![], "x").unwrap().is_empty());
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Sizes that agree: with each other, and with the plain file they come from.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let plain = !bytes.starts_with(&[0x1f, 0x8b]);
    if let Ok(array) = parse_idx(bytes, "x") {
        let count = array.len() * array.num_features();
        prop_assert_eq!(array.values().count(), count);
        if plain {
            let header = 4 + 4 * usize::from(bytes[3]);
            let size = array.element_type().size() * count;
            prop_assert_eq!(bytes.len(), header + size);
        }
    }
    if let Ok(images) = parse_images(bytes, "x") {
        let size = images.len() * images.num_rows * images.num_columns;
        prop_assert_eq!(images.pixels().len(), size);
        if plain {
            let header = 4 + 4 * usize::from(bytes[3]);
            prop_assert_eq!(images.pixels(), &bytes[header..]);
        }
    }
    if let Ok(labels) = parse_labels(bytes, "x")
        && bytes.starts_with(&[0, 0, 8, 1])
    {
        prop_assert_eq!(&labels, &bytes[8..]);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn arbitrary_bytes(bytes: Vec<u8>) {
        check(&bytes)?;
        check(&[&[0x1f, 0x8b, 8], &bytes[..]].concat())?;
    }

    #[test]
    fn arbitrary_headers(
        dimensions: [u32; 3],
        small in any::<[u8; 3]>(),
        elements: Vec<u8>,
    ) {
        check(&images(dimensions, &elements))?;
        check(&images(small.map(|dimension| u32::from(dimension % 5)), &elements))?;
        check(&labels(dimensions[0], &elements))?;
        for (code, rank) in [(9, 1), (11, 2), (12, 3), (13, 2), (14, 4)] {
            let small = small.map(|dimension| u32::from(dimension % 3));
            let shape = [small[0], small[1], small[2], 1];
            check(&idx([0, 0, code, rank], &shape[..usize::from(rank)], &elements))?;
        }
        let exact = labels(elements.len() as u32, &elements);
        prop_assert_eq!(parse_labels(&exact[..], "x").is_ok(), !elements.is_empty());
    }

    #[test]
    fn sound_files_give_back_their_pixels(
        rows in 1u32..5,
        columns in 1u32..5,
        count in 1u32..5,
        ink: u8,
    ) {
        let pixels: Vec<u8> =
            (0..rows * columns * count).map(|k| (k as u8).wrapping_mul(ink)).collect();
        let bytes = images([count, rows, columns], &pixels);
        let plain = parse_images(&bytes[..], "x").unwrap();
        prop_assert_eq!(plain.pixels(), &pixels);
        prop_assert_eq!(parse_images(&gzip(&bytes)[..], "x").unwrap(), plain);
    }

    #[test]
    fn mutated_files(
        compressed: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        added in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let original = if compressed { gzip(&sound()) } else { sound() };
        let mut bytes = original;
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(added);
        check(&bytes)?;
        // The checksum leaves only changes outside the contents, such as the time stamp.
        if bytes.starts_with(&[0x1f, 0x8b]) && let Ok(images) = parse_images(&bytes[..], "x") {
            prop_assert_eq!(images, parse_images(&sound()[..], "x").unwrap());
        }
    }
}
