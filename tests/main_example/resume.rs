//! Runs that go on where they were stopped, and what they refuse.

use crate::{
    EVALUATION, SMALL, changed_data, fail, kill_in_training, mark, program::data, read, results,
    run, succeed, with,
};
use burn_bayes::prelude::*;
use std::fs;

/// A run that was killed in training ends with the table of one that was not; a finished one does
/// nothing again.
#[test]
fn a_killed_run_goes_on_to_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = with(&SMALL, "--epochs", "40");
    arguments.extend(["--data-dir", &data, "--methods", "iwae,iwaeu"]);
    succeed(&with(&arguments, "--out", "whole"), here);

    arguments.extend(["--out", "parts", "--resume"]); // nothing is there yet
    let dir = here.join("parts/iwae-seed1");
    kill_in_training(&arguments, here, &dir.join("curve.csv"));
    assert!(!dir.join("report.json").exists(), "it was killed too late");
    let first_epoch = |curve: &str| curve.lines().nth(1).unwrap().to_string();
    let before = first_epoch(&read(&dir, "curve.csv"));
    let [text, _] = succeed(&arguments, here);
    assert!(text.contains("of 40 epochs are done"), "{text}");
    // Its time is in it, so another training of this epoch would show.
    assert_eq!(first_epoch(&read(&dir, "curve.csv")), before);
    assert_eq!(read(here, "parts/table.md"), read(here, "whole/table.md"));
    let curves = |out: &str| fs::read(here.join(out).join("curves.png")).unwrap();
    assert!(curves("parts") == curves("whole"));

    let before = results(here, "parts");
    mark(&dir.join("evaluation.json"));
    let [_, errors] = succeed(&arguments, here);
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

/// Another number of epochs, if larger, is the only option that may change; what is refused changes
/// nothing. Options are told from the results, and from the training where there are no results
/// yet.
#[test]
fn a_run_goes_on_with_the_options_it_was_begun_with() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let other = here.join("other");
    changed_data(&data, &other, "train-images-idx3-ubyte");
    let other = other.to_str().unwrap();

    let mut arguments = with(&SMALL, "--epochs", "2");
    arguments.extend(["--data-dir", &data, "--methods", "iwaeu", "--out", "run"]);
    succeed(&arguments, here);
    let table = read(here, "run/table.md");
    let results = read(here, "run/results.json");
    arguments.push("--resume");
    for without_results in [false, true] {
        if without_results {
            fs::remove_file(here.join("run/results.json")).unwrap();
        }
        for (name, value, expected) in [
            ("--k", "3", "`--k` is 3"),
            ("--learning-rate", "0.01", "`--learning-rate` is"),
            ("--hidden", "6", "`--hidden` is 6, but"),
            (
                "--initial-weight-std",
                "0.5",
                "`--initial-weight-std` is 0.5",
            ),
            ("--data-dir", other, "training data"),
            ("--epochs", "1", "`--epochs` is 1"),
            ("--eval-samples", "5", "--eval"),
        ] {
            let text = fail(&with(&arguments, name, value), here);
            let expected = match (without_results, name) {
                // The library keeps schedule and rate in one.
                (true, "--learning-rate") => "`--schedule` or `--learning-rate` is not",
                _ => expected,
            };
            assert!(text.contains(expected), "{name}: {text}");
            assert_eq!(read(here, "run/table.md"), table, "{name}");
        }
    }
    fs::write(here.join("run/results.json"), results).unwrap();
    let text = fail(&with(&arguments, "--eval-samples", "5"), here);
    assert!(text.contains("`--eval-samples` is 5, but"), "{text}");
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
    let [_, errors] = succeed(&arguments, here);
    assert!(!errors.contains("epoch "), "{errors}");
    let report = Report::load(dir.join("report.json")).unwrap();
    assert_eq!(report.log_likelihood.values[0], -1.25);

    // One more epoch: what was found of the model before, marked, is not taken for the new one's.
    let longer = with(&arguments, "--epochs", "3");
    succeed(&longer, here);
    let at_once = with(&longer, "--out", "at_once");
    succeed(&at_once, here);
    assert_eq!(read(here, "run/table.md"), read(here, "at_once/table.md"));
}

/// What is damaged costs no more than it is worth: results are found again, and no message sends a
/// training away.
#[test]
fn damaged_files_cost_no_training() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwaeu", "--out", "run"]);
    succeed(&arguments, here);
    let table = read(here, "run/table.md");
    arguments.push("--resume");

    fs::write(here.join("run/results.json"), "{\"results\": [").unwrap();
    let [_, errors] = succeed(&arguments, here);
    assert!(
        errors.contains("warning: ") && errors.contains("results.json"),
        "{errors}"
    );
    assert!(!errors.contains("epoch "), "{errors}");
    assert_eq!(read(here, "run/table.md"), table);

    let model = here.join("run/iwaeu-seed1/initial_model.json");
    fs::write(&model, "{").unwrap();
    let text = fail(&arguments, here);
    assert!(
        text.contains("remove that file") && !text.contains("--overwrite"),
        "{text}"
    );
    // Without it the model that was trained says how it began.
    fs::remove_file(&model).unwrap();
    fs::remove_file(here.join("run/results.json")).unwrap();
    let text = fail(&with(&arguments, "--initial-weight-std", "0.5"), here);
    assert!(text.contains("`--initial-weight-std` is 0.5"), "{text}");
    let saved = here.join("run/iwaeu-seed1/model/model.json");
    let kept = fs::read(&saved).unwrap();
    fs::remove_file(&saved).unwrap();
    let text = fail(&arguments, here);
    assert!(text.contains("initial_model.json: is missing"), "{text}");
    fs::write(&saved, kept).unwrap();
    let [_, errors] = succeed(&arguments, here);
    assert!(!errors.contains("epoch "), "{errors}");
    assert!(model.exists());
}

/// Data are what they hold, not what their folder is called.
#[test]
fn a_data_folder_may_be_renamed() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--methods", "iwae", "--out", "run"]);
    succeed(&with(&arguments, "--data-dir", &data), here);
    fs::rename(&data, here.join("renamed")).unwrap();
    arguments.extend(["--data-dir", "renamed", "--resume"]);
    mark(&here.join("run/iwae-seed1/evaluation.json"));
    succeed(&arguments, here);
    let report = Report::load(here.join("run/iwae-seed1/report.json")).unwrap();
    assert_eq!(report.log_likelihood.values[0], -1.25);

    // Other images have other results.
    let other = here.join("other");
    let renamed = here.join("renamed");
    changed_data(renamed.to_str().unwrap(), &other, "t10k-images-idx3-ubyte");
    let text = fail(&with(&arguments, "--data-dir", "other"), here);
    assert!(
        text.contains("`--data-dir` holds other test images"),
        "{text}"
    );
}

/// Who forgets `--model` when an evaluation is resumed does not get a training instead.
#[test]
fn an_evaluation_is_resumed_with_its_models() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let data = data(here);
    let mut arguments = SMALL.to_vec();
    arguments.extend(["--data-dir", &data, "--methods", "iwae"]);
    succeed(&with(&arguments, "--out", "old"), here);
    let mut evaluation = EVALUATION.to_vec();
    evaluation.extend(["--data-dir", &data, "--methods", "iwae", "--out", "again"]);
    succeed(&with(&evaluation, "--model", "old"), here);

    arguments.extend(["--out", "again", "--resume"]);
    let text = fail(&arguments, here);
    assert!(text.contains("give --model"), "{text}");
    assert!(!here.join("again/iwae-seed1/training.json").exists());

    let dir = here.join("again/iwae-seed1");
    mark(&dir.join("evaluation.json"));
    evaluation.extend(["--model", "old", "--resume"]);
    succeed(&evaluation, here);
    let report = Report::load(dir.join("report.json")).unwrap();
    assert_eq!(report.log_likelihood.values[0], -1.25);
}
