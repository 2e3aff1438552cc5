//! The examples that draw pictures, briefly, as a user runs them.

#[path = "common/program.rs"]
mod program;

use burn_bayes::prelude::*;
use program::{data, run};
use std::{fs, path::Path};

/// Runs an example that must succeed; gives what it printed.
fn succeed(name: &str, arguments: &[&str], folder: &Path) -> String {
    let output = run(name, arguments, folder);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {errors}\n{text}");
    text
}

/// Runs an example that must fail without a panic; gives its message.
fn fail(name: &str, arguments: &[&str], folder: &Path) -> String {
    let output = run(name, arguments, folder);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{name} succeeded");
    assert!(
        text.contains("error: ") && !text.contains("panicked"),
        "{name}: {text}"
    );
    text
}

fn assert_pictures(folder: &Path, names: &[&str]) {
    for name in names {
        let bytes = fs::read(folder.join(name)).unwrap_or_default();
        assert!(bytes.starts_with(b"\x89PNG"), "{name} is no picture");
    }
}

/// Each trains, draws, lists its files, and draws the same again from the model that it saved.
#[test]
fn pictures_come_from_a_training_or_a_saved_model() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let here = folder.path();
    for (name, model, pictures, more) in [
        (
            "manifold",
            "vae",
            &["manifold.png"][..],
            &["--cells", "3"][..],
        ),
        (
            "latent_space",
            "vae",
            &["latents.png", "traversals.png", "activity.png"],
            &["--latent", "4"],
        ),
        (
            "uncertain_weights",
            "iwaeu",
            &["draws.png", "variance.png", "signal_to_noise.png"],
            &[],
        ),
        (
            "out_of_distribution",
            "iwaeu",
            &["sets.png", "scores.png"],
            &[
                "--images",
                "4",
                "--draws",
                "2",
                "--samples",
                "2",
                "--others",
                &data,
            ],
        ),
        (
            "samples",
            "latents-2",
            &["samples.png", "reconstructions.png"],
            &[],
        ),
    ] {
        let mut arguments = vec!["--data-dir", &data, "--epochs", "1"];
        arguments.extend(more);
        let text = succeed(name, &arguments, here);
        let out = here.join("runs").join(name);
        assert_pictures(&out, pictures);
        assert!(
            text.contains("training ") && text.contains("1 epochs"),
            "{name}: {text}"
        );
        assert!(text.contains(&format!(
            "{}",
            Path::new("runs").join(name).join(pictures[0]).display()
        )));

        let model = out.join(model);
        arguments.extend([
            "--model",
            model.to_str().unwrap(),
            "--out",
            "again",
            "--overwrite",
        ]);
        let text = succeed(name, &arguments, here);
        assert!(
            text.contains("loaded ") && !text.contains("training "),
            "{name}: {text}"
        );
        if name != "samples" {
            // One model instead of five.
            for picture in pictures {
                let [first, again] =
                    [&out, &here.join("again")].map(|dir| fs::read(dir.join(picture)).unwrap());
                assert!(first == again, "{name}: {picture} differs");
            }
        }
    }
}

/// A training that was resumed draws what one draws that was never stopped. A finished one is not trained again.
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
        assert!(text.contains("seed"), "{text}");
        let fewer = [options, &["--epochs", "2", "--resume"]].concat();
        let text = fail(name, &fewer, here);
        assert!(text.contains("`epochs` is 2"), "{text}");
    }

    // How weights were drawn at first is not seen in a checkpoint.
    let arguments = |initial_weight_std| {
        let same = ["--data-dir", &data, "--epochs", "1", "--resume"];
        [&same[..], &["--initial-weight-std", initial_weight_std]].concat()
    };
    succeed("uncertain_weights", &arguments("0.05"), here);
    let text = fail("uncertain_weights", &arguments("0.1"), here);
    assert!(
        text.contains("`initial_weight_std` 0.05, not 0.1"),
        "{text}"
    );
}

#[test]
fn the_ring_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--epochs", "1", "--points", "300", "--pixels", "4", "--k", "3",
    ];
    let text = succeed("ring", &arguments, folder.path());
    assert!(
        text.contains("VAE: KL(p || model)") && text.contains("IWAE: KL(p || model)"),
        "{text}"
    );
    // E log p over the 30 points of seed 1: log(10 r) − r²/2 − log(2π(1 + r/10)), r = ‖z‖, z being
    // row(fork(seeded(1), 201), 0, 0, i, 2, normal=True) of docs/noise.py. It is printed to 0.0005.
    let exact = text
        .split("E log p(x) = ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    assert!(
        (exact.parse::<f64>().unwrap() + 0.48309).abs() < 6e-4,
        "{exact}"
    );
    assert_pictures(&folder.path().join("runs/ring"), &["ring.png"]);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let here = folder.path();
    let text = fail("manifold", &["--data-dir", "nowhere"], here);
    assert!(text.contains("nowhere"), "{text}");
    let text = fail(
        "manifold",
        &["--data-dir", &data, "--model", "nowhere"],
        here,
    );
    assert!(text.contains("nowhere"), "{text}");
    let text = fail(
        "manifold",
        &["--data-dir", &data, "--model", "a", "--model", "b"],
        here,
    );
    assert!(text.contains("--model"), "{text}");
    let text = fail("out_of_distribution", &["--images", "1"], here);
    assert!(text.contains("--images"), "{text}");
    let empty = here.join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    let text = fail(
        "out_of_distribution",
        &["--data-dir", &data, "--others", empty],
        here,
    );
    assert!(text.contains("holds no IDX file"), "{text}");

    // A model with three latents has no plane; one with fixed weights no uncertain ones.
    let small = [
        "--data-dir",
        &data,
        "--epochs",
        "1",
        "--latent",
        "3",
        "--out",
        "three",
    ];
    succeed("latent_space", &small, here);
    let text = fail(
        "manifold",
        &["--data-dir", &data, "--model", "three/vae"],
        here,
    );
    assert!(text.contains("3 latent variables"), "{text}");
    let text = fail(
        "uncertain_weights",
        &["--data-dir", &data, "--model", "three/vae"],
        here,
    );
    assert!(text.contains("fixed weights"), "{text}");
    let text = fail(
        "out_of_distribution",
        &["--data-dir", &data, "--model", "three/vae"],
        here,
    );
    assert!(text.contains("fixed weights"), "{text}");

    // The ring's plane of latents and Gaussian decoder.
    let real = Family::Normal(Scale::default());
    for (config, expected) in [
        (VaeConfig::new(2, 3).with_likelihood(real), "3 latent"),
        (VaeConfig::new(2, 2), "Binary"),
    ] {
        let model = config.init(&Device::default(), &mut Noise::seeded(0));
        model.save(&config, here.join("other")).unwrap();
        let arguments = ["--model", "other", "--points", "300", "--pixels", "4"];
        let text = fail("ring", &arguments, here);
        assert!(text.contains(expected), "{text}");
    }
}
