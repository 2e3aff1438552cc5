//! The examples that draw pictures, briefly, as a user runs them.

#[path = "../common/files.rs"]
mod files;
#[path = "../common/program.rs"]
mod program;

mod commands;
mod faces;
mod names;
mod refusals;
mod resume;
mod study;

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
    // A person has options, no functions.
    let function = text.contains("Run::") || text.contains("Mnist::");
    assert!(!function, "{name}: {text}");
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
    let none: &[&str] = &[];
    for (name, model, pictures, training, more) in [
        // Its title names a model that is given.
        ("manifold", "vae", none, none, &["--cells", "3"][..]),
        (
            "latent_space",
            "vae",
            &["latents.png", "traversals.png", "activity.png"],
            &["--latent", "4"],
            &[],
        ),
        (
            "uncertain_weights",
            "iwaeu",
            &["draws.png", "variance.png", "signal_to_noise.png"],
            &["--initial-weight-std", "0.04"],
            &[],
        ),
        (
            "out_of_distribution",
            "iwaeu",
            &["sets.png", "scores.png"],
            &[],
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
        // One model instead of two: no pair to compare.
        (
            "hierarchy",
            "two_layers",
            none,
            &["--k", "2"],
            &["--eval-images", "4", "--eval-samples", "3"],
        ),
        (
            "gradient_noise",
            "iwae",
            &["encoder.png", "decoder.png"],
            none,
            &["--draws", "2", "--samples", "2", "--images", "4"],
        ),
        // One model instead of five.
        ("samples", "latents-2", &[], &[], &[]),
    ] {
        let shown = [&["--data-dir", &data][..], more].concat();
        let trained = [&shown[..], training, &["--epochs", "1"]].concat();
        let text = succeed(name, &trained, here);
        assert!(
            text.contains("training ") && text.contains("1 epochs of 500 rows"),
            "{name}: {text}"
        );
        let out = here.join("runs").join(name);
        let drawn: Vec<String> = fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".png"))
            .collect();
        let drawn: Vec<&str> = drawn.iter().map(String::as_str).collect();
        assert!(!drawn.is_empty(), "{name}");
        assert_pictures(&out, &drawn);
        for picture in &drawn {
            let path = Path::new("runs").join(name).join(picture);
            assert!(text.contains(&path.display().to_string()), "{text}");
        }

        let model = out.join(model);
        let given = ["--model", model.to_str().unwrap(), "--out", "again"];
        let text = succeed(name, &[&shown[..], &given, &["--overwrite"]].concat(), here);
        assert!(
            text.contains("loaded ") && !text.contains(" epochs of "),
            "{name}: {text}"
        );
        assert_pictures(&here.join("again"), &drawn);
        for picture in pictures {
            let [first, again] =
                [&out, &here.join("again")].map(|dir| fs::read(dir.join(picture)).unwrap());
            assert!(first == again, "{name}: {picture} differs");
        }
    }
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

/// Missing cells of a table are filled, and the errors told.
#[test]
fn a_table_is_filled() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--epochs", "2", "--rows", "200", "--k", "3"];
    let text = succeed("tabular", &arguments, folder.path());
    for part in [
        "errors of the missing cells of 50 fresh rows",
        "yes/no 2  share wrong",
        "model: log p(observed cells)",
        "effective sample size",
        "tabular.png",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("NaN"), "{text}");
    assert_pictures(&folder.path().join("runs/tabular"), &["tabular.png"]);
    let again = [&arguments[..], &["--resume"]].concat();
    let text = succeed("tabular", &again, folder.path());
    assert!(!text.contains("epoch  2/2"), "trained again:\n{text}");
}

/// burn's layers as networks, and what is told of a model that is no built-in one.
#[test]
fn convolutions_are_trained_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = vec!["--data-dir", &data, "--epochs", "1", "--k", "2"];
    arguments.extend(["--eval-images", "5", "--eval-samples", "10"]);
    let text = succeed("convolutions", &arguments, folder.path());
    for part in [
        "log p(x)",
        "encoder.head",
        "decoder.head",
        "convolutions.png",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_pictures(
        &folder.path().join("runs/convolutions"),
        &["convolutions.png"],
    );
    let text = succeed(
        "convolutions",
        &[&arguments[..], &["--resume"]].concat(),
        folder.path(),
    );
    assert!(!text.contains("epoch  1/1"), "trained again:\n{text}");
}

/// A pair is compared; a model of two layers draws from each.
#[test]
fn one_layer_is_compared_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let shown = ["--data-dir", &data, "--eval-images", "4"];
    let shown = [&shown[..], &["--eval-samples", "3"]].concat();
    let trained = [&shown[..], &["--epochs", "1", "--k", "2"]].concat();
    let text = succeed("hierarchy", &trained, here);
    for part in [
        "networks 784 – 200 – 200 – 100 and 100 – 100 – 100 – 50, fixed weights",
        "stochastic layer 2          ",
        "\ntwo layers minus one layer: ",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let runs = ["one_layer", "two_layers"].map(|name| format!("runs/hierarchy/{name}"));
    let given = ["--model", &runs[0], "--model", &runs[1], "--out", "again"];
    let again = succeed("hierarchy", &[&shown[..], &given].concat(), here);
    let difference = |text: &str| {
        let (_, rest) = text.split_once("two_layers minus hierarchy/one_layer: ")?;
        Some(rest.lines().next()?.to_owned())
    };
    let found = difference(&again).expect("a difference of the given models");
    assert!(
        text.contains(&format!("minus one layer: {found}")),
        "{text}\n{again}"
    );
    assert_pictures(&here.join("again"), &["hierarchy.png"]);
}

/// Each layer of each model is told, and trainings are replaced or resumed.
#[test]
fn ladders_are_trained_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = vec!["--data-dir", &data, "--epochs", "1", "--out", "run"];
    arguments.extend(["--eval-images", "4", "--eval-samples", "3"]);
    let text = succeed("ladder", &arguments, here);
    for name in ["upwards", "upwards, warm-up", "ladder", "ladder, warm-up"] {
        let told = text.contains(&format!("\n{name}: log p(x) "));
        assert!(told, "{name} is not in\n{text}");
    }
    assert_eq!(text.matches("layer 3: KL ").count(), 4, "{text}");
    assert!(
        text.contains("\nladder, warm-up minus upwards, warm-up: "),
        "{text}"
    );
    assert_pictures(&here.join("run"), &["ladder.png"]);

    let output = run("ladder", &[&arguments[..], &["--resume"]].concat(), here);
    let lines = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{lines}");
    assert!(!lines.contains("epoch "), "trained again:\n{lines}");
    let text = fail("ladder", &arguments, here);
    assert!(text.contains("--overwrite"), "{text}");
    succeed("ladder", &[&arguments[..], &["--overwrite"]].concat(), here);
}
