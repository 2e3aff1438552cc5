//! What data are called.

use crate::{SMALL, changed_data, program::data, results, succeed, with};
use std::{fs, path::Path};

/// Other data than MNIST have the name of their folder, however that is written, and none takes the
/// name of MNIST.
#[test]
fn other_data_are_not_called_mnist() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    let data = data(&here);
    for name in ["letters", "other/MNIST"] {
        changed_data(&data, &here.join(name), "train-images-idx3-ubyte");
    }
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--methods", "iwae", "--out", "run", "--overwrite"]);
    for (from, data_dir, expected) in [
        ("letters", ".", "IWAE on letters: "),
        ("", "letters/../letters", "IWAE on letters: "),
        ("", "other/MNIST", "IWAE on other/MNIST (not MNIST): "),
    ] {
        let from = here.join(from);
        let [text, _] = succeed(&with(&arguments, "--data-dir", data_dir), &from);
        assert!(text.contains(expected), "{data_dir}: {text}");
        let whole = from.join(data_dir).canonicalize().unwrap();
        let expected = format!("not MNIST: {}", whole.display());
        assert_eq!(results(&from, "run")["data"], expected);
    }
}

/// A folder with `chardata.mat` is OMNIGLOT, whose published numbers are not those of MNIST.
#[test]
fn omniglot_is_read_from_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    // Compressed, which is seen from its contents.
    let file = "tests/data_files/matlab/omniglot.mat.gz";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::copy(file, here.join("chardata.mat")).unwrap();
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--methods", "iwae", "--out", "run"]);
    let [text, _] = succeed(&with(&arguments, "--data-dir", "."), &here);
    assert!(
        text.contains("IWAE on OMNIGLOT: 23000 training images"),
        "{text}"
    );
    assert!(text.contains("OMNIGLOT, chardata.mat of Burda et al. (2016); the published"));
}
