//! The gradient in two passes against the one that burn computes from one graph.

mod estimators;
#[path = "../common/flat.rs"]
mod flat;
mod own_bound;
mod pruning;
mod wake;

use burn::{module::Param, optim::GradientsParams};
use burn_bayes::{
    Error, bound,
    bound::{Bound, LogWeightBound},
    gradient::{Estimator, Replay},
    prelude::*,
    train::Backward,
};
use flat::flat;
use std::cell::Cell;

const K: usize = 12;

fn vae(uncertainty: Uncertainty) -> Vae {
    VaeConfig::new(6, 3)
        .with_hidden(vec![7])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.2)
        .init(&Device::default().autodiff(), &mut Noise::seeded(1))
}

fn rows(count: usize) -> Tensor<2> {
    let device = Device::default().autodiff();
    let numbers = Noise::seeded(2).uniform([1, count, 6], &device);
    numbers.lower_elem(0.4).float().squeeze_dim(0)
}

fn noise() -> Noise {
    Noise::seeded(3).with_datapoints(&[11, 5, 900, 4])
}

fn joint<M: LatentVariableModel + Module>(
    model: &M,
    bound: fn(Tensor<2>) -> Tensor<1>,
    noise: &Noise,
) -> Vec<f64> {
    let log_weights = model.log_weights(rows(4), K, &mut noise.clone());
    let loss = -bound(log_weights.total()).mean();
    flat(model, &GradientsParams::from_grads(loss.backward(), model))
}

/// An entry adds up the terms of 48 samples in `f32`, and in another order: some dozen roundings of
/// 6e-8 of the largest.
fn assert_close(actual: &[f64], expected: &[f64]) {
    let size = expected.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
    assert!(size > 1e-3, "a gradient of nothing");
    for (actual, expected) in actual.iter().zip(expected) {
        let error = (actual - expected).abs();
        assert!(error < 1e-5 * size, "{actual}, expected {expected}");
    }
}

const MODELS: [Uncertainty; 3] = [
    Uncertainty::None,
    Uncertainty::Encoder,
    Uncertainty::EncoderAndDecoder,
];

#[test]
fn without_a_threshold_it_is_the_plain_gradient_in_any_chunks() {
    for uncertainty in MODELS {
        let model = vae(uncertainty);
        for (kind, bound) in [
            (Bound::Iwae, bound::iwae as fn(_) -> _),
            (Bound::Vae, bound::vae),
            (Bound::Renyi { alpha: 0.4 }, |weights| {
                bound::renyi(weights, 0.4)
            }),
            (Bound::Renyi { alpha: -2.0 }, |weights| {
                bound::renyi(weights, -2.0)
            }),
            (Bound::Renyi { alpha: 1.0 }, |weights| {
                bound::renyi(weights, 1.0)
            }),
            (Bound::VrMax, bound::vr_max),
            (Bound::Jackknife, bound::jackknife),
        ] {
            let expected = joint(&model, bound, &noise());
            for samples_per_chunk in [1, 5, K, 100] {
                let replay = Replay::new(K)
                    .with_bound(kind.clone())
                    .with_samples_per_chunk(samples_per_chunk);
                let replayed = replay.run(&model, rows(4), &mut noise());
                assert_close(&flat(&model, &replayed.gradients), &expected);
                assert_eq!(replayed.num_replayed, 4 * K);
            }
        }
    }
}

/// With a threshold below every share, all samples are chosen, and run by the path of chosen rows.
#[test]
fn chosen_rows_run_as_they_did_in_the_first_pass() {
    for uncertainty in MODELS {
        let model = vae(uncertainty);
        let expected = joint(&model, bound::iwae, &noise());
        let replay = Replay::new(K)
            .with_samples_per_chunk(5)
            .with_threshold(1e-12);
        let replayed = replay.run(&model, rows(4), &mut noise());
        assert_eq!(replayed.num_replayed, 4 * K);
        assert_close(&flat(&model, &replayed.gradients), &expected);
    }
}

#[test]
fn the_log_weights_are_those_of_one_pass() {
    let model = vae(Uncertainty::EncoderAndDecoder);
    let expected = model.log_weights(rows(4), K, &mut noise()).total();
    for threshold in [0.0, 0.3] {
        let mut noise = noise();
        let replay = Replay::new(K)
            .with_samples_per_chunk(5)
            .with_threshold(threshold);
        let actual = replay.run(&model, rows(4), &mut noise).log_weights.total();
        let difference = (expected.clone().inner() - actual).abs().max();
        // Sums of 12 terms, below 10 nats in all: some roundings of 1e-6.
        assert!(difference.into_scalar::<f32>() < 1e-5);
        // The model's split, and the roulette.
        assert_eq!(noise.num_draws(), if threshold == 0.0 { 1 } else { 2 });
    }
}

#[test]
fn the_objective_replays_with_the_weights_charged() {
    let model = vae(Uncertainty::EncoderAndDecoder);
    let objective = Objective::iwaeu(K, ChargedWeights::All);
    let (parts, gradients) = objective.gradients(&model, rows(4), Step::new(50), &mut noise());
    let expected = flat(&model, &gradients);
    let replayed = objective.with_backward(Backward::Replayed {
        samples_per_chunk: 5,
        threshold: 0.0,
    });
    let (same_parts, gradients) = replayed.gradients(&model, rows(4), Step::new(50), &mut noise());
    assert_close(&flat(&model, &gradients), &expected);
    let losses = [parts.loss(), same_parts.loss()].map(|loss| loss.into_scalar::<f32>());
    // About 10 nats: some roundings of 1e-6.
    assert!((losses[0] - losses[1]).abs() < 2e-5, "{losses:?}");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |error: Result<(), Error>, what: &str| {
        let message = error.unwrap_err().to_string();
        assert!(message.contains(what), "{message}");
    };
    refused(Replay::new(0).validate(), "`num_samples` is 0");
    refused(
        Replay::new(5).with_samples_per_chunk(0).validate(),
        "`samples_per_chunk` is 0",
    );
    refused(
        Replay::new(5).with_threshold(1.5).validate(),
        "`threshold` is 1.5",
    );
    refused(
        Replay::new(5).with_threshold(f64::NAN).validate(),
        "`threshold` is NaN",
    );
    let backward = Backward::Replayed {
        samples_per_chunk: 5,
        threshold: 0.0,
    };
    let objective = Objective::new(Bound::VaeAnalytic, 5).with_backward(backward);
    refused(objective.validate(), "closed form");
}

/// A model for which rows of zeros are impossible: all their weights are 0.
#[derive(Module, Debug)]
struct NoEmptyRows {
    inner: Vae,
}

impl NoEmptyRows {
    fn exclude(x: Tensor<2>, mut log_weights: LogWeights) -> LogWeights {
        let empty = x.sum_dim(1).equal_elem(0.0).swap_dims(0, 1);
        let empty = empty.expand(log_weights.log_likelihood.dims());
        log_weights.log_likelihood =
            (log_weights.log_likelihood).mask_fill(empty, f64::NEG_INFINITY);
        log_weights
    }
}

impl LatentVariableModel for NoEmptyRows {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let log_weights = self.inner.log_weights(x.clone(), num_samples, noise);
        Self::exclude(x, log_weights)
    }

    fn support(&self) -> Support {
        Support::Binary
    }
}

/// Such a datapoint has a bound of −∞ and no gradient, in one pass as in two; the others keep
/// theirs.
#[test]
fn impossible_datapoints_have_no_gradient() {
    let model = NoEmptyRows {
        inner: vae(Uncertainty::None),
    };
    let keep = Tensor::from_floats([[1.0], [0.0], [1.0], [1.0]], &Device::default().autodiff());
    let x = rows(4) * keep;
    let log_weights = model.log_weights(x.clone(), K, &mut noise()).total();
    let bound = bound::iwae(log_weights);
    let values: Vec<f32> = bound.clone().into_data().try_to_vec().unwrap();
    assert!(values[1] == f32::NEG_INFINITY && values[0].is_finite());
    let one_pass = flat(
        &model,
        &GradientsParams::from_grads((-bound.mean()).backward(), &model),
    );
    assert!(one_pass.iter().all(|gradient| gradient.is_finite()));
    for threshold in [0.0, 1e-9] {
        let replay = Replay::new(K).with_threshold(threshold);
        let replayed = replay.run(&model, x.clone(), &mut noise());
        assert_close(&flat(&model, &replayed.gradients), &one_pass);
    }
}

/// A model that counts how many samples it is asked for at once.
struct Counting {
    model: Vae,
    most: Cell<usize>,
}

impl LatentVariableModel for Counting {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        self.most.set(self.most.get().max(num_samples));
        self.model.log_weights(x, num_samples, noise)
    }

    fn support(&self) -> Support {
        self.model.support()
    }
}

/// An objective's backward pass is that of its settings.
#[test]
fn an_objective_leaves_samples_out_as_it_says() {
    let model = vae(Uncertainty::None);
    let of = |backward| {
        let objective = Objective::iwae(K).with_backward(backward);
        let (_, gradients) = objective.gradients(&model, rows(4), Step::new(10), &mut noise());
        flat(&model, &gradients)
    };
    let (samples_per_chunk, threshold) = (5, 0.5);
    let pruned = of(Backward::Replayed {
        samples_per_chunk,
        threshold,
    });
    let one = of(Backward::OneSample { samples_per_chunk });
    let replay = Replay::new(K).with_samples_per_chunk(samples_per_chunk);
    let run = |replay: Replay| flat(&model, &replay.run(&model, rows(4), &mut noise()).gradients);
    let all = run(replay.clone());
    let largest = all.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
    let apart = |a: &[f64], b: &[f64]| {
        let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        differences.fold(0.0, f64::max) / largest
    };
    // A GPU may fuse the same operations in another way, and round so.
    let threshold = run(replay.clone().with_threshold(threshold));
    assert!(apart(&pruned, &threshold) < 1e-5);
    assert!(apart(&one, &run(replay.with_one_sample(true))) < 1e-5);
    for (a, b) in [(&all, &pruned), (&all, &one), (&pruned, &one)] {
        assert!(apart(a, b) > 1e-2);
    }
}

/// Autodiff would give it the standard gradient, whatever the settings.
#[test]
fn a_loss_that_has_another_gradient_is_refused() {
    let model = vae(Uncertainty::None);
    for objective in [
        Objective::iwae(K).with_estimator(Estimator::DoublyReparameterized),
        Objective::iwae(K).with_backward(Backward::OneSample {
            samples_per_chunk: 5,
        }),
    ] {
        let evaluate = || objective.evaluate(&model, rows(4), Step::new(10), &mut noise());
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(evaluate)).unwrap_err();
        let message = panic.downcast_ref::<&str>().expect("a message");
        assert!(message.contains("call `Objective::gradients`"), "{message}");
        let plain =
            objective.evaluate(&model.valid(), rows(4).inner(), Step::new(10), &mut noise());
        let (parts, _) = objective.gradients(&model, rows(4), Step::new(10), &mut noise());
        let [plain, found] = [plain, parts].map(|parts| parts.bound.try_into_vec_as::<f64>());
        for (plain, found) in plain.unwrap().iter().zip(found.unwrap()) {
            assert!((plain - found).abs() < 1e-5, "{plain}, {found}");
        }
    }
}

/// Validation data are evaluated without gradients, in as little memory.
#[test]
fn values_alone_run_in_parts_too() {
    let model = Counting {
        model: vae(Uncertainty::EncoderAndDecoder).valid(),
        most: Cell::new(0),
    };
    let x = || rows(4).inner();
    let bound = |objective: Objective| {
        let parts = objective.evaluate(&model, x(), Step::new(10), &mut noise());
        parts.bound.try_into_vec_as::<f64>().unwrap()
    };
    let whole = bound(Objective::iwae(K));
    assert_eq!(model.most.replace(0), K);
    let threshold = 0.1;
    for backward in [
        Backward::Replayed {
            samples_per_chunk: 5,
            threshold,
        },
        Backward::OneSample {
            samples_per_chunk: 5,
        },
    ] {
        let parts = bound(Objective::iwae(K).with_backward(backward));
        assert_eq!(model.most.replace(0), 5);
        for (part, whole) in parts.iter().zip(&whole) {
            assert!((part - whole).abs() < 1e-5, "{part}, {whole}");
        }
    }
}
