//! The main example as a user meets it: its options, its files, and what it says to bad input.

#[path = "common/program.rs"]
mod program;

use burn_bayes::prelude::*;
use program::{data, program};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn run(arguments: &[&str], folder: &Path) -> Output {
    program::run("mnist_table", arguments, folder)
}

const SMALL: [&str; 14] = [
    "--epochs",
    "1",
    "--k",
    "2",
    "--hidden",
    "6,5",
    "--latent",
    "2",
    "--batch-size",
    "50",
    "--eval-samples",
    "4",
    "--eval-images",
    "10",
];

#[test]
fn a_brief_run_writes_everything_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = SMALL.to_vec();
    arguments.extend([
        "--data-dir",
        &data,
        "--seeds",
        "3,4",
        "--weight-kl",
        "dataset",
    ]);
    arguments.extend(["--schedule", "burda", "--binarization", "fixed"]);
    for expected in ["runs/mnist_table", "runs/mnist_table-2"] {
        let output = run(&arguments, folder.path());
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains(expected) && text.contains("-94.346"),
            "{text}"
        );
    }
    let read = |dir: &str| -> serde_json::Value {
        let text = fs::read_to_string(folder.path().join(dir).join("results.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let [first, second] = ["runs/mnist_table", "runs/mnist_table-2"].map(read);
    let results = first["results"].as_array().unwrap();
    assert_eq!(results.len(), 6);
    for (result, repeated) in results.iter().zip(second["results"].as_array().unwrap()) {
        for name in [
            "method",
            "seed",
            "epochs",
            "test_log_likelihood",
            "standard_error",
            "eval_samples",
            "eval_images",
            "unreliable_images",
            "active_units",
            "train_minus_test",
            "effective_sample_size",
            "train_seconds",
            "eval_seconds",
        ] {
            assert!(!result[name].is_null(), "{name}");
            if !name.ends_with("seconds") {
                assert_eq!(result[name], repeated[name], "{name}");
            }
        }
        let dir = format!(
            "{}-seed{}",
            result["method"].as_str().unwrap(),
            result["seed"]
        );
        let dir = folder.path().join("runs/mnist_table").join(dir);
        let (config, model) =
            burn_bayes::model::Vae::load(dir.join("model"), &Default::default()).unwrap();
        assert_eq!((config.hidden, model.d_latent()), (vec![6, 5], 2));
        for picture in ["samples.png", "../curves.png"] {
            assert!(fs::read(dir.join(picture)).unwrap().starts_with(b"\x89PNG"));
        }
        let report = burn_bayes::evaluate::Report::load(dir.join("report.json")).unwrap();
        // Numbers read from JSON may differ from those written in their last bit.
        let printed = result["test_log_likelihood"].as_f64().unwrap();
        let mean = report.log_likelihood.mean();
        assert!(
            (mean - printed).abs() < 1e-12 * printed.abs(),
            "{mean}, {printed}"
        );
        assert!(
            fs::read_to_string(dir.join("curve.csv"))
                .unwrap()
                .lines()
                .count()
                == 2
        );
    }
    let table = fs::read_to_string(folder.path().join("runs/mnist_table/table.md")).unwrap();
    assert!(
        table.contains("| IWAEU_rec |") && table.contains("epochs: 1, not 121"),
        "{table}"
    );
}

/// A model that is evaluated again, elsewhere, gives the same numbers without training.
#[test]
fn an_earlier_run_can_be_evaluated_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwaeu"]);
    assert!(run(&arguments, folder.path()).status.success());
    let mut other = arguments.clone();
    arguments.extend(["--model", "runs/mnist_table", "--out", "again"]);
    let output = run(&arguments, folder.path());
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("loaded"), "{text}");
    assert!(!text.contains("training\n"), "{text}");
    let read = |dir: &str| -> serde_json::Value {
        let text = fs::read_to_string(folder.path().join(dir).join("results.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let [first, again] = ["runs/mnist_table", "again"].map(|dir| read(dir)["results"][0].clone());
    assert_eq!(first["test_log_likelihood"], again["test_log_likelihood"]);
    assert!(folder.path().join("again/curves.png").exists());

    let narrow = VaeConfig::new(9, 2);
    let model = narrow.init(&Device::default(), &mut Noise::seeded(0));
    let narrow_folder = folder.path().join("narrow/iwaeu-seed1/model");
    model.save(&narrow, narrow_folder).unwrap();
    other.extend(["--out", "third", "--overwrite", "--model"]);
    for (model, expected) in [("nowhere", "nowhere"), ("narrow", "9 features")] {
        other.push(model);
        let output = run(&other, folder.path());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && text.contains(expected) && !text.contains("panicked"),
            "{text}"
        );
        other.pop();
    }
}

/// The folder of an earlier run may take the results too, however it is written: the model keeps its curve, an evaluation of
/// the same settings goes on, and one of other settings replaces it.
#[test]
fn an_earlier_run_can_be_evaluated_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae", "--out", "./run"]);
    assert!(run(&arguments, folder.path()).status.success());
    let dir = folder.path().join("run/iwae-seed1");
    let curve = fs::read_to_string(dir.join("curve.csv")).unwrap();
    assert_eq!(curve.lines().count(), 2);

    // A row is marked so that a visit would show.
    let evaluation = dir.join("evaluation.json");
    let mut saved: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&evaluation).unwrap()).unwrap();
    saved["passes"]["test"]["estimate"]["values"][0] = (-1.25).into();
    fs::write(&evaluation, saved.to_string()).unwrap();
    arguments.extend(["--model", "run", "--overwrite"]);
    for (eval_samples, goes_on) in [("4", true), ("5", false)] {
        let place = arguments.iter().position(|name| *name == "--eval-samples");
        arguments[place.unwrap() + 1] = eval_samples;
        let output = run(&arguments, folder.path());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        let report = burn_bayes::evaluate::Report::load(dir.join("report.json")).unwrap();
        assert_eq!(report.log_likelihood.values[0] == -1.25, goes_on);
        assert_eq!(report.log_likelihood.num_samples.to_string(), eval_samples);
        assert_eq!(fs::read_to_string(dir.join("curve.csv")).unwrap(), curve);
    }
}

/// A table of several seeds that was stopped speaks of the runs that are there.
#[test]
fn a_stopped_table_counts_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae"]);
    assert!(run(&arguments, folder.path()).status.success());
    let place = arguments.iter().position(|name| *name == "iwae").unwrap();
    arguments[place] = "iwae,iwaeu";
    arguments.extend(["--seeds", "1,2", "--model", "runs/mnist_table"]);
    assert!(!run(&arguments, folder.path()).status.success());
    let table = fs::read_to_string(folder.path().join("runs/mnist_table-2/table.md")).unwrap();
    assert!(
        table.contains("Over 1 seed, IWAE: ") && !table.contains("NaN"),
        "{table}"
    );
}

/// (arguments, what the message must say).
#[test]
fn bad_input_is_named_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    let cases: [(&[&str], &[&str]); 18] = [
        (&["--k", "0"], &["--k", "at least 1"]),
        (&["--batch-size", "0"], &["--batch-size"]),
        (&["--epochs", "0"], &["--epochs"]),
        (&["--latent", "0"], &["--latent"]),
        (&["--hidden", "20,0"], &["--hidden"]),
        (&["--eval-samples", "0"], &["--eval-samples"]),
        (&["--eval-images", "0"], &["--eval-images"]),
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
        (&["--k", "-3"], &["--k"]),
        (&["--methods", "iwae,iwae"], &["--methods", "twice"]),
        (&["--methods", "vae"], &["--methods", "iwaeu_rec"]),
        (&["--device", "abacus"], &["`abacus`", "unknown", "flex"]),
        (
            &["--device", "metal"],
            &["`metal`", "not compiled in", "--features metal"],
        ),
        (&["--data-dir", empty], &["train-images-idx3-ubyte"]),
        (&["--colour"], &["--colour"]),
    ];
    let out = folder.path().join("out");
    for (bad, expected) in cases {
        let mut arguments = vec!["--out", out.to_str().unwrap()];
        if !bad.contains(&"--data-dir") {
            arguments.extend(["--data-dir", &data]);
        }
        arguments.extend(bad);
        let output = run(&arguments, folder.path());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{bad:?}");
        assert!(
            expected.iter().all(|word| text.contains(word)),
            "{bad:?}: {text}"
        );
        assert!(!text.contains("panicked"), "{bad:?}: {text}");
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

#[test]
fn results_are_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("results.json"), "mine").unwrap();
    let mut arguments = SMALL.to_vec();
    arguments.extend([
        "--data-dir",
        &data,
        "--methods",
        "iwae",
        "--out",
        out.to_str().unwrap(),
    ]);
    let output = run(&arguments, folder.path());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && text.contains("--overwrite"),
        "{text}"
    );
    assert_eq!(
        fs::read_to_string(out.join("results.json")).unwrap(),
        "mine"
    );
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);

    arguments.push("--overwrite");
    assert!(run(&arguments, folder.path()).status.success());
    assert!(
        fs::read_to_string(out.join("results.json"))
            .unwrap()
            .contains("test_log_likelihood")
    );
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
