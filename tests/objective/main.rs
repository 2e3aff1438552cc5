//! What changes in an objective while training goes on: its samples, its charges, its free bits.

#[path = "../common/bits.rs"]
mod bits;
#[path = "../common/flat.rs"]
mod flat;
mod free_bits;
mod sample_schedule;
mod warm_up;
mod weight_warm_up;

use burn_bayes::{
    objective::{ObjectiveParts, SampleSchedule, Step, WarmUp},
    prelude::*,
    train::{Backward, Bound, Run},
};
use flat::flat;

const K: usize = 6;
/// The fields that settings of earlier versions do not have.
const LATER: [&str; 6] = [
    "warm_up",
    "weight_warm_up",
    "sample_schedule",
    "free_bits",
    "weight_kl_estimate",
    "weight_draws",
];

fn vae() -> Vae {
    VaeConfig::new(6, 3)
        .with_hidden(vec![7])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(0.2)
        .init(&Device::default().autodiff(), &mut Noise::seeded(1))
}

fn x() -> Tensor<2> {
    let numbers = Noise::seeded(2).uniform([1, 4, 6], &Device::default().autodiff());
    numbers.lower_elem(0.4).float().squeeze_dim(0)
}

fn at(objective: &Objective, step: Option<u64>) -> (ObjectiveParts, Vec<f64>) {
    let model = vae();
    let step = match step {
        Some(number) => Step::new(100).with_number(number),
        None => Step::new(100),
    };
    let (parts, gradients) = objective.gradients(&model, x(), step, &mut Noise::seeded(3));
    (parts, flat(&model, &gradients))
}

fn value(tensor: Tensor<1>) -> f64 {
    tensor.without_autodiff().mean().into_scalar::<f32>().into()
}

fn assert_close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    let size = b.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < 1e-5 * size, "{a} {b}");
    }
}

fn replayed(objective: &Objective) -> Objective {
    objective.clone().with_backward(Backward::Replayed {
        samples_per_chunk: 4,
        threshold: 0.0,
    })
}

fn refused(objective: Objective, what: &str) {
    let error = objective.validate().unwrap_err().to_string();
    assert!(error.contains(what), "{error}");
}

/// 24 steps an epoch.
fn fit(objective: Objective, epochs: usize, dir: &std::path::Path) -> Vae {
    let numbers = (0..240).map(|i| (i % 5 % 2) as f32);
    let data = Datapoints::new("some", numbers.collect(), 6).unwrap();
    let training = TrainingConfig::new(objective)
        .with_epochs(epochs)
        .with_batch_size(10);
    let run = Run::new(dir).with_resume(true);
    let run = run.with_progress(Progress::Silent);
    let trained = training.fit(vae().valid(), &data, Some(&data), run);
    trained.unwrap().model
}

/// A run that is resumed in the middle of it goes on there, and another one comes to something
/// else.
fn resumes(objective: &Objective, plain: &Objective) {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let whole = fit(objective.clone(), 3, &dir.join("whole"));
    fit(objective.clone(), 1, &dir.join("parts"));
    let resumed = fit(objective.clone(), 3, &dir.join("parts"));
    assert!(bits::bits(&whole) == bits::bits(&resumed));
    let other = fit(plain.clone(), 3, &dir.join("plain"));
    assert!(bits::bits(&whole) != bits::bits(&other));
}

/// Settings of versions that did not know these fields.
#[test]
fn settings_of_earlier_versions_are_read() {
    let expected = Objective::iwaeu(7, ChargedWeights::All);
    let mut json = serde_json::json!(expected);
    for name in LATER {
        json.as_object_mut().unwrap().remove(name).unwrap();
        let read: Objective = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read, expected, "without {name}");
    }
    let told = Objective::new(Bound::Vae, 50)
        .with_warm_up(WarmUp::Linear { steps: 5 })
        .with_weight_warm_up(WarmUp::Cyclical {
            period: 3,
            cycles: 2,
        })
        .with_sample_schedule(SampleSchedule::until([(3, 1), (9, 5)]))
        .with_free_bits(Some(0.25));
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Objective>(&text).unwrap(), told);
}

/// A run's folder as an earlier version left it is resumed.
#[test]
fn a_run_of_an_earlier_version_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let objective = Objective::iwae(3);
    let whole = fit(objective.clone(), 2, &dir.path().join("whole"));
    let parts = dir.path().join("parts");
    fit(objective.clone(), 1, &parts);
    let path = parts.join("training.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let fields = json["objective"].as_object_mut().unwrap();
    for name in LATER {
        fields.remove(name).unwrap();
    }
    std::fs::write(&path, json.to_string()).unwrap();
    let resumed = fit(objective, 2, &parts);
    assert!(bits::bits(&whole) == bits::bits(&resumed));
}
