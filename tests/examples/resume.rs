//! Trainings that go on, and in which folder.

use crate::{fail, program::data, run, succeed};
use std::fs::{self, File};

/// A training that was resumed draws what one draws that was never stopped. A finished one is not
/// trained again.
#[test]
fn a_training_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let here = folder.path();
    for (name, picture, options) in [
        (
            "ring",
            "ring.png",
            &["--points", "300", "--pixels", "4", "--k", "3"][..],
        ),
        (
            "manifold",
            "manifold.png",
            &["--data-dir", &data, "--cells", "3"],
        ),
    ] {
        succeed(name, &[options, &["--epochs", "1"]].concat(), here);
        let whole = ["--epochs", "3", "--out", "whole", "--overwrite"];
        succeed(name, &[options, &whole].concat(), here);

        // Without --out it is the last folder of the row.
        let resumed = [options, &["--epochs", "3", "--resume"]].concat();
        let text = succeed(name, &resumed, here);
        assert!(text.contains("1 of 3 epochs are done"), "{name}: {text}");
        let drawn = |dir: &str| fs::read(here.join(dir).join(picture)).unwrap();
        let dir = format!("runs/{name}");
        assert!(drawn(&dir) == drawn("whole"), "{name}");
        assert!(!here.join(format!("{dir}-2")).exists(), "{name}");

        let output = run(name, &resumed, here);
        let lines = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {lines}");
        assert!(!lines.contains("epoch "), "{name}: {lines}");
        assert!(drawn(&dir) == drawn("whole"), "{name}");

        let other = [&resumed[..], &["--seed", "2"]].concat();
        let text = fail(name, &other, here);
        assert!(
            text.contains("`--seed` is 2") && text.contains("begun with 1"),
            "{text}"
        );
        let fewer = [options, &["--epochs", "2", "--resume"]].concat();
        let text = fail(name, &fewer, here);
        assert!(text.contains("`--epochs` is 2"), "{text}");
    }
}

/// The option that is another one is named, also where a checkpoint does not show it.
#[test]
fn a_training_goes_on_with_the_options_it_was_begun_with() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let here = folder.path();
    let images = ["--data-dir", &data, "--epochs", "1", "--resume"];
    let ring = ["--pixels", "4", "--epochs", "1", "--resume"];
    for (name, same, option, was, is) in [
        (
            "uncertain_weights",
            &images,
            "--initial-weight-std",
            "0.05",
            "0.1",
        ),
        ("latent_space", &images, "--latent", "4", "3"),
    ] {
        succeed(name, &[&same[..], &[option, was]].concat(), here);
        let text = fail(name, &[&same[..], &[option, is]].concat(), here);
        assert!(text.contains(&format!("`{option}` is {is}")), "{text}");
        assert!(text.contains(&format!("was begun with {was}")), "{text}");
    }
    // The data of a ring are made by the program.
    succeed("ring", &[&ring[..], &["--points", "300"]].concat(), here);
    let text = fail("ring", &[&ring[..], &["--points", "400"]].concat(), here);
    let expected = "`--points` is 400 rows of 2, but the run in";
    assert!(
        text.contains(expected) && text.contains("begun with 300 rows of 2"),
        "{text}"
    );
    let text = fail(
        "ring",
        &[&ring[..], &["--points", "300", "--k", "3"]].concat(),
        here,
    );
    assert!(text.contains("`--k` is 3"), "{text}");
}

/// A program that fails early makes no folder, and one that was made for nothing hides no run.
#[test]
fn the_last_folder_that_holds_a_run_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for name in ["manifold", "samples", "out_of_distribution"] {
        let text = fail(name, &["--data-dir", "nowhere"], here);
        assert!(
            text.contains("nowhere") && text.contains("--download"),
            "{text}"
        );
        assert!(!here.join("runs").exists(), "{name}");
    }

    let ring = ["--points", "300", "--pixels", "4", "--k", "3"];
    let resumed = [&ring[..], &["--epochs", "2", "--resume"]].concat();
    let text = succeed(
        "ring",
        &[&ring[..], &["--epochs", "1", "--resume"]].concat(),
        here,
    );
    assert!(
        text.contains("nothing to resume, starting anew in runs/ring\n"),
        "{text}"
    );
    fs::create_dir(here.join("runs/ring-2")).unwrap();
    fs::write(here.join("runs/ring-3"), "no folder").unwrap();
    let text = succeed("ring", &resumed, here);
    assert!(
        text.contains("runs/ring\n") && text.contains("1 of 2 epochs are done"),
        "{text}"
    );
    let text = succeed("ring", &[&ring[..], &["--epochs", "1"]].concat(), here);
    assert!(text.contains("results go to runs/ring-4\n"), "{text}");
}

/// What was stopped while it replaced another run is not taken for that.
#[test]
fn a_replaced_training_goes_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let ring = [
        "--points", "300", "--pixels", "4", "--k", "3", "--out", "run",
    ];
    succeed("ring", &[&ring[..], &["--epochs", "1"]].concat(), here);
    let second = here.join("run/iwae/training");
    assert!(second.join("training.json").exists());
    // The first training cannot begin, as if the program had been killed in it.
    let lock = File::create(here.join("run/vae/training/.lock")).unwrap();
    lock.try_lock().unwrap();
    let again = [&ring[..], &["--epochs", "1", "--overwrite"]].concat();
    let text = fail("ring", &again, here);
    assert!(text.contains("another training"), "{text}");
    for gone in ["training.json", "curve.csv", "checkpoint"] {
        assert!(!second.join(gone).exists(), "{gone}");
    }
    assert!(!here.join("run/iwae/weights.bpk").exists());
}
