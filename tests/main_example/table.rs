//! What comes out: results, table, curves, reports, models.

use crate::{EVALUATION, SMALL, fail, program::data, read, results, succeed, with};
use burn_bayes::prelude::*;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

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
        let [text, _] = succeed(&arguments, folder.path());
        assert!(
            text.contains(expected) && text.contains("| IWAEU_rec |"),
            "{text}"
        );
        // As a person writes them.
        let expected = "k = 2, networks 784 – 6 – 5 – 2, seeds 3,4, device ";
        assert!(text.contains(expected), "{text}");
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
        let (config, model) = Vae::load(dir.join("model"), &Device::default()).unwrap();
        assert_eq!((config.hidden, model.d_latent()), (vec![6, 5], 2));
        for picture in ["samples.png", "../curves.png"] {
            assert!(fs::read(dir.join(picture)).unwrap().starts_with(b"\x89PNG"));
        }
        let report = Report::load(dir.join("report.json")).unwrap();
        // Numbers read from JSON may differ from those written in their last bit.
        let printed = result["test_log_likelihood"].as_f64().unwrap();
        let mean = report.log_likelihood.mean();
        assert!(
            (mean - printed).abs() < 1e-12 * printed.abs(),
            "{mean}, {printed}"
        );
        assert_eq!(read(&dir, "curve.csv").lines().count(), 2);
        // How the model was trained is beside it.
        assert_eq!(
            read(&dir, "model/training.json"),
            read(&dir, "training.json")
        );
    }
    let table = read(folder.path(), "runs/mnist_table/table.md");
    assert!(table.contains("| IWAEU_rec |"), "{table}");
}

/// MNIST is told by what its files hold, compressed or not. The published numbers are nobody
/// else's.
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
        let training = TrainingConfig::new(Objective::iwae(2));
        fs::write(dir.join("training.json"), json!(training).to_string()).unwrap();
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
    let digits = here.canonicalize().unwrap().join("digits");
    let not_mnist = format!("not MNIST: {}", digits.display());
    for (out, is_mnist, data) in [
        ("original", true, "MNIST, by its checksums"),
        ("changed", false, not_mnist.as_str()),
    ] {
        // The first pixel of the first test image.
        images[16] ^= u8::from(!is_mnist);
        fs::write(here.join("digits/t10k-images-idx3-ubyte"), &images).unwrap();
        let [printed, _] = succeed(&with(&arguments, "--out", out), here);

        assert_eq!(results(here, out)["data"], data);
        let table = read(here, &format!("{out}/table.md"));
        for text in [table, printed] {
            assert!(text.contains(data), "{text}");
            for published in [
                "minus IWAE, paired | published (talk) | published minus IWAE |\n",
                "| -95.182 ± 0.022 | – |\n",
                "| -94.346 ± 0.025 | +0.836 |\n",
                "the talk does not say",
                "--seeds 1, not 1,2,3",
                "--preset paper",
            ] {
                assert_eq!(text.contains(published), is_mnist, "{published}: {text}");
            }
            let left_out = "the published numbers are of MNIST and are left out";
            assert_eq!(text.contains(left_out), !is_mnist, "{text}");
        }
    }
}

/// A table of several seeds that was stopped speaks of the runs that are there.
#[test]
fn a_stopped_table_counts_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae", "--out", "run"]);
    succeed(&arguments, folder.path());
    // A run that does not say what it is stops the program at the second seed.
    let second = folder.path().join("run/iwae-seed2");
    fs::create_dir(&second).unwrap();
    fs::write(second.join("curve.csv"), "epoch\n").unwrap();
    arguments.extend(["--seeds", "1,2", "--resume"]);
    let text = fail(&arguments, folder.path());
    assert!(text.contains("iwae-seed2"), "{text}");
    let table = read(folder.path(), "run/table.md");
    assert!(
        table.contains("Over 1 seed, IWAE: ") && !table.contains("NaN"),
        "{table}"
    );
}

/// A difference of methods is one of the same seeds.
#[test]
fn differences_are_of_seeds_that_both_have() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--out", "run"]);
    let iwae = with(&arguments, "--methods", "iwae");
    succeed(&[&iwae[..], &["--seeds", "1,2"]].concat(), here);
    let iwaeu = with(&arguments, "--methods", "iwaeu");
    succeed(&[&iwaeu[..], &["--seeds", "1", "--resume"]].concat(), here);

    let results = results(here, "run");
    let value = |method: &str, seed: u64| {
        let mut runs = results["results"].as_array().unwrap().iter();
        let found = runs.find(|run| run["method"] == method && run["seed"] == seed);
        found.unwrap()["test_log_likelihood"].as_f64().unwrap()
    };
    let [one, other] = [1, 2].map(|seed| value("iwae", seed));
    assert!((one - other).abs() > 0.02, "{one}, {other}");
    let difference = format!("| {:+.2} ± ", value("iwaeu", 1) - one);
    let table = read(here, "run/table.md");
    assert!(table.contains(&difference), "{difference}\n{table}");
}

/// The results of methods and seeds that are not asked for again stay, in one table with the new
/// ones.
#[test]
fn rows_stay_until_they_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--out", "run"]);
    succeed(&with(&arguments, "--methods", "iwae,iwaeu"), here);
    let table = read(here, "run/table.md");
    let before = results(here, "run");

    let again = with(&arguments, "--methods", "iwae");
    succeed(&[&again[..], &["--resume"]].concat(), here);
    assert_eq!(read(here, "run/table.md"), table);
    let after = results(here, "run");
    let log_likelihoods =
        |results: &Value| [0, 1].map(|i| results["results"][i]["test_log_likelihood"].clone());
    assert_eq!(log_likelihoods(&after), log_likelihoods(&before));

    // A number that was not finite is `null` in the file.
    let mut file = after;
    file["results"][1]["test_log_likelihood"] = Value::Null;
    fs::write(here.join("run/results.json"), file.to_string()).unwrap();
    succeed(&[&again[..], &["--resume"]].concat(), here);
    assert_eq!(results(here, "run")["results"][1]["method"], "iwaeu");
    assert_eq!(read(here, "run/table.md"), table);

    // A row that was trained for longer than the others is told.
    let longer = with(&again, "--epochs", "2");
    let [text, _] = succeed(&[&longer[..], &["--resume"]].concat(), here);
    assert!(
        text.contains("| IWAEU |") && text.contains("IWAEU with seed 1: trained for 1 epochs."),
        "{text}"
    );

    // Rows of other settings would be no comparison.
    let other = with(&with(&arguments, "--methods", "iwaeu_rec"), "--k", "3");
    let text = fail(&[&other[..], &["--resume"]].concat(), here);
    assert!(text.contains("`--k` is 3"), "{text}");
    let mut both = EVALUATION.to_vec();
    both.extend(["--data-dir", &data, "--methods", "iwae,iwaeu"]);
    both.extend(["--model", "run", "--out", "again"]);
    let text = fail(&both, here);
    assert!(text.contains("models of --epochs 2 and 1"), "{text}");
}
