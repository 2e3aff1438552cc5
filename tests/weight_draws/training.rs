//! Trainings whose steps share draws of weights.

use super::{bits::bits, shared};
use burn_bayes::{
    prelude::*,
    train::{Run, Trained},
};
use std::path::Path;

fn training(objective: Objective, epochs: usize) -> TrainingConfig {
    TrainingConfig::new(objective)
        .with_epochs(epochs)
        .with_batch_size(10)
        .with_schedule(Schedule::Constant {
            learning_rate: 1e-2,
        })
}

fn fit(training: &TrainingConfig, dir: &Path) -> Trained<Vae> {
    let model = VaeConfig::new(6, 3)
        .with_hidden(vec![7])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .init(&Device::default(), &mut Noise::seeded(1));
    let numbers = (0..240).map(|i| (i % 5 % 2) as f32);
    let data = Datapoints::new("some", numbers.collect(), 6).unwrap();
    let run = Run::new(dir).with_resume(true);
    let run = run.with_progress(Progress::Silent);
    training.fit(model, &data, Some(&data), run).unwrap()
}

fn loss(trained: &Trained<Vae>, epoch: usize) -> f64 {
    trained.curve[epoch].valid.unwrap().loss()
}

/// The loss falls, and a run that is resumed comes to the same weights.
#[test]
fn a_model_is_trained_and_resumed() {
    let charged = Objective::iwaeu(3, ChargedWeights::Decoder);
    for objective in [
        Objective::black_box_alpha_by_sites(0.5, 2, 3),
        charged.with_weight_draws(shared(2, 0.0)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let dir = |name: &str| folder.path().join(name);
        let whole = fit(&training(objective.clone(), 20), &dir("whole"));
        assert!(
            loss(&whole, 19) < loss(&whole, 0) - 1.0,
            "{:?}",
            whole.curve
        );
        fit(&training(objective.clone(), 3), &dir("parts"));
        let resumed = fit(&training(objective.clone(), 20), &dir("parts"));
        assert!(bits(&whole.model) == bits(&resumed.model));
    }
}

/// Parts of a batch meet the weights of the whole: losses are the same up to rounding.
#[test]
fn a_batch_in_parts_has_the_same_draws() {
    let objective = Objective::black_box_alpha_by_sites(0.5, 2, 3);
    let folder = tempfile::tempdir().unwrap();
    let whole = training(objective, 2);
    let parts = whole.clone().with_rows_per_chunk(Some(3));
    let [whole, parts] = [("whole", whole), ("parts", parts)]
        .map(|(name, training)| fit(&training, &folder.path().join(name)));
    for epoch in 0..2 {
        let (a, b) = (loss(&whole, epoch), loss(&parts, epoch));
        assert!((a - b).abs() < 1e-3, "{a} {b}");
    }
}
