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

/// A study goes on where it was, and its tables are made from its results alone.
#[test]
fn a_study_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let train = ["train", "uncertain", "--only", "iwaeu-centred0.05-1000"];
    let train = [&train[..], &["--quick", "--data-dir", &data]].concat();
    let text = fail("study", &train, folder.path());
    assert!(text.contains("`iwae-1000` has left no model"), "{text}");
    assert!(
        text.contains("without a result: iwaeu-centred0.05-1000-seed1"),
        "{text}"
    );
    let real = ["train", "burda", "--data-dir", &data];
    let text = fail("study", &real, folder.path());
    assert!(text.contains("holds data"), "{text}");
    let misspelt = ["list", "uncertain", "--only", "iwae_1000"];
    let text = fail("study", &misspelt, folder.path());
    assert!(text.contains("`iwae_1000`, which is no run"), "{text}");
    let first = [
        "train",
        "uncertain",
        "--only",
        "iwae-1000,iwaeu-1000,iwae-more-1000",
        "--seeds",
        "1,2",
    ];
    let first = [&first[..], &["--quick", "--data-dir", &data]].concat();
    let text = succeed("study", &first, folder.path());
    assert!(text.contains("all 6 runs are done"), "{text}");
    let text = succeed("study", &first, folder.path());
    assert!(!text.contains("nats"), "made again:\n{text}");

    let deep = ["train", "deep", "--only", "upwards-2,ladder-2-warm_up"];
    let deep = [&deep[..], &["--quick", "--data-dir", &data]].concat();
    let text = succeed("study", &deep, folder.path());
    assert!(text.contains("ladder of 64,32 latents"), "{text}");

    // Units are left out of a model that a run has left, and of no other.
    let two_layers = ["--only", "vae-2-k5", "--quick", "--data-dir", &data];
    let units = [&["units", "burda"][..], &two_layers].concat();
    let text = fail("study", &units, folder.path());
    assert!(text.contains("`vae-2-k5` has left no model"), "{text}");
    let train = [&["train", "burda"][..], &two_layers].concat();
    succeed("study", &train, folder.path());
    succeed("study", &units, folder.path());

    let scale = ["train", "scale", "--only", "iwae,iwaeu-decoder"];
    succeed(
        "study",
        &[&scale[..], &["--quick", "--data-dir", &data]].concat(),
        folder.path(),
    );
    let check = ["train", "check", "--quick", "--data-dir", &data];
    succeed("study", &check, folder.path());
    let other = folder
        .path()
        .join("runs/study/quick/results/check/pytorch.json");
    let run = r#"{ "evidence_lower_bound": -1.5, "active_units": 3,
        "curve_of_bound_and_kl": [[-2, 1]] }"#;
    let other_program = format!(r#"{{ "program": "another", "runs": [{run}, {run}] }}"#);
    fs::write(&other, &other_program).unwrap();

    let page = folder.path().join("page.md");
    let place = |name: &str| format!("<!-- study: {name} -->\n<!-- end -->\n");
    let names = [
        "times",
        "burda",
        "burda-replications",
        "burda-earlier",
        "burda-samples",
        "burda-units",
        "burda-stages",
        "burda-uncertain",
        "omniglot",
        "second-layer",
        "talk",
        "talk-reports",
        "talk-omniglot",
        "size",
        "samples",
        "variations",
        "steps",
        "scale",
        "check",
    ];
    let places: String = names.iter().map(|name| place(name)).collect();
    fs::write(&page, format!("before\n{places}after\n")).unwrap();
    let results = [
        "--results",
        "runs/study/quick/results",
        "tables",
        "--quick",
        "--page",
        "page.md",
    ];
    let tables = [&results[..], &["--figures", "."]].concat();
    let text = fail(
        "study",
        &[&tables[..], &["--check"]].concat(),
        folder.path(),
    );
    assert!(text.contains("has no place for the table deep"), "{text}");
    let whole = format!("before\n{places}{}after\n", place("deep"));
    fs::write(&page, whole).unwrap();
    let text = fail(
        "study",
        &[&tables[..], &["--check"]].concat(),
        folder.path(),
    );
    assert!(text.contains("has other tables"), "{text}");
    succeed("study", &tables, folder.path());
    succeed(
        "study",
        &[&tables[..], &["--check"]].concat(),
        folder.path(),
    );
    let text = fs::read_to_string(&page).unwrap();
    assert_eq!(text.matches("No run is done yet.").count(), 8, "{text}");
    for done in ["| uncertain | 3 of 45 | 3 |", "| deep | 2 of 18 | 0 |"] {
        assert!(text.contains(done), "{done}:\n{text}");
    }

    for row in [
        "| another | 2 | -2.00 ± 0.00 | -1.50 ± 0.00 | 3, 3 |",
        "| this crate | 1 |",
        "| IWAEU | 0.011 | decoder |",
        "| `vae-2-k5` | 100+",
    ] {
        assert!(text.contains(row), "{row}:\n{text}");
    }
    fs::write(&other, "{}").unwrap();
    let broken = fail("study", &tables, folder.path());
    assert!(
        broken.contains("pytorch.json") && broken.contains("make it again"),
        "{broken}"
    );
    fs::write(&other, &other_program).unwrap();

    // The plan was changed before the second seed.
    let second = "runs/study/quick/results/uncertain/iwaeu-1000-seed2.json";
    let second = folder.path().join(second);
    let whole = fs::read_to_string(&second).unwrap();
    fs::write(&second, whole.replace("\"epochs\":1,", "\"epochs\":2,")).unwrap();
    let mixed = fail("study", &tables, folder.path());
    for words in ["iwaeu-1000-seed2.json", "a run with other settings"] {
        assert!(mixed.contains(words), "{mixed}");
    }
    fs::write(&second, &whole).unwrap();
    assert_eq!(fs::read_to_string(&page).unwrap(), text);

    // What was begun with other settings does not go on.
    let begun = "runs/study/quick/uncertain/iwaeu-1000-seed2/run.json";
    let begun = folder.path().join(begun);
    let right = fs::read_to_string(&begun).unwrap();
    assert!(right.contains("\"epochs\":1,"), "{right}");
    fs::write(&begun, right.replace("\"epochs\":1,", "\"epochs\":2,")).unwrap();
    fs::remove_file(&second).unwrap();
    let refusal = fail("study", &first, folder.path());
    for words in [
        "`iwaeu-1000` was begun in",
        "without a result: iwaeu-1000-seed2",
    ] {
        assert!(refusal.contains(words), "{refusal}");
    }
    fs::write(&begun, &right).unwrap();
    succeed("study", &first, folder.path());

    // No model is replaced, and some runs leave none.
    let publish = ["publish", "talk", "--only", "iwae", "--to", "models"];
    let refusal = fail("study", &publish, folder.path());
    assert!(refusal.contains("has left no model"), "{refusal}");
    fs::create_dir_all(folder.path().join("models/iwae")).unwrap();
    let refusal = fail("study", &publish, folder.path());
    assert!(refusal.contains("would replace"), "{refusal}");
    let publish = ["publish", "deep", "--only", "ladder-2", "--to", "models"];
    let refusal = fail("study", &publish, folder.path());
    assert!(refusal.contains("leaves no model"), "{refusal}");
    let row = text
        .lines()
        .find(|line| line.starts_with("| 1000 |"))
        .unwrap();
    let cells: Vec<&str> = row.split(" | ").collect();
    assert_eq!(cells[1], "2");
    // Evaluated once more by the same noise, a model has the same numbers.
    let by_samples = |name: &str| {
        let path = format!("runs/study/quick/results/uncertain/{name}-seed1.json");
        let text = fs::read_to_string(folder.path().join(path)).unwrap();
        let found: serde_json::Value = serde_json::from_str(&text).unwrap();
        found["summary"]["by_samples"].clone()
    };
    assert_eq!(by_samples("iwae-more-1000")[0], by_samples("iwae-1000")[0]);
    assert!(cells[3] == "–" && cells[4].contains('±'), "{row}");
    assert!(
        text.starts_with("before\n") && text.ends_with("\nafter\n"),
        "{text}"
    );
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
