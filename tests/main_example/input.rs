//! Bad input, and disks that are full.

use crate::{
    SMALL, fail,
    program::{data, program},
    run,
};
use std::{fs, path::Path, process::Command};

/// (arguments, what the message must say).
#[test]
fn bad_input_is_named_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    let cases: [(&[&str], &[&str]); 21] = [
        (&["--k", "0"], &["--k", "at least 1"]),
        (&["--batch-size", "0"], &["--batch-size"]),
        (&["--epochs", "0"], &["--epochs"]),
        (&["--latent", "0"], &["--latent"]),
        (&["--hidden", "20,0"], &["--hidden"]),
        (&["--eval-samples", "0"], &["--eval-samples"]),
        (&["--eval-images", "0"], &["--eval-images"]),
        (&["--eval-further", "0"], &["--eval-further"]),
        (&["--learning-rate", "-1"], &["--learning-rate", "positive"]),
        (
            &["--learning-rate", "NaN"],
            &["--learning-rate", "positive"],
        ),
        (
            &["--initial-weight-std", "inf"],
            &["--initial-weight-std", "positive"],
        ),
        (
            &["--initial-weight-std", "0"],
            &["--initial-weight-std", "positive"],
        ),
        (&["--prune", "1.5"], &["--prune", "between 0 and 1"]),
        (&["--k", "-3"], &["--k"]),
        (&["--methods", "iwae,iwae"], &["--methods", "twice"]),
        (&["--seeds", "1,1"], &["--seeds", "twice"]),
        (&["--methods", "vae"], &["--methods", "iwaeu_rec"]),
        (&["--device", "abacus"], &["`abacus`", "unknown", "flex"]),
        (
            &["--device", "metal"],
            &["`metal`", "not compiled in", "--features metal"],
        ),
        (
            &["--data-dir", empty],
            &["train-images-idx3-ubyte", "--download"],
        ),
        (&["--colour"], &["--colour"]),
    ];
    let out = folder.path().join("out");
    for (bad, expected) in cases {
        let mut arguments = vec!["--out", out.to_str().unwrap()];
        if !bad.contains(&"--data-dir") {
            arguments.extend(["--data-dir", &data]);
        }
        arguments.extend(bad);
        let text = fail(&arguments, folder.path());
        assert!(
            expected.iter().all(|word| text.contains(word)),
            "{bad:?}: {text}"
        );
        assert!(!out.exists(), "{bad:?}");
    }
}

#[test]
fn a_broken_data_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let images = Path::new(&data).join("t10k-images-idx3-ubyte");
    let whole = fs::read(&images).unwrap();
    fs::write(&images, &whole[..whole.len() - 100]).unwrap();
    let output = run(&["--data-dir", &data], folder.path());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && text.contains("t10k-images-idx3-ubyte"),
        "{text}"
    );
    assert!(!folder.path().join("runs").exists());
}

/// No file may grow beyond half a kibibyte, as on a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let out = folder.path().join("out");
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\""])
        .arg(program("mnist_table"))
        .args(SMALL)
        .args([
            "--data-dir",
            &data,
            "--methods",
            "iwae",
            "--out",
            out.to_str().unwrap(),
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{text}");
    assert!(
        text.contains("error: ") && !text.contains("panicked"),
        "{text}"
    );
    let mut folders = vec![out];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(
                !name.contains(".part") && !name.ends_with(".tmp"),
                "{}",
                path.display()
            );
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}
