//! What data are called.

use crate::{SMALL, changed_data, program::data, results, succeed, with};

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
