//! What is read from the folder of a run, without its data and its settings.

use super::*;
use burn_bayes::{model::load_weights, train::EpochSummary};
use std::{ops::ControlFlow, thread, time::Duration};

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

/// The folder was moved away, and another training began in its place: it loses nothing, and the
/// first one ends.
#[cfg(unix)]
#[test]
fn a_folder_that_took_the_place_of_a_run_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let [place, moved] = ["run", "moved"].map(|name| dir.path().join(name));
    let run = silent(&place).with_after_epoch({
        let (place, moved) = (place.clone(), moved.clone());
        move |epoch| {
            if epoch.epoch == 3 {
                // Its checkpoint is written by other threads.
                let part = |name: &str| place.join(format!("checkpoint/{name}-3.bpk"));
                while ["model", "optim", "scheduler"]
                    .map(part)
                    .iter()
                    .any(|part| !part.exists())
                {
                    thread::sleep(Duration::from_millis(10));
                }
                fs::rename(&place, &moved).unwrap();
                let model = vae(Uncertainty::EncoderAndDecoder);
                let other = small().with_epochs(4);
                other.fit(model, &grey(30), None, silent(&place)).unwrap();
            }
            ControlFlow::Continue(())
        }
    });
    let model = vae(Uncertainty::EncoderAndDecoder);
    let error = small().with_epochs(6).fit(model, &grey(30), None, run);
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("another folder than the run began in"),
        "{error}"
    );

    let epochs = |place: &Path| Run::new(place).curve().unwrap().len();
    assert_eq!((epochs(&place), epochs(&moved)), (4, 3));
    let last = Run::new(&place).last_checkpoint().unwrap();
    assert!(last.ends_with("checkpoint/model-4.bpk"), "{last:?}");
    let model = vae(Uncertainty::EncoderAndDecoder);
    let resumed = silent(&place).with_resume(true);
    small()
        .with_epochs(5)
        .fit(model, &grey(30), None, resumed)
        .unwrap();
}
