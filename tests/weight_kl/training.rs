//! Trainings with an estimated charge, and what they print.

use super::{PRIOR, bits::bits, by_draws};
use burn_bayes::{
    objective::WeightKlEstimate,
    prelude::*,
    train::{Run, Trained},
};
use std::{fs, path::Path};

fn fit(prior: WeightPrior, estimate: WeightKlEstimate, epochs: usize, dir: &Path) -> Trained<Vae> {
    let model = VaeConfig::new(6, 3)
        .with_hidden(vec![7])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_weight_prior(prior)
        .init(&Device::default(), &mut Noise::seeded(1));
    let numbers = (0..240).map(|i| (i % 5 % 2) as f32);
    let data = Datapoints::new("some", numbers.collect(), 6).unwrap();
    let objective = Objective::iwaeu(3, ChargedWeights::All).with_weight_kl_estimate(estimate);
    let training = TrainingConfig::new(objective)
        .with_epochs(epochs)
        .with_batch_size(10)
        .with_schedule(Schedule::Constant {
            learning_rate: 1e-2,
        });
    let run = Run::new(dir).with_resume(true);
    let run = run.with_progress(Progress::Silent);
    training.fit(model, &data, Some(&data), run).unwrap()
}

#[test]
fn a_model_is_trained_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = |name: &str| folder.path().join(name);
    let whole = fit(PRIOR, by_draws(1), 8, &dir("whole"));
    let curve = &whole.curve;
    let loss = |epoch: usize| curve[epoch].valid.unwrap().loss();
    assert!(loss(7) < loss(0) - 1.0, "{} {}", loss(0), loss(7));
    assert!(curve.iter().all(|epoch| epoch.train.weight_kl_is_estimate));
    let text = fs::read_to_string(dir("whole").join("curve.csv")).unwrap();
    assert!(text.contains("train_weight_kl_monte_carlo,"), "{text}");

    fit(PRIOR, by_draws(1), 3, &dir("parts"));
    let resumed = fit(PRIOR, by_draws(1), 8, &dir("parts"));
    assert!(bits(&whole.model) == bits(&resumed.model));
    let by_bound = fit(PRIOR, WeightKlEstimate::ClosedForm, 8, &dir("bound"));
    assert!(bits(&whole.model) != bits(&by_bound.model));
    assert!(!by_bound.curve[0].train.weight_kl_is_estimate);
}

/// Nothing is estimated of what has a closed form, and nothing is said to be.
#[test]
fn a_closed_form_is_called_one() {
    let folder = tempfile::tempdir().unwrap();
    let prior = WeightPrior::default();
    let [by_draws, closed] = [
        ("draws", by_draws(2)),
        ("closed", WeightKlEstimate::ClosedForm),
    ]
    .map(|(name, estimate)| fit(prior, estimate, 1, &folder.path().join(name)));
    assert!(bits(&by_draws.model) == bits(&closed.model));
    assert!(!by_draws.curve[0].train.weight_kl_is_estimate);
}
