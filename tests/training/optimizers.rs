//! Optimizers and schedules of a user's own.

use super::*;
use burn::{
    lr_scheduler::exponential::ExponentialLrSchedulerConfig,
    optim::{SgdConfig, momentum::MomentumConfig},
};
use burn_bayes::train::OwnOptimizer;

fn sgd() -> OwnOptimizer {
    let config = SgdConfig::new().with_momentum(Some(MomentumConfig::new()));
    OwnOptimizer::new("SGD, momentum 0.9", config.init())
}

fn with(optimizer: OwnOptimizer) -> TrainingConfig {
    small().with_optimizer(Some(optimizer))
}

/// burn's Adam has the same rule.
#[test]
fn adam_as_burns_own_optimizer_learns_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let adam = burn::optim::AdamConfig::new().with_epsilon(1e-8).init();
    let ours = fit(&small(), silent(dir.path().join("ours")));
    let burns = fit(
        &with(OwnOptimizer::new("burn's Adam", adam)),
        silent(dir.path().join("burn")),
    );
    let first = fit(&small().with_epochs(1), silent(dir.path().join("first")));
    let loss = |trained: &Trained<Vae>| trained.curve.last().unwrap().train.loss();
    let learned = (loss(&first) - loss(&ours)).abs();
    // Roundings of some steps, a thousandth of what is learned in them.
    let apart = (loss(&ours) - loss(&burns)).abs();
    assert!(apart < 1e-3 * learned, "{apart} {learned}");
}

/// The optimizer's state is in the checkpoint.
#[test]
fn a_run_of_another_optimizer_is_resumed_to_the_bit() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, parts) = (dir.path().join("whole"), dir.path().join("parts"));
    let whole = fit(&with(sgd()), silent(&whole));
    fit(&with(sgd()).with_epochs(2), silent(&parts));
    let resumed = fit(&with(sgd()), silent(&parts).with_resume(true));
    assert!(bits(&whole.model) == bits(&resumed.model));
    let adam = fit(&small(), silent(dir.path().join("adam")));
    assert!(bits(&whole.model) != bits(&adam.model));

    let model = || vae(Uncertainty::EncoderAndDecoder);
    let run = || silent(&parts).with_resume(true);
    let error = small().fit(model(), &grey(30), Some(&grey(13)), run());
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("`optimizer`") && error.contains("SGD, momentum 0.9"),
        "{error}"
    );
}

/// A file has its name, and `fit` asks for the rest.
#[test]
fn settings_of_a_run_are_read_without_the_optimizer() {
    let dir = tempfile::tempdir().unwrap();
    fit(&with(sgd()).with_epochs(1), silent(dir.path()));
    let read = TrainingConfig::load(dir.path().join("training.json")).unwrap();
    assert_eq!(read, with(sgd()).with_epochs(1));
    let asked = read.validate().unwrap_err().to_string();
    assert!(asked.contains("only a name from a file"), "{asked}");
    assert!(read.with_optimizer(Some(sgd())).validate().is_ok());
}

#[test]
fn settings_that_an_optimizer_does_not_go_with_are_refused() {
    let read: TrainingConfig = serde_json::from_value(serde_json::json!(with(sgd()))).unwrap();
    assert_eq!(read, with(sgd()));
    for (training, named) in [
        (read, "only a name from a file"),
        (with(sgd()).with_weight_decay(0.1), "`weight_decay`"),
        (with(sgd()).with_adam_epsilon(1e-4), "`adam_epsilon`"),
    ] {
        let error = training.validate().unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn a_list_of_learning_rates_is_a_schedule() {
    let dir = tempfile::tempdir().unwrap();
    let burda = Schedule::Burda {
        learning_rate: 3e-3,
    };
    let learning_rates: Vec<f64> = (0..3).map(|epoch| burda.learning_rate(epoch, 1)).collect();
    let run = |name, schedule| {
        let run = silent(dir.path().join(name));
        fit(&small().with_schedule(schedule), run)
    };
    let listed = run(
        "listed",
        Schedule::Epochs {
            learning_rates: learning_rates.clone(),
        },
    );
    let burda = run("burda", burda);
    assert!(bits(&listed.model) == bits(&burda.model));
    let rates: Vec<f64> = listed
        .curve
        .iter()
        .map(|epoch| epoch.learning_rate)
        .collect();
    assert_eq!(rates[..3], learning_rates);
    assert_eq!(rates[3], rates[2]); // the last goes on
    for rates in [vec![], vec![1e-3, 0.0], vec![f64::NAN]] {
        let schedule = Schedule::Epochs {
            learning_rates: rates,
        };
        assert!(small().with_schedule(schedule).validate().is_err());
    }
}

/// The schedule counts steps, 4 an epoch, and a resumed run goes on in the middle of it.
#[test]
fn a_scheduler_of_burns_is_a_schedule() {
    let dir = tempfile::tempdir().unwrap();
    let halved = || ExponentialLrSchedulerConfig::new(1e-2, 0.5).init().unwrap();
    let training = small().with_schedule(Schedule::of_burn(halved(), 6));
    let whole = fit(&training, silent(dir.path().join("whole")));
    let rates = whole.curve.iter().map(|epoch| epoch.learning_rate);
    let first = halved().step().base();
    let expected = [0, 4, 5, 5].map(|step| first * 0.5f64.powi(step));
    for (rate, expected) in rates.zip(expected) {
        assert!((rate / expected - 1.0).abs() < 1e-12, "{rate}, {expected}");
    }
    let resumed = dir.path().join("resumed");
    fit(&training.clone().with_epochs(1), silent(&resumed));
    let resumed = fit(&training, silent(&resumed).with_resume(true));
    assert!(bits(&whole.model) == bits(&resumed.model));
    let none = small().with_schedule(Schedule::of_burn(halved(), 0));
    assert!(none.validate().is_err());
}
