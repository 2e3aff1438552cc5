//! The gradient in two passes against the one that burn computes from one graph.

use burn::{
    module::{ModuleVisitor, Param},
    optim::GradientsParams,
};
use burn_bayes::{
    Error, bound,
    bound::{Bound, LogWeightBound},
    gradient::Replay,
    prelude::*,
    train::Backward,
};

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

/// All gradients of a model, one after the other.
fn flat<M: Module>(model: &M, gradients: &GradientsParams) -> Vec<f64> {
    struct Collect<'a>(&'a GradientsParams, Vec<f64>);
    impl ModuleVisitor for Collect<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).expect("every parameter has one");
            self.1.extend(gradient.try_into_vec_as::<f64>().unwrap());
        }
    }
    let mut collect = Collect(gradients, Vec::new());
    model.visit(&mut collect);
    collect.1
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

/// A t-test of each entry: over many draws, pruned and exact gradients of the same noise differ by
/// nothing in the mean. At 4.5 standard errors one entry in 150 000 fails by chance; there are 700.
#[test]
fn pruning_has_no_bias() {
    // A GPU pays for each of many small operations.
    let on_processor = Device::default() == Device::flex();
    let num_draws = if on_processor { 1000 } else { 200 };
    for uncertainty in [Uncertainty::None, Uncertainty::EncoderAndDecoder] {
        for (kind, bound) in [
            (Bound::Iwae, bound::iwae as fn(_) -> _),
            (Bound::Vae, bound::vae),
        ] {
            let model = vae(uncertainty);
            let replay = Replay::new(K).with_threshold(0.3).with_bound(kind.clone());
            let mut num_replayed = 0;
            let mut moments = Vec::new();
            for draw in 0..num_draws {
                let noise = Noise::seeded(draw as u64);
                let exact = joint(&model, bound, &noise);
                let pruned = replay.run(&model, rows(4), &mut noise.clone());
                num_replayed += pruned.num_replayed;
                moments.resize(exact.len(), [0.0; 2]);
                let pairs = flat(&model, &pruned.gradients).into_iter().zip(exact);
                for ((pruned, exact), [sum, squares]) in pairs.zip(&mut moments) {
                    *sum += pruned - exact;
                    *squares += (pruned - exact).powi(2);
                }
            }
            // Most samples were left out, and it showed.
            assert!(num_replayed < num_draws * 4 * K / 2, "{num_replayed}");
            assert!(moments.iter().map(|[_, squares]| squares).sum::<f64>() > 0.1);
            let n = num_draws as f64;
            for [sum, squares] in moments {
                let mean = sum / n;
                let error = ((squares / n - mean * mean) / n).sqrt().max(1e-7);
                let t = mean / error;
                assert!(
                    t.abs() < 4.5,
                    "{t} standard errors, {uncertainty:?}, {kind:?}"
                );
            }
        }
    }
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// The bound of the docs: per datapoint the variance that pruning adds is Σ w̃ max(0, τ − w̃) ‖∇
/// log w‖².
///
/// Both sides are means over draws, good to 2 and 3 %. At 5 standard errors, the second's with 29
/// degrees of freedom, one seed in 10⁴ fails by chance.
#[test]
fn the_variance_is_what_the_derivation_says() {
    const DRAWS: usize = 600;
    const THRESHOLD: f64 = 0.4;
    let model = vae(Uncertainty::None);
    let (mut measured, mut predicted) = (Vec::new(), Vec::new());
    for draw in 0..DRAWS {
        let noise = Noise::seeded(draw as u64);
        let exact = joint(&model, bound::iwae, &noise);
        let replay = Replay::new(K).with_threshold(THRESHOLD);
        let pruned = replay.run(&model, rows(4), &mut noise.clone());
        let pruned = flat(&model, &pruned.gradients).into_iter();
        let squares = pruned.zip(&exact).map(|(p, e)| (p - e).powi(2));
        measured.push(squares.sum::<f64>());
        // The prediction needs every sample's gradient; a few draws give it well enough.
        if draw % 20 == 0 {
            let mut variance = 0.0;
            let log_weights = || model.log_weights(rows(4), K, &mut noise.clone()).total();
            let shares = bound::normalized_weights(log_weights());
            let shares: Vec<f64> = shares.try_into_vec_as().unwrap();
            for (i, share) in shares.into_iter().enumerate() {
                let one = log_weights()
                    .reshape([4 * K])
                    .narrow(0, i, 1)
                    .mul_scalar(0.25);
                let gradient = GradientsParams::from_grads(one.backward(), &model);
                let square: f64 = flat(&model, &gradient).iter().map(|g| g * g).sum();
                variance += share * (THRESHOLD - share).max(0.0) * square;
            }
            predicted.push(variance);
        }
    }
    let [(measured, one), (predicted, other)] = [measured, predicted].map(|v| mean_and_error(&v));
    let error = one.hypot(other);
    assert!(error < 0.05 * predicted, "{error} of {predicted}");
    assert!(
        (measured - predicted).abs() < 5.0 * error,
        "{measured}, expected {predicted} ± {error}"
    );
}

#[test]
fn the_objective_replays_with_the_weights_charged() {
    let model = vae(Uncertainty::EncoderAndDecoder);
    let objective = Objective::iwaeu(K, ChargedWeights::All);
    let (parts, gradients) = objective.gradients(&model, rows(4), 50, &mut noise());
    let expected = flat(&model, &gradients);
    let replayed = objective.with_backward(Backward::Replayed {
        samples_per_chunk: 5,
        threshold: 0.0,
    });
    let (same_parts, gradients) = replayed.gradients(&model, rows(4), 50, &mut noise());
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

/// The Rényi bound of order 2, −log (1/k) Σ 1/wᵢ: shares are those of 1/w.
#[derive(Debug)]
struct RenyiTwo {
    shares: Option<f64>,
}

impl LogWeightBound for RenyiTwo {
    fn name(&self) -> String {
        "Rényi, α = 2".into()
    }

    fn value(&self, log_weights: Tensor<2>) -> Tensor<1> {
        bound::log_mean_exp(-log_weights).neg()
    }

    fn shares(&self, log_weights: Tensor<2>) -> Tensor<2> {
        let shares = bound::normalized_weights(-log_weights);
        shares.mul_scalar(self.shares.unwrap_or(1.0))
    }
}

/// The same, its shares left to autodiff.
#[derive(Debug)]
struct WithoutShares;

impl LogWeightBound for WithoutShares {
    fn name(&self) -> String {
        "Rényi, α = 2".into()
    }

    fn value(&self, log_weights: Tensor<2>) -> Tensor<1> {
        bound::log_mean_exp(-log_weights).neg()
    }
}

#[test]
fn a_bound_of_ones_own_is_replayed() {
    let model = vae(Uncertainty::EncoderAndDecoder);
    let renyi = |log_weights: Tensor<2>| bound::log_mean_exp(-log_weights).neg();
    let expected = joint(&model, renyi, &noise());
    for own in [
        Bound::own(RenyiTwo { shares: None }),
        Bound::own(WithoutShares),
    ] {
        let objective = Objective::new(own, K);
        let replayed = objective.clone().with_backward(Backward::Replayed {
            samples_per_chunk: 5,
            threshold: 0.0,
        });
        for objective in [objective, replayed] {
            objective.validate().unwrap();
            objective.check_shares(&Device::default()).unwrap();
            let (parts, gradients) = objective.gradients(&model, rows(4), 50, &mut noise());
            assert_close(&flat(&model, &gradients), &expected);
            let log_weights = model.log_weights(rows(4), K, &mut noise()).total();
            let difference = (parts.bound - renyi(log_weights)).abs().max();
            assert!(difference.into_scalar::<f32>() < 1e-5);
        }
    }
}

#[test]
fn shares_that_are_not_the_derivatives_are_named() {
    let objective = Objective::new(Bound::own(RenyiTwo { shares: Some(1.1) }), K);
    let replayed = objective.clone().with_backward(Backward::Replayed {
        samples_per_chunk: 5,
        threshold: 0.0,
    });
    objective.check_shares(&Device::default()).unwrap(); // they are not asked for
    let message = replayed
        .check_shares(&Device::default())
        .unwrap_err()
        .to_string();
    for words in [
        "Rényi, α = 2",
        "are not its derivatives",
        "by autodiff",
        "leave `shares` out",
    ] {
        assert!(message.contains(words), "{message}");
    }
}

/// A file has the name of a bound of one's own, no more.
#[test]
fn a_bound_of_ones_own_is_its_name_in_settings() {
    let objective = Objective::new(Bound::own(WithoutShares), 3);
    let text = objective.to_string();
    assert!(text.contains("Rényi, α = 2"), "{text}");
    let read = Objective::load_binary(text.as_bytes()).unwrap();
    assert_eq!(read, objective);
    let message = read.validate().unwrap_err().to_string();
    assert!(message.contains("Bound::own"), "{message}");
    assert_ne!(read, Objective::iwae(3));
}

/// Negative shares are as large as positive ones: pruning has no bias for them either. The bound is
/// twice the mean of the log-weights less the log-mean-exp.
#[test]
fn pruning_of_negative_shares_has_no_bias() {
    #[derive(Debug)]
    struct Difference;
    impl LogWeightBound for Difference {
        fn name(&self) -> String {
            "2 VAE − IWAE".into()
        }

        fn value(&self, log_weights: Tensor<2>) -> Tensor<1> {
            bound::vae(log_weights.clone()).mul_scalar(2.0) - bound::iwae(log_weights)
        }
    }
    let model = vae(Uncertainty::None);
    let value = |log_weights| Difference.value(log_weights);
    let replay = Replay::new(K)
        .with_threshold(0.3)
        .with_bound(Bound::own(Difference));
    let mut sums: Vec<[f64; 2]> = Vec::new();
    let n = 300;
    for draw in 0..n {
        let noise = Noise::seeded(draw);
        let exact = joint(&model, value, &noise);
        let pruned = replay.run(&model, rows(4), &mut noise.clone());
        sums.resize(exact.len(), [0.0; 2]);
        for ((a, b), [sum, squares]) in flat(&model, &pruned.gradients)
            .into_iter()
            .zip(exact)
            .zip(&mut sums)
        {
            *sum += a - b;
            *squares += (a - b).powi(2);
        }
    }
    // As in `pruning_has_no_bias`.
    for [sum, squares] in sums {
        let mean = sum / n as f64;
        let error = ((squares / n as f64 - mean * mean) / n as f64)
            .sqrt()
            .max(1e-7);
        assert!((mean / error).abs() < 4.5, "{}", mean / error);
    }
}
