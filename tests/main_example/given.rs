//! Models of an earlier run that are evaluated.

use crate::{
    EVALUATION, SMALL, changed_data, fail, mark, program::data, read, results, succeed, with,
};
use burn_bayes::prelude::*;
use std::fs;

/// A model that is evaluated again, elsewhere, gives the same numbers without training.
#[test]
fn an_earlier_run_can_be_evaluated_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwaeu"]);
    succeed(&arguments, folder.path());
    let mut other = arguments.clone();
    arguments.extend(["--model", "runs/mnist_table", "--out", "again"]);
    let [text, _] = succeed(&arguments, folder.path());
    assert!(text.contains("loaded"), "{text}");
    assert!(!text.contains("training\n"), "{text}");
    let [first, again] =
        ["runs/mnist_table", "again"].map(|out| results(folder.path(), out)["results"][0].clone());
    assert_eq!(first["test_log_likelihood"], again["test_log_likelihood"]);
    // Not the time that loading took.
    assert_eq!(first["train_seconds"], again["train_seconds"]);
    assert!(folder.path().join("again/curves.png").exists());

    let narrow = VaeConfig::new(9, 2);
    let model = narrow.init(&Device::default(), &mut Noise::seeded(0));
    let narrow_folder = folder.path().join("narrow/iwaeu-seed1/model");
    model.save(&narrow, narrow_folder).unwrap();
    other.extend(["--out", "third", "--overwrite", "--model"]);
    for (model, expected) in [("nowhere", "nowhere"), ("narrow", "9 features")] {
        other.push(model);
        let text = fail(&other, folder.path());
        assert!(text.contains(expected), "{text}");
        other.pop();
    }
}

/// The folder of an earlier run may take the results too, however it is written: the model keeps
/// its curve, an evaluation of the same settings goes on, and one of other settings replaces it.
#[test]
fn an_earlier_run_can_be_evaluated_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(folder.path());
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae", "--out", "./run"]);
    succeed(&arguments, folder.path());
    let dir = folder.path().join("run/iwae-seed1");
    let curve = read(&dir, "curve.csv");
    assert_eq!(curve.lines().count(), 2);

    mark(&dir.join("evaluation.json"));
    arguments.extend(["--model", "run", "--overwrite"]);
    for (eval_samples, goes_on) in [("4", true), ("5", false)] {
        let arguments = with(&arguments, "--eval-samples", eval_samples);
        succeed(&arguments, folder.path());
        let report = Report::load(dir.join("report.json")).unwrap();
        assert_eq!(report.log_likelihood.values[0] == -1.25, goes_on);
        assert_eq!(report.log_likelihood.num_samples.to_string(), eval_samples);
        assert_eq!(read(&dir, "curve.csv"), curve);
    }
}

/// What is said of a model's training is what it was, whatever this call would train.
#[test]
fn given_models_have_the_settings_they_were_trained_with() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwaeu", "--out", "old"]);
    arguments.extend(["--schedule", "burda", "--weight-kl", "dataset"]);
    succeed(&arguments, here);
    let old = results(here, "old");

    let mut again = EVALUATION.to_vec();
    again.extend(["--data-dir", &data, "--methods", "iwaeu", "--model", "old"]);
    let [text, _] = succeed(&with(&again, "--out", "again"), here);
    let expected = "1 epochs, batches of 50, k = 2, networks 784 – 6 – 5 – 2, ";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("other data"), "{text}");
    let new = results(here, "again");
    for name in ["model", "training", "epochs", "test_log_likelihood"] {
        assert_eq!(new["results"][0][name], old["results"][0][name], "{name}");
    }
    for (name, setting) in old["settings"].as_object().unwrap() {
        assert_eq!(new["settings"][name], *setting, "{name}");
    }

    // A setting of training that is asked for must be the models' own.
    for (name, value, expected) in [
        ("--k", "3", "`--k` is 3, but the models of `old`"),
        ("--epochs", "7", "`--epochs` is 7"),
        ("--hidden", "6", "`--hidden` is 6"),
        ("--schedule", "constant", "`--schedule` is constant"),
        ("--weight-kl", "none", "`--weight-kl` is none"),
    ] {
        let text = fail(&with(&with(&again, name, value), "--out", "no"), here);
        assert!(text.contains(expected), "{name}: {text}");
        assert!(!here.join("no").exists(), "{name}");
    }

    let other = here.join("other");
    changed_data(&data, &other, "train-images-idx3-ubyte");
    let elsewhere = with(&again, "--data-dir", "other");
    let [text, _] = succeed(&with(&elsewhere, "--out", "elsewhere"), here);
    let table = read(here, "elsewhere/table.md");
    for text in [text, table] {
        assert!(text.contains("were trained on other data: "), "{text}");
    }
}

/// A training is nobody's to replace but its own: neither with `--resume` nor with `--overwrite`.
#[test]
fn given_models_replace_no_training() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae"]);
    succeed(&with(&arguments, "--out", "a"), here);
    succeed(
        &with(&with(&arguments, "--out", "b"), "--latent", "3"),
        here,
    );
    let files = |dir: &str| {
        [
            "model/weights.bpk",
            "curve.csv",
            "training.json",
            "evaluation.json",
        ]
        .map(|name| fs::read(here.join(dir).join("iwae-seed1").join(name)).unwrap())
    };
    let (before, table) = (files("a"), read(here, "a/table.md"));
    let mut evaluation = EVALUATION.to_vec();
    evaluation.extend(["--data-dir", &data, "--methods", "iwae", "--model", "b"]);
    evaluation.extend(["--out", "a"]);
    for mode in ["--resume", "--overwrite"] {
        let text = fail(&[&evaluation[..], &[mode]].concat(), here);
        assert!(text.contains("training of its own"), "{text}");
        assert!(files("a") == before, "{mode}");
        assert_eq!(read(here, "a/table.md"), table, "{mode}");
    }
}

/// Everything about the models is looked at before anything is written.
#[test]
fn given_models_are_checked_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae", "--out", "old"]);
    succeed(&arguments, here);
    let mut evaluation = EVALUATION.to_vec();
    evaluation.extend(["--data-dir", &data, "--model", "old", "--out", "again"]);
    let both = with(&evaluation, "--methods", "iwae,iwaeu");
    let text = fail(&both, here);
    assert!(text.contains("no model of IWAEU with seed 1"), "{text}");

    // Fixed weights in the place of random ones.
    let [from, to] = ["old/iwae-seed1", "old/iwaeu-seed1"].map(|dir| here.join(dir));
    fs::create_dir_all(to.join("model")).unwrap();
    for name in ["model/weights.bpk", "model/model.json", "training.json"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
    let text = fail(&both, here);
    assert!(text.contains("another model than IWAEU"), "{text}");
    for name in ["training.json", "model/training.json"] {
        fs::rename(from.join(name), from.join(format!("{name}.away"))).unwrap();
    }
    let one = with(&evaluation, "--methods", "iwae");
    let text = fail(&one, here);
    assert!(text.contains("does not say"), "{text}");
    assert!(!here.join("again").exists());

    // A curve is drawn if it is there.
    fs::rename(from.join("training.json.away"), from.join("training.json")).unwrap();
    fs::remove_file(from.join("curve.csv")).unwrap();
    succeed(&one, here);
    assert!(here.join("again/table.md").exists());
}
