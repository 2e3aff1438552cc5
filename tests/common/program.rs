//! Examples as a user meets them, and data for them.

#![allow(dead_code, reason = "not every test needs all")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// An example, which `cargo test` builds beside the tests.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test is a file");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("tests lie in deps of a profile's folder");
    let program = profile.join(format!("examples/{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "build it first: cargo build --example {name}"
    );
    program
}

/// Runs an example in a folder.
pub fn run(name: &str, arguments: &[&str], folder: &Path) -> Output {
    Command::new(program(name))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("it starts")
}

/// An IDX file of 28×28 images, each with one random-looking bright quarter, or of labels.
pub fn idx(count: usize, images: bool) -> Vec<u8> {
    let mut bytes = if images {
        vec![0, 0, 8, 3]
    } else {
        vec![0, 0, 8, 1]
    };
    bytes.extend((count as u32).to_be_bytes());
    if !images {
        bytes.extend((0..count).map(|i| (i % 10) as u8));
        return bytes;
    }
    bytes.extend(28u32.to_be_bytes());
    bytes.extend(28u32.to_be_bytes());
    for image in 0..count {
        let quarter = image * 7 % 4;
        bytes.extend((0..784).map(|pixel| {
            let (row, column) = (pixel / 28, pixel % 28);
            if (row / 14) * 2 + column / 14 == quarter {
                230
            } else {
                10
            }
        }));
    }
    bytes
}

/// A folder with a data set of 500 and 20 images.
pub fn data(folder: &Path) -> String {
    let dir = folder.join("data");
    fs::create_dir(&dir).unwrap();
    for (name, count) in [("train", 500), ("t10k", 20)] {
        fs::write(
            dir.join(format!("{name}-images-idx3-ubyte")),
            idx(count, true),
        )
        .unwrap();
        fs::write(
            dir.join(format!("{name}-labels-idx1-ubyte")),
            idx(count, false),
        )
        .unwrap();
    }
    dir.to_str().unwrap().into()
}
