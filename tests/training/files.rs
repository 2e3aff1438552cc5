//! What a run writes, and how it goes on from there.

use super::*;
use burn::tensor::Bytes;
use burn_bayes::objective::{WarmUp, WeightKlEstimate};
use std::{
    ops::ControlFlow,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

#[test]
fn a_resumed_run_ends_as_one_that_was_never_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let [whole, parts] = ["whole", "parts"].map(|name| dir.path().join(name));
    let training = small();
    let expected = fit(&training, silent(&whole));

    // Resuming where there is nothing starts anew.
    let first = fit(
        &training.clone().with_epochs(2),
        silent(&parts).with_resume(true),
    );
    assert_eq!(first.curve.len(), 2);
    assert_ne!(bits(&first.model), bits(&expected.model));
    let second = fit(&training, silent(&parts).with_resume(true));
    let numbers = |trained: &Trained<Vae>| -> Vec<_> {
        let mut curve = trained.curve.clone();
        curve.iter_mut().for_each(|epoch| epoch.seconds = 0.0);
        curve
    };
    assert_eq!(numbers(&second), numbers(&expected));
    assert!(bits(&second.model) == bits(&expected.model));

    // There is nothing left to do; the file agrees.
    let csv = fs::read_to_string(parts.join("curve.csv")).unwrap();
    assert_eq!(csv.lines().count(), 5);
    let third = fit(&training, silent(&parts).with_resume(true));
    assert_eq!(numbers(&third), numbers(&expected));
    assert!(bits(&third.model) == bits(&expected.model));
}

#[test]
fn files_are_written_and_an_earlier_run_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("made/if/need/be");
    let training = small();
    let trained = fit(&training, silent(&dir));

    let mut names: Vec<String> = fs::read_dir(dir.join("checkpoint"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("model"))
        .collect();
    names.sort();
    assert!(
        names.ends_with(&["model-3.bpk".into(), "model-4.bpk".into()]),
        "{names:?}"
    );
    let config = VaeConfig::new(16, 3)
        .with_hidden(vec![24])
        .with_uncertainty(Uncertainty::EncoderAndDecoder);
    let loaded = config
        .load_weights(dir.join("checkpoint/model-4.bpk"), &Device::default())
        .unwrap();
    assert_eq!(bits(&loaded), bits(&trained.model));
    assert_eq!(
        TrainingConfig::load(dir.join("training.json")).unwrap(),
        training
    );

    let csv = fs::read_to_string(dir.join("curve.csv")).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("epoch,learning_rate,steps,seconds,train_bound,train_ess"));
    assert_eq!(lines.len(), 5);
    let rates: Vec<&str> = lines[1..]
        .iter()
        .map(|line| line.split(',').nth(1).unwrap())
        .collect();
    assert_eq!(rates, ["0.01", "0.0072", "0.0072", "0.0072"]);
    let left = fs::read_dir(&dir).unwrap().count();
    assert_eq!(left, 4, "training.json, curve.csv, checkpoint, .lock");

    let model = vae(Uncertainty::None);
    let other = dir.join("other");
    let nothing_to_charge = training
        .fit(model.clone(), &grey(30), None, silent(&other))
        .unwrap_err()
        .to_string();
    assert!(!other.exists());
    assert!(
        nothing_to_charge.contains("no such random weights"),
        "{nothing_to_charge}"
    );
    let training = TrainingConfig {
        objective: Objective::iwae(3),
        ..training
    };
    let refused = training
        .fit(model.clone(), &grey(30), None, silent(&dir))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains(dir.to_str().unwrap()) && refused.contains("Run::with_resume"),
        "{refused}"
    );
    assert_eq!(fs::read_to_string(dir.join("curve.csv")).unwrap(), csv);

    fs::write(dir.join("notes.txt"), "mine").unwrap();
    let training = training.with_epochs(1);
    let run = silent(&dir).with_overwrite(true).with_checkpoints(false);
    let trained = training.fit(model, &grey(30), None, run).unwrap();
    assert_eq!(
        (trained.curve[0].valid, trained.curve[0].train.weight_kl),
        (None, None)
    );
    assert_eq!(fs::read_dir(dir.join("checkpoint")).unwrap().count(), 0);
    assert!(dir.join("notes.txt").exists());
    assert!(!trained.model.devices()[0].is_autodiff());
}

#[test]
fn settings_survive_json() {
    let training = TrainingConfig {
        objective: Objective::new(Bound::VaeAnalytic, 2)
            .with_charged_weights(ChargedWeights::Decoder),
        ..small()
    };
    let same = TrainingConfig::load_binary(training.to_string().as_bytes()).unwrap();
    assert_eq!(same, training);
    assert_ne!(same, small());
}

/// Whether there are negative numbers among Adam's second moments, for each parameter.
fn negative_moments(path: &Path) -> Vec<bool> {
    let record = Bytes::from_bytes_vec(fs::read(path).unwrap());
    let tensors = burn_pack::Reader::from_bytes(record).unwrap();
    let mut negative = Vec::new();
    for tensor in tensors.into_tensors().unwrap() {
        let (name, _, _, _, bytes) = tensor.into_parts().unwrap();
        if name.ends_with("moment_2") {
            let numbers = bytes.chunks_exact(4);
            let mut numbers = numbers.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
            negative.push(numbers.any(|number| number < 0.0));
        }
    }
    negative
}

/// Second moments are means of squares. On a GPU they became other tensors' numbers when training
/// went on while they were written. Each epoch looks at the checkpoint of the one before, which is
/// complete by then.
#[test]
fn second_moments_in_checkpoints_are_not_negative() {
    let dir = tempfile::tempdir().unwrap();
    let (told, seen) = mpsc::channel();
    let folder = dir.path().join("checkpoint");
    let run = silent(dir.path()).with_after_epoch(move |epoch| {
        let before = folder.join(format!("optim-{}.bpk", epoch.epoch - 1));
        if epoch.epoch > 1 {
            told.send(negative_moments(&before)).unwrap();
        }
        ControlFlow::Continue(())
    });
    let trained = fit(&small().with_epochs(6), run);
    let last = dir.path().join("checkpoint/optim-6.bpk");
    let mut seen: Vec<Vec<bool>> = seen.try_iter().collect();
    seen.push(negative_moments(&last));
    assert_eq!((trained.curve.len(), seen.len()), (6, 6));
    for negative in seen {
        assert!(negative.len() >= 8, "{}", negative.len());
        assert!(negative.iter().all(|negative| !negative), "{negative:?}");
    }
}

/// The time of an epoch is that of its steps, not of what a caller does between epochs: it lies
/// between two calls.
#[test]
fn an_epoch_is_not_charged_for_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let (told, calls) = mpsc::channel();
    let run = silent(dir.path()).with_after_epoch(move |_| {
        let begun = Instant::now();
        thread::sleep(Duration::from_secs(2));
        told.send((begun, Instant::now())).unwrap();
        ControlFlow::Continue(())
    });
    let trained = fit(&small().with_epochs(2), run);
    let calls: Vec<_> = calls.try_iter().collect();
    let between = calls[1].0 - calls[0].1;
    let seconds = trained.curve[1].seconds;
    assert!(
        seconds > 0.0 && seconds <= between.as_secs_f64(),
        "{seconds}, {between:?}"
    );
}

/// A misspelled setting would be its default without a word.
#[test]
fn settings_in_a_file_are_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.json");
    let objective = Objective::iwaeu(3, ChargedWeights::Decoder).with_backward(Backward::Joint);
    let config = TrainingConfig::new(objective)
        .with_epochs(7)
        .with_patience(Some(2));
    let of_fields = TrainingConfig::new(
        Objective::renyi(0.5, 3)
            .with_backward(Backward::Replayed {
                samples_per_chunk: 3,
                threshold: 0.1,
            })
            .with_warm_up(WarmUp::Linear { steps: 2 })
            .with_weight_warm_up(WarmUp::Linear { steps: 3 })
            .with_charged_weights(ChargedWeights::All)
            .with_weight_kl_estimate(WeightKlEstimate::MonteCarlo { num_draws: 4 }),
    )
    .with_clipping(Clipping::Value { limit: 5.0 });
    of_fields.save(&path).unwrap();
    assert_eq!(TrainingConfig::load(&path).unwrap(), of_fields);
    let text = fs::read_to_string(&path).unwrap();
    for field in [
        "alpha",
        "threshold",
        "steps",
        "num_draws",
        "limit",
        "learning_rate",
    ] {
        let (old, new) = (format!("\"{field}\""), format!("\"more\": 1, \"{field}\""));
        assert!(text.contains(&old), "{text}");
        fs::write(&path, text.replacen(&old, &new, 1)).unwrap();
        let error = TrainingConfig::load(&path).unwrap_err().to_string();
        assert!(error.contains("unknown field `more`"), "{field}: {error}");
    }
    config.save(&path).unwrap();
    assert_eq!(TrainingConfig::load(&path).unwrap(), config);
    let text = fs::read_to_string(&path).unwrap();
    for (old, new, words) in [
        ("\"patience\"", "\"patiance\"", "`patiance`, which is not"),
        ("\"warm_up\"", "\"warmup\"", "`warmup`, which is not known"),
        ("\"num_samples\"", "\"samples\"", "`samples`, which is not"),
        ("\"epochs\": 7", "\"epochs\": 0", "`epochs` is 0"),
        ("{", "[", "training.json"),
    ] {
        assert!(text.contains(old), "{text}");
        fs::write(&path, text.replacen(old, new, 1)).unwrap();
        let error = TrainingConfig::load(&path).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    fs::write(&path, "{}").unwrap();
    let error = TrainingConfig::load(&path).unwrap_err().to_string();
    assert!(error.contains("missing field `objective`"), "{error}");
}
