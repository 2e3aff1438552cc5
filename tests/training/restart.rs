//! Runs that were stopped, and what is left in their folders.

use super::*;
use burn_bayes::train::{Backward, EpochSummary};
use std::{ops::ControlFlow, sync::mpsc};

/// The epochs of which there is a part of a checkpoint, and every other file there.
fn checkpoints(dir: &Path) -> (Vec<usize>, Vec<String>) {
    let (mut epochs, mut others) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(dir.join("checkpoint")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let epoch = name
            .strip_suffix(".bpk")
            .and_then(|name| name.split_once('-'));
        match epoch {
            Some((_, epoch)) => epochs.push(epoch.parse().unwrap()),
            None => others.push(name),
        }
    }
    epochs.sort_unstable();
    epochs.dedup();
    (epochs, others)
}

fn resume(training: &TrainingConfig, dir: &Path) -> Trained<Vae> {
    fit(training, silent(dir).with_resume(true))
}

#[test]
fn a_run_stopped_before_its_first_checkpoint_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    let whole = fit(&small(), silent(dir.path().join("whole")));
    for (name, run) in [
        ("resumed", Run::with_resume as fn(Run, bool) -> Run),
        ("overwritten", |run, yes| {
            run.with_resume(yes).with_overwrite(yes)
        }),
    ] {
        let parts = dir.path().join(name);
        fit(&small().with_epochs(1), silent(&parts));
        // Killed when one part was there, or two.
        for part in ["scheduler", "optim"] {
            fs::remove_file(parts.join(format!("checkpoint/{part}-1.bpk"))).unwrap();
            let first = fit(&small().with_epochs(1), run(silent(&parts), true));
            assert_eq!(first.curve.len(), 1);
            assert_eq!(checkpoints(&parts), (vec![1], vec![]));
        }
        fs::remove_file(parts.join("checkpoint/model-1.bpk")).unwrap();
        let trained = fit(&small(), run(silent(&parts), true));
        assert!(bits(&trained.model) == bits(&whole.model), "{name}");
        assert_eq!(trained.curve.len(), 4);
    }
}

#[test]
fn two_checkpoints_and_the_best_are_kept_over_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir_all(dir.join("checkpoint")).unwrap();
    for epochs in 1..=6 {
        let trained = resume(&small().with_epochs(epochs), dir);
        // What a killed process leaves: a part without the others, and a file in the making.
        let half = dir.join(format!("checkpoint/model-{}.bpk", epochs + 1));
        fs::copy(dir.join(format!("checkpoint/model-{epochs}.bpk")), half).unwrap();
        let leftover = format!("checkpoint/.model-{}.bpk.77-0.part", epochs + 1);
        fs::write(dir.join(leftover), "half").unwrap();

        let best = trained.best_epoch().unwrap();
        let mut kept = vec![epochs - 1, epochs, best];
        kept.retain(|&epoch| epoch > 0);
        kept.sort_unstable();
        kept.dedup();
        kept.push(epochs + 1); // the half
        assert_eq!(checkpoints(dir).0, kept);
    }
    let trained = resume(&small().with_epochs(8), dir);
    let (epochs, others) = checkpoints(dir);
    assert!(epochs.len() <= 3 && epochs.ends_with(&[7, 8]), "{epochs:?}");
    assert_eq!(others, Vec::<String>::new());
    assert_eq!(trained.curve.len(), 8);
}

/// Trained too fast, the validation loss has its minimum before the end.
#[test]
fn the_best_model_is_told_and_given() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let training = small()
        .with_epochs(12)
        .with_schedule(Schedule::Constant { learning_rate: 0.2 });
    let trained = fit(&training, silent(dir));
    let losses: Vec<f64> = (trained.curve.iter())
        .map(|epoch| epoch.valid.unwrap().loss())
        .collect();
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let best = trained.best_epoch().unwrap();
    assert_eq!(losses[best - 1], lowest);
    assert!(best < 12, "{losses:?}");

    let model = trained.best().unwrap();
    assert!(bits(&model) != bits(&trained.model));
    let (valid, ids) = (real(13), (0..13).collect::<Vec<u32>>());
    let root = Noise::seeded(7).fork(stream::ROOT);
    let x = valid.select(&ids, &Device::default());
    let x = Binarization::Dynamic.apply(x, &ids, &root.fork(stream::VALID_BINARIZATION));
    let mut noise = root.fork(stream::VALID_MODEL).with_datapoints(&ids);
    let objective = &training.objective;
    let parts = objective.evaluate(&model, x, Step::new(30), &mut noise);
    let loss = f64::from(values(parts.loss())[0]);
    assert!(
        (loss - lowest).abs() < 1e-4 * lowest.abs(),
        "{loss}, recorded {lowest}"
    );

    let without = TrainingConfig {
        epochs: 1,
        ..training
    };
    let trained = without.fit(
        vae(Uncertainty::EncoderAndDecoder),
        &grey(30),
        None,
        silent(dir.join("a")),
    );
    let error = trained.unwrap().best().unwrap_err().to_string();
    assert!(error.contains("validation data"), "{error}");
    let trained = fit(&without, silent(dir.join("b")).with_checkpoints(false));
    let error = trained.best().unwrap_err().to_string();
    assert!(error.contains("with_checkpoints"), "{error}");
}

#[test]
fn a_second_training_in_one_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let alone = fit(&small(), silent(dir.join("alone")));
    let shared = dir.join("shared");
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (sender, shared) = (sender.clone(), &shared);
            scope.spawn(move || {
                let model = vae(Uncertainty::EncoderAndDecoder);
                let run = silent(shared);
                let trained = small().fit(model, &grey(30), Some(&grey(13)), run);
                sender
                    .send(trained.map_err(|error| error.to_string()))
                    .unwrap();
            });
        }
    });
    drop(sender);
    let (trained, refused): (Vec<_>, Vec<_>) = results.iter().partition(Result::is_ok);
    assert_eq!(trained.len(), 1);
    for error in refused {
        let error = error.unwrap_err();
        // The second is for one that came when the first had ended.
        let named = ["being written by another training", "already holds a run"];
        assert!(named.iter().any(|words| error.contains(words)), "{error}");
    }
    assert!(bits(&trained[0].as_ref().unwrap().model) == bits(&alone.model));
}

#[test]
fn a_model_that_fails_or_does_not_fit_leaves_the_earlier_run() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let first = fit(&small(), silent(dir));
    let narrow = VaeConfig::new(7, 2)
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .init(&Device::default(), &mut Noise::seeded(1));
    let frozen = vae(Uncertainty::EncoderAndDecoder).freeze();
    let overwrite = |model: Vae| {
        let run = silent(dir).with_overwrite(true);
        let fit = || small().fit(model, &grey(30), None, run).map(|_| ());
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(fit))
    };
    let panic = overwrite(narrow).unwrap_err(); // data of 16 features do not go through
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(message.contains("16"), "{message}");
    let error = overwrite(frozen).unwrap().unwrap_err().to_string();
    assert!(error.contains("all are frozen"), "{error}");
    // A record of the run itself, which is deleted before it is used.
    let again = resume(&small(), dir);
    assert!(bits(&again.model) == bits(&first.model));
}

#[test]
fn a_run_may_be_overwritten_by_one_that_starts_from_its_weights() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let first = fit(&small(), silent(dir));
    let config = VaeConfig::new(16, 3)
        .with_hidden(vec![24])
        .with_uncertainty(Uncertainty::EncoderAndDecoder);
    let weights = dir.join("checkpoint/model-4.bpk");
    let model = config.load_weights(weights, &Device::default()).unwrap();
    let run = silent(dir).with_overwrite(true);
    let second = small().fit(model, &grey(30), None, run).unwrap();
    let expected = small().fit(first.model, &grey(30), None, silent(dir.join("expected")));
    assert!(bits(&second.model) == bits(&expected.unwrap().model));
}

/// What is charged may be frozen: it has no gradient of its own.
#[test]
fn charged_weights_may_be_frozen() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = vae(Uncertainty::EncoderAndDecoder);
    model.decoder = model.decoder.freeze();
    let backward = Backward::Replayed {
        samples_per_chunk: 3,
        threshold: 0.0,
    };
    let objective = Objective::iwaeu(3, ChargedWeights::Decoder).with_backward(backward);
    let training = TrainingConfig {
        objective,
        ..small()
    }
    .with_epochs(1);
    let run = silent(dir.path()).with_overwrite(true);
    let trained = training.fit(model, &grey(30), None, run).unwrap();
    assert!(trained.curve[0].train.weight_kl.unwrap() > 0.0);
}

/// Trained too fast, the validation loss has its minimum early. A run that lost its patience has
/// ended: resumed, it does nothing more.
#[test]
fn a_run_without_patience_ends_and_stays_ended() {
    let dir = tempfile::tempdir().unwrap();
    let schedule = Schedule::Constant { learning_rate: 0.2 };
    let all = small().with_epochs(20).with_schedule(schedule);
    let whole = fit(&all, silent(dir.path().join("whole")));
    let impatient = all.with_patience(Some(1));
    let run = dir.path().join("impatient");
    let stopped = fit(&impatient, silent(&run));
    let epochs = stopped.curve.len();
    let valid: Vec<f64> = whole
        .curve
        .iter()
        .map(|epoch| epoch.valid.unwrap().loss())
        .collect();
    let rise = valid.windows(2).position(|pair| pair[1] >= pair[0]);
    // The first epoch that was not better is the last.
    assert_eq!(Some(epochs), rise.map(|rise| rise + 2), "{valid:?}");
    assert!(epochs < 20, "{valid:?}");
    let losses = |trained: &Trained<Vae>| -> Vec<f64> {
        trained
            .curve
            .iter()
            .map(|epoch| epoch.train.loss())
            .collect()
    };
    assert_eq!(losses(&stopped), losses(&whole)[..epochs]);
    assert!(!stopped.interrupted);
    let again = resume(&impatient, &run);
    assert_eq!(losses(&again), losses(&stopped));
    assert!(bits(&again.model) == bits(&stopped.model));

    let (model, other) = (
        vae(Uncertainty::EncoderAndDecoder),
        silent(dir.path().join("other")),
    );
    let error = impatient
        .fit(model, &grey(30), None, other)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`patience`") && error.contains("validation data"),
        "{error}"
    );
}

/// What is called after an epoch sees the curve's line, and may end the run, which then goes on to
/// the bits of one that was left alone.
#[test]
fn a_run_is_ended_after_an_epoch_and_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let whole = fit(&small(), silent(dir.path().join("whole")));
    let parts = dir.path().join("parts");
    let (told, seen) = mpsc::channel();
    let run = silent(&parts).with_after_epoch({
        let file = parts.join("curve.csv");
        move |epoch| {
            let lines = fs::read_to_string(&file).unwrap().lines().count() - 1;
            told.send((epoch.clone(), lines)).unwrap();
            match epoch.epoch {
                2 | 4 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    });
    let first = fit(&small(), run.clone());
    assert!(first.interrupted && first.curve.len() == 2);
    let second = fit(&small(), run.with_resume(true));
    assert!(second.interrupted && second.curve.len() == 4);
    assert!(bits(&second.model) == bits(&whole.model));
    let seen: Vec<(EpochSummary, usize)> = seen.try_iter().collect();
    let (epochs, lines): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
    assert_eq!(lines, [1, 2, 3, 4]);
    for (told, written) in epochs.iter().zip(&second.curve) {
        assert_eq!((told.epoch, told.train), (written.epoch, written.train));
    }
}

/// Frozen parts stay; the rest is trained.
#[test]
fn a_model_that_is_frozen_in_part_is_trained() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = vae(Uncertainty::None);
    model.encoder = model.encoder.freeze();
    let before = [bits(&model.encoder), bits(&model.decoder)];
    let training = TrainingConfig::new(Objective::iwae(3)).with_epochs(1);
    let trained = training
        .fit(model, &grey(30), None, silent(dir.path()))
        .unwrap();
    assert!(bits(&trained.model.encoder) == before[0]);
    assert!(bits(&trained.model.decoder) != before[1]);
}

/// No checkpoint is written of an epoch that is not in the curve's file.
#[test]
fn a_run_that_cannot_write_its_curve_goes_on_later() {
    let dir = tempfile::tempdir().unwrap();
    let whole = fit(&small(), silent(dir.path().join("whole")));
    let parts = dir.path().join("parts");
    let [curve, aside] = ["curve.csv", "aside"].map(|name| parts.join(name));
    let run = silent(&parts).with_after_epoch({
        let (curve, aside) = (curve.clone(), aside.clone());
        move |epoch| {
            if epoch.epoch == 2 {
                fs::rename(&curve, &aside).unwrap();
                fs::create_dir_all(curve.join("in the way")).unwrap();
            }
            ControlFlow::Continue(())
        }
    });
    let model = vae(Uncertainty::EncoderAndDecoder);
    let fitted = small().fit(model, &grey(30), Some(&grey(13)), run);
    let error = fitted.map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("curve.csv"), "{error}");
    assert_eq!(silent(&parts).epochs_done().unwrap(), 2);

    fs::remove_dir_all(&curve).unwrap();
    fs::rename(&aside, &curve).unwrap();
    assert!(bits(&resume(&small(), &parts).model) == bits(&whole.model));
}

#[test]
fn damaged_files_of_a_run_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fit(&small().with_epochs(3), silent(dir));
    let refused = || {
        let model = vae(Uncertainty::EncoderAndDecoder);
        let run = silent(dir).with_resume(true);
        let trained = small().fit(model, &grey(30), Some(&grey(13)), run);
        trained.map(|_| ()).unwrap_err().to_string()
    };
    for part in ["model", "optim", "scheduler"] {
        let path = dir.join(format!("checkpoint/{part}-3.bpk"));
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        fs::write(&path, flipped).unwrap();
        let message = refused();
        assert!(
            message.contains(part) && message.contains("is damaged"),
            "{message}"
        );
        fs::write(&path, whole).unwrap();
    }
    let path = dir.join("curve.csv");
    let whole = fs::read_to_string(&path).unwrap();
    for cut in [whole.len() - 1, whole.len() - 2, whole.len() - 10] {
        fs::write(&path, &whole[..cut]).unwrap();
        let message = refused();
        assert!(
            message.contains("curve.csv") && message.contains("cut"),
            "{message}"
        );
    }
    // A digit of the second epoch's bound.
    let second = whole.find("\n2,").unwrap();
    let digit = second + whole[second..].find(",-").unwrap() + 2;
    let other = if whole.as_bytes()[digit] == b'7' {
        "8"
    } else {
        "7"
    };
    let mut changed = whole.clone();
    changed.replace_range(digit..digit + 1, other);
    fs::write(&path, changed).unwrap();
    let message = refused();
    assert!(
        message.contains("curve.csv") && message.contains("not what was written"),
        "{message}"
    );
    // Curves that end before the checkpoint, as of a copy that was put back. One checkpoint is
    // before the end of the second, none before that of the first.
    let before = fs::read_dir(dir.join("checkpoint")).unwrap().count();
    for (next, words) in [("\n1,", "cut"), ("\n2,", "epoch 1"), ("\n3,", "epoch 2")] {
        fs::write(&path, &whole[..=whole.find(next).unwrap()]).unwrap();
        let message = refused();
        assert!(
            message.contains("curve.csv") && message.contains(words),
            "{message}"
        );
        let after = fs::read_dir(dir.join("checkpoint")).unwrap().count();
        assert_eq!(after, before, "checkpoints are kept");
    }
    fs::write(&path, &whole).unwrap();
    let trained = resume(&small(), dir);
    let whole_run = fit(&small(), silent(dir.join("whole")));
    assert!(bits(&trained.model) == bits(&whole_run.model));
    assert_eq!(trained.curve.len(), 4);

    // Without any checkpoint such a curve is not thrown away.
    let moved = dir.join("moved");
    fs::rename(dir.join("checkpoint"), &moved).unwrap();
    let message = refused();
    assert!(
        message.contains("has had 4 epochs, but no checkpoint"),
        "{message}"
    );
    fs::rename(&moved, dir.join("checkpoint")).unwrap();

    // Parts of two checkpoints are no checkpoint.
    let [third, fourth] = [3, 4].map(|epoch| dir.join(format!("checkpoint/optim-{epoch}.bpk")));
    let kept = fs::read(&fourth).unwrap();
    fs::copy(&third, &fourth).unwrap();
    let message = refused();
    assert!(message.contains("another epoch"), "{message}");
    fs::copy(dir.join("whole/checkpoint/optim-4.bpk"), &fourth).unwrap();
    let message = refused();
    assert!(message.contains("another run"), "{message}");
    fs::copy(dir.join("checkpoint/scheduler-4.bpk"), &fourth).unwrap();
    let message = refused();
    assert!(
        message.contains("optim-4.bpk") && message.contains("another part"),
        "{message}"
    );
    fs::write(&fourth, kept).unwrap();

    // As the messages say: without the curve, and from an earlier checkpoint.
    for _ in 0..2 {
        fs::remove_file(&path).unwrap();
        fs::remove_file(dir.join("checkpoint/optim-4.bpk")).unwrap();
        let trained = resume(&small(), dir);
        let epochs: Vec<usize> = trained.curve.iter().map(|summary| summary.epoch).collect();
        assert_eq!(epochs, [4]);
    }
    fs::remove_file(&path).unwrap();
    assert!(resume(&small(), dir).curve.is_empty()); // there was nothing to do
    assert!(resume(&small(), dir).curve.is_empty());
}
