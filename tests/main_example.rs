//! The main example as a user meets it: its options, its files, and what it says to bad input.

#[path = "common/program.rs"]
mod program;

use burn_bayes::prelude::*;
use flate2::read::GzDecoder;
use program::{data, program};
use std::{
    fs::{self, File},
    io::Read,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
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

/// The arguments with another value of an option.
fn with<'a>(arguments: &[&'a str], name: &'a str, value: &'a str) -> Vec<&'a str> {
    let mut arguments = arguments.to_vec();
    match arguments.iter().position(|argument| *argument == name) {
        Some(place) => arguments[place + 1] = value,
        None => arguments.extend([name, value]),
    }
    arguments
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn results(folder: &Path, out: &str) -> serde_json::Value {
    serde_json::from_str(&read(folder, &format!("{out}/results.json"))).unwrap()
}

/// Gives the first row of an evaluation a value that no evaluation finds: a new visit would replace it.
fn mark(evaluation: &Path) {
    let text = fs::read_to_string(evaluation).unwrap();
    let mut saved: serde_json::Value = serde_json::from_str(&text).unwrap();
    saved["passes"]["test"]["estimate"]["values"][0] = (-1.25).into();
    fs::write(evaluation, saved.to_string()).unwrap();
}

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
            text.contains(expected) && text.contains("| IWAEU_rec |"),
            "{text}"
        );
    }
    let [first, second] =
        ["runs/mnist_table", "runs/mnist_table-2"].map(|out| results(folder.path(), out));
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
    let table = read(folder.path(), "runs/mnist_table/table.md");
    assert!(table.contains("| IWAEU_rec |"), "{table}");
}

/// MNIST is told by what its files hold, compressed or not. The published numbers are nobody else's.
#[test]
fn published_numbers_stand_beside_mnist_alone() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mnist = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/mnist");
    fs::create_dir(here.join("digits")).unwrap();
    for name in [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ] {
        fs::copy(mnist.join(name), here.join("digits").join(name)).unwrap();
    }
    let compressed = File::open(mnist.join("t10k-images-idx3-ubyte.gz")).unwrap();
    let mut images = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut images).unwrap();

    // Models that were never trained are enough.
    for (name, uncertainty) in [
        ("iwae", Uncertainty::None),
        ("iwaeu", Uncertainty::EncoderAndDecoder),
    ] {
        let config = VaeConfig::new(784, 2)
            .with_hidden(vec![3])
            .with_uncertainty(uncertainty);
        let model = config.init(&Device::default(), &mut Noise::seeded(0));
        let dir = here.join(format!("untrained/{name}-seed1"));
        model.save(&config, dir.join("model")).unwrap();
        fs::write(dir.join("curve.csv"), "epoch\n").unwrap();
    }
    let arguments = [
        "--model",
        "untrained",
        "--methods",
        "iwae,iwaeu",
        "--data-dir",
        "digits",
        "--eval-samples",
        "2",
        "--eval-images",
        "4",
        "--eval-train",
        "0",
    ];
    for (out, is_mnist, data) in [
        ("original", true, "MNIST, by its checksums"),
        ("changed", false, "not MNIST: digits"),
    ] {
        // The first pixel of the first test image.
        images[16] ^= u8::from(!is_mnist);
        fs::write(here.join("digits/t10k-images-idx3-ubyte"), &images).unwrap();
        let output = run(&with(&arguments, "--out", out), here);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");

        assert_eq!(results(here, out)["data"], data);
        let table = read(here, &format!("{out}/table.md"));
        let printed = String::from_utf8_lossy(&output.stdout);
        for text in [table.as_str(), &*printed] {
            assert!(text.contains(data), "{text}");
            for published in [
                "minus IWAE, paired | published (talk) | published minus IWAE |\n",
                "| -95.182 ± 0.022 | – |\n",
                "| -94.346 ± 0.025 | +0.836 |\n",
                "the talk does not say",
                "seeds: [1], not [1, 2, 3]",
                "--preset paper",
            ] {
                assert_eq!(text.contains(published), is_mnist, "{published}: {text}");
            }
            let left_out = "the published numbers are of MNIST and are left out";
            assert_eq!(text.contains(left_out), !is_mnist, "{text}");
        }
    }
}

/// Runs the program and kills it once three epochs are in the curve: then the first checkpoint is whole.
fn kill_in_training(arguments: &[&str], folder: &Path, curve: &Path) {
    let mut child = Command::new(program("mnist_table"))
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let epochs = || fs::read_to_string(curve).map_or(0, |text| text.lines().count());
    while epochs() < 4 && child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(120) {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(epochs() >= 4, "no three epochs in two minutes");
}

/// A run that was killed in training ends with the table of one that was not; a finished one does nothing again.
#[test]
fn a_killed_run_goes_on_to_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = with(&SMALL, "--epochs", "40");
    arguments.extend(["--data-dir", &data, "--methods", "iwae,iwaeu"]);
    assert!(
        run(&with(&arguments, "--out", "whole"), here)
            .status
            .success()
    );

    arguments.extend(["--out", "parts", "--resume"]); // nothing is there yet
    let dir = here.join("parts/iwae-seed1");
    kill_in_training(&arguments, here, &dir.join("curve.csv"));
    assert!(!dir.join("report.json").exists(), "it was killed too late");
    let first_epoch = |curve: &str| curve.lines().nth(1).unwrap().to_string();
    let before = first_epoch(&read(&dir, "curve.csv"));
    let output = run(&arguments, here);
    let (text, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{errors}");
    assert!(text.contains("of 40 epochs are done"), "{text}");
    // Its time is in it, so another training of this epoch would show.
    assert_eq!(first_epoch(&read(&dir, "curve.csv")), before);
    assert_eq!(read(here, "parts/table.md"), read(here, "whole/table.md"));
    let curves = |out: &str| fs::read(here.join(out).join("curves.png")).unwrap();
    assert!(curves("parts") == curves("whole"));

    let before = results(here, "parts");
    mark(&dir.join("evaluation.json"));
    let output = run(&arguments, here);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("epoch "), "{errors}");
    let report = Report::load(dir.join("report.json")).unwrap();
    assert_eq!(report.log_likelihood.values[0], -1.25);
    let after = results(here, "parts");
    for name in ["train_seconds", "eval_seconds"] {
        let seconds = |results: &serde_json::Value| results["results"][0][name].as_f64().unwrap();
        // Numbers read from JSON may differ from those written in their last bit.
        let difference = seconds(&before) - seconds(&after);
        assert!(difference.abs() < 1e-9, "{name}: {difference}");
    }
}

/// Another number of epochs, if larger, is the only option that may change; what is refused changes nothing.
#[test]
fn a_run_goes_on_with_the_options_it_was_begun_with() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let other = here.join("other");
    fs::create_dir(&other).unwrap();
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        if path.ends_with("train-images-idx3-ubyte") {
            bytes[16] ^= 1; // the first pixel
        }
        fs::write(other.join(path.file_name().unwrap()), bytes).unwrap();
    }

    let mut arguments = with(&SMALL, "--epochs", "2");
    arguments.extend(["--data-dir", &data, "--methods", "iwaeu", "--out", "run"]);
    assert!(run(&arguments, here).status.success());
    let table = read(here, "run/table.md");
    arguments.push("--resume");
    for (name, value, expected) in [
        ("--k", "3", "samples"),
        ("--learning-rate", "0.01", "learning_rate"),
        ("--hidden", "6", "`hidden` [6,5], not [6]"),
        ("--initial-weight-std", "0.5", "`initial_weight_std`"),
        ("--data-dir", other.to_str().unwrap(), "training data"),
        ("--epochs", "1", "`epochs` is 1"),
        ("--eval-samples", "5", "evaluation.json"),
    ] {
        let output = run(&with(&arguments, name, value), here);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name}");
        assert!(text.contains(expected), "{name}: {text}");
        assert!(!text.contains("panicked"), "{name}: {text}");
        assert_eq!(read(here, "run/table.md"), table, "{name}");
    }
    let mut both = arguments.clone();
    both.push("--overwrite");
    let output = run(&both, here);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && text.contains("--overwrite"),
        "{text}"
    );

    let dir = here.join("run/iwaeu-seed1");
    mark(&dir.join("evaluation.json"));
    let output = run(&arguments, here);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(!text.contains("epoch "), "{text}");
    let report = Report::load(dir.join("report.json")).unwrap();
    assert_eq!(report.log_likelihood.values[0], -1.25);

    // One more epoch: what was found of the model before, marked, is not taken for the new one's.
    let longer = with(&arguments, "--epochs", "3");
    assert!(run(&longer, here).status.success());
    let at_once = with(&longer, "--out", "at_once");
    assert!(run(&at_once, here).status.success());
    assert_eq!(read(here, "run/table.md"), read(here, "at_once/table.md"));
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
    let [first, again] =
        ["runs/mnist_table", "again"].map(|out| results(folder.path(), out)["results"][0].clone());
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

    mark(&dir.join("evaluation.json"));
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

    // There is no run to go on with.
    arguments.push("--resume");
    let output = run(&arguments, folder.path());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && text.contains("results.json"),
        "{text}"
    );
    assert_eq!(
        fs::read_to_string(out.join("results.json")).unwrap(),
        "mine"
    );
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    arguments.pop();

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
