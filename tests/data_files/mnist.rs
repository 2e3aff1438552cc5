//! The folder of MNIST.

use super::*;

fn counts(labels: &[u8]) -> [usize; 10] {
    let mut counts = [0; 10];
    for label in labels {
        counts[usize::from(*label)] += 1;
    }
    counts
}

#[test]
fn the_real_files() {
    let Some(dir) = real_files() else { return };
    Mnist::verify(&dir).unwrap();
    let Mnist { train, test } = Mnist::from_dir(&dir).unwrap();
    assert_eq!((train.len(), test.len()), (60_000, 10_000));
    assert_eq!((train.images.len(), test.images.len()), (60_000, 10_000));
    assert_eq!((test.images.num_rows, test.images.num_columns), (28, 28));
    assert_eq!(
        counts(&train.labels),
        [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    );
    assert_eq!(
        counts(&test.labels),
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    );
    // The first training image is a five: ink in the middle, none in the corners.
    assert_eq!(train.labels[0], 5);
    assert_eq!(train.images.image(0)[0], 0);
    assert!(train.images.image(0)[14 * 28 + 14] > 100);
}

/// A folder with two blank training images and one blank test image.
fn small_set(forms: [&str; 4]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let contents = [
        images([2, 28, 28], &[0; 2 * 784]),
        labels(2, &[9, 0]),
        images([1, 28, 28], &[0; 784]),
        labels(1, &[7]),
    ];
    for (form, contents) in forms.iter().zip(contents) {
        let contents = if form.to_lowercase().ends_with(".gz") {
            gzip(&contents)
        } else {
            contents
        };
        fs::write(folder.path().join(form), contents).unwrap();
    }
    folder
}

#[test]
fn all_usual_names_are_found() {
    for forms in [
        NAMES,
        NAMES.map(|name| format!("{name}.gz").leak() as &str),
        NAMES.map(|name| name.replace("-idx", ".idx").leak() as &str),
        NAMES.map(|name| format!("{}.gz", name.replace("-idx", ".idx")).leak() as &str),
    ] {
        let folder = small_set(forms);
        let mnist = Mnist::from_dir(folder.path()).unwrap();
        assert_eq!(mnist.train.labels, [9, 0]);
        assert_eq!(mnist.test.labels, [7]);
        assert!(!mnist.test.is_empty());
    }
}

#[test]
fn names_in_capital_letters_are_found() {
    for forms in [
        NAMES.map(|name| format!("{name}.GZ").leak() as &str),
        NAMES.map(|name| format!("{name}.gz").to_uppercase().leak() as &str),
    ] {
        let folder = small_set(forms);
        let mnist = Mnist::from_dir(folder.path()).unwrap();
        assert_eq!(mnist.train.labels, [9, 0], "{forms:?}");
        assert_eq!(mnist.test.labels, [7], "{forms:?}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = small_set(NAMES);
    fs::remove_file(folder.path().join(NAMES[3])).unwrap();
    assert_says(
        Mnist::from_dir(folder.path().join("nowhere")),
        &["nowhere", NAMES[0]],
    );
    assert_says(
        Mnist::from_dir(folder.path()),
        &[
            "t10k-labels-idx1-ubyte.gz",
            "t10k-labels.idx1-ubyte",
            "Mnist::download",
        ],
    );
}

#[test]
fn files_that_do_not_fit() {
    for (index, contents, parts) in [
        (
            1,
            labels(3, &[1, 2, 3]),
            &["2 images and 3 labels", NAMES[0], NAMES[1]][..],
        ),
        (1, labels(2, &[0, 10]), &[NAMES[1], "found 10 at index 1"]),
        (
            2,
            images([1, 2, 3], &[0; 6]),
            &[NAMES[2], "expected images of 28x28, found 2x3"],
        ),
        (2, labels(1, &[7]), &[NAMES[2], "(a labels file)"]),
    ] {
        let folder = small_set(NAMES);
        fs::write(folder.path().join(NAMES[index]), contents).unwrap();
        assert_says(Mnist::from_dir(folder.path()), parts);
    }
}

#[test]
fn other_data_is_read_but_not_verified() {
    let folder = small_set(NAMES);
    assert_says(
        Mnist::verify(folder.path()),
        &[
            NAMES[0],
            "ba891046e6505d7a",
            "not the original MNIST",
            "move the file away",
        ],
    );
}

#[test]
fn verify_names_the_file_that_differs() {
    let Some(dir) = real_files() else { return };
    let folder = TempDir::new().unwrap();
    for name in NAMES {
        let name = format!("{name}.gz");
        fs::copy(dir.join(&name), folder.path().join(&name)).unwrap();
    }
    let differing = folder.path().join("t10k-labels-idx1-ubyte.gz");
    fs::remove_file(&differing).unwrap();
    fs::write(&differing, gzip(&labels(1, &[7]))).unwrap();
    assert_says(Mnist::verify(folder.path()), &["t10k-labels-idx1-ubyte.gz"]);
}
