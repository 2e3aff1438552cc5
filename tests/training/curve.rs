//! Runs that are resumed without their curve, or without checkpoints.

use super::*;

fn model_file(dir: &Path, epoch: usize) -> std::path::PathBuf {
    dir.join(format!("checkpoint/model-{epoch}.bpk"))
}

/// Trained too fast, the validation loss has its minimum before the end.
fn fast() -> TrainingConfig {
    small().with_schedule(Schedule::Constant { learning_rate: 1.0 })
}

#[test]
fn without_its_curve_a_run_keeps_what_may_be_the_best() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let first = fit(&fast().with_epochs(12), silent(dir));
    let best = first.best_epoch().unwrap();
    assert!(best < 11, "not among the last two, but {best}");
    let record = fs::read(model_file(dir, best)).unwrap();

    fs::rename(dir.join("curve.csv"), dir.join("moved.csv")).unwrap();
    // Nothing to do, then three epochs, then two, then what does not tell a curve at all.
    for epochs in [12, 15, 17] {
        let trained = fit(&fast().with_epochs(epochs), silent(dir).with_resume(true));
        let told: Vec<usize> = trained.curve.iter().map(|epoch| epoch.epoch).collect();
        assert_eq!(told, (13..=epochs).collect::<Vec<_>>());
        assert_eq!(trained.best_epoch(), None, "an earlier one may be better");
        let error = trained.best().unwrap_err().to_string();
        assert!(error.contains("first epoch is missing"), "{error}");
        assert_eq!(fs::read(model_file(dir, best)).unwrap(), record);
        assert!(model_file(dir, epochs).exists());
    }
    // Of epochs that the curve tells of, the last two and their best are kept.
    let late = (13..=17).filter(|&epoch| model_file(dir, epoch).exists());
    assert!(late.count() <= 3);

    // A short curve of late epochs is none of a run that was just begun.
    fs::rename(dir.join("curve.csv"), dir.join("moved too.csv")).unwrap();
    fit(&fast().with_epochs(18), silent(dir).with_resume(true));
    fs::rename(dir.join("checkpoint"), dir.join("lost")).unwrap();
    let model = vae(Uncertainty::EncoderAndDecoder);
    let run = silent(dir).with_resume(true);
    let fitted = fast()
        .with_epochs(19)
        .fit(model, &grey(30), Some(&grey(13)), run);
    let error = fitted.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("18 epochs, but no checkpoint"), "{error}");
    assert!(dir.join("curve.csv").exists());
}

/// Weights of late epochs are not deleted, though nothing tells how to go on from them.
#[test]
fn weights_are_kept_without_curve_and_whole_checkpoints() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fit(&small(), silent(dir));
    fs::remove_file(dir.join("curve.csv")).unwrap();
    for epoch in 1..=4 {
        let _ = fs::remove_file(dir.join(format!("checkpoint/optim-{epoch}.bpk")));
    }
    for checkpoints in [true, false] {
        let model = vae(Uncertainty::EncoderAndDecoder);
        let run = silent(dir).with_resume(true).with_checkpoints(checkpoints);
        let fitted = small().fit(model, &grey(30), Some(&grey(13)), run);
        let error = fitted.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("4 epochs, but no checkpoint"), "{error}");
        assert!([3, 4].iter().all(|&epoch| model_file(dir, epoch).exists()));
    }
}

/// Without validation data there is no best epoch to keep.
#[test]
fn without_validation_data_older_checkpoints_go() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let fit = |epochs| {
        let (model, run) = (vae(Uncertainty::EncoderAndDecoder), silent(dir));
        let training = small().with_epochs(epochs);
        let trained = training.fit(model, &grey(30), None, run.with_resume(true));
        trained.map(|_| ()).unwrap()
    };
    fit(3);
    fs::remove_file(dir.join("curve.csv")).unwrap();
    fit(6);
    let left = (1..=6).filter(|&epoch| model_file(dir, epoch).exists());
    assert_eq!(left.collect::<Vec<_>>(), [5, 6]);
}

#[test]
fn patience_is_not_counted_anew_without_the_curve() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let patient = fast().with_patience(Some(30));
    fit(&patient.clone().with_epochs(3), silent(dir));
    let path = dir.join("curve.csv");
    let whole = fs::read_to_string(&path).unwrap();
    let refused = || {
        let model = vae(Uncertainty::EncoderAndDecoder);
        let run = silent(dir).with_resume(true);
        let fitted = patient.fit(model, &grey(30), Some(&grey(13)), run);
        fitted.map(|_| ()).unwrap_err().to_string()
    };
    fs::remove_file(&path).unwrap();
    let message = refused();
    assert!(
        message.contains("curve.csv") && message.contains("`patience`"),
        "{message}"
    );
    // A cure that would be refused is not offered.
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    for message in [message, refused()] {
        assert!(!message.contains("move it away"), "{message}");
    }
    assert!(model_file(dir, 3).exists());
    fs::write(&path, whole).unwrap();
    let trained = fit(&patient, silent(dir).with_resume(true));
    assert_eq!(trained.curve.len(), 4);
}

/// It has nothing to go on from, and begins again, unless it should have had checkpoints.
#[test]
fn a_run_without_checkpoints_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    let run = |checkpoints| {
        let run = silent(dir.path()).with_resume(true);
        run.with_checkpoints(checkpoints)
    };
    let first = fit(&small(), run(false));
    let again = fit(&small(), run(false));
    assert!(bits(&again.model) == bits(&first.model));
    assert_eq!(again.curve.len(), 4);
    let model = vae(Uncertainty::EncoderAndDecoder);
    let fitted = small().fit(model, &grey(30), Some(&grey(13)), run(true));
    let message = fitted.map(|_| ()).unwrap_err().to_string();
    assert!(message.contains("no checkpoint of them"), "{message}");
}
