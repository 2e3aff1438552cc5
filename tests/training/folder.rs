//! What is read from the folder of a run, without its data and its settings.

use super::*;
use burn_bayes::{model::load_weights, train::EpochSummary};

/// Trained too fast, the validation loss has its minimum before the end.
#[test]
fn the_best_and_the_last_weights_are_found_in_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let training = small()
        .with_epochs(12)
        .with_schedule(Schedule::Constant { learning_rate: 1.0 });
    let trained = fit(&training, silent(dir.path()));
    let (best, run) = (trained.best_epoch().unwrap(), Run::new(dir.path()));
    assert!(best < 11, "not among the last two, but {best}");

    let losses = |curve: &[EpochSummary]| -> Vec<(usize, f64)> {
        let epochs = curve.iter();
        epochs
            .map(|epoch| (epoch.epoch, epoch.valid.unwrap().loss()))
            .collect()
    };
    assert_eq!(losses(&run.curve().unwrap()), losses(&trained.curve));

    let load = |path| {
        let model = vae(Uncertainty::EncoderAndDecoder);
        bits(&load_weights(model, path).unwrap())
    };
    assert!(load(run.best_checkpoint().unwrap()) == bits(&trained.best().unwrap()));
    assert!(load(run.last_checkpoint().unwrap()) == bits(&trained.model));

    // Of a checkpoint that is half, nothing is taken: the last whole one is the eleventh.
    fs::remove_file(dir.path().join("checkpoint/optim-12.bpk")).unwrap();
    let last = run.last_checkpoint().unwrap();
    assert!(last.ends_with("checkpoint/model-11.bpk"), "{last:?}");

    fs::remove_file(run.best_checkpoint().unwrap()).unwrap();
    let error = run.best_checkpoint().unwrap_err().to_string();
    let missing = format!("model-{best}.bpk` is missing");
    assert!(
        error.contains(&missing) && error.contains("last_checkpoint"),
        "{error}"
    );
}

#[test]
fn a_folder_without_them_says_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let nothing = Run::new(dir.join("nothing"));
    assert!(nothing.curve().unwrap().is_empty());
    for error in [nothing.last_checkpoint(), nothing.best_checkpoint()] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains("no complete checkpoint"), "{error}");
    }

    let model = vae(Uncertainty::EncoderAndDecoder);
    let alone = dir.join("alone");
    let trained = small().fit(model, &grey(30), None, silent(&alone));
    trained.unwrap();
    let run = Run::new(&alone);
    assert!(run.last_checkpoint().unwrap().exists());
    let error = run.best_checkpoint().unwrap_err().to_string();
    assert!(error.contains("validation data"), "{error}");

    let curve = alone.join("curve.csv");
    fs::write(&curve, "epoch,").unwrap();
    let error = run.curve().unwrap_err().to_string();
    assert!(
        error.contains("curve.csv") && error.contains("is cut"),
        "{error}"
    );
    fs::remove_file(curve).unwrap();
    let error = run.best_checkpoint().unwrap_err().to_string();
    assert!(error.contains("first epoch is missing"), "{error}");
}
