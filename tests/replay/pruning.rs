//! What is left out of a pruned gradient: nothing in the mean, and a known variance.

use super::*;
use burn_bayes::gradient::Estimator;

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

/// Half of all samples are impossible, whatever the parameter, and have no gradient.
#[derive(Module, Debug)]
struct HalfImpossible {
    weight: Param<Tensor<1>>,
}

impl LatentVariableModel for HalfImpossible {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let [batch, _] = x.dims();
        let z = noise.normal([num_samples, batch, 1], &x.device());
        let z: Tensor<2> = z.squeeze_dim(2);
        let zeros = z.zeros_like();
        let levels = zeros
            .clone()
            .mask_fill(z.lower_elem(0.0), f64::NEG_INFINITY);
        let log_likelihood = levels * self.weight.val().unsqueeze();
        LogWeights::new(log_likelihood, zeros.clone(), zeros)
    }

    fn support(&self) -> Support {
        Support::Binary
    }
}

/// Something is run again, so that there is a gradient, but nothing whose gradient is infinite.
#[test]
fn where_all_are_left_out_a_possible_sample_counts_nothing() {
    let model = HalfImpossible {
        weight: Param::from_tensor(Tensor::ones([1], &Device::default().autodiff())),
    };
    let replay = Replay::new(4).with_threshold(1.0);
    let mut none = 0;
    for seed in 0..60 {
        let mut noise = Noise::seeded(seed);
        let replayed = replay.run(&model, rows(1), &mut noise);
        let possible = replayed.log_weights.total().max().into_scalar::<f32>() == 0.0;
        let gradient = flat(&model, &replayed.gradients);
        if possible {
            assert_eq!(gradient, [0.0], "seed {seed}");
            none += usize::from(replayed.num_replayed == 1);
        }
    }
    assert!(none > 10, "{none}");
}

/// One sample of each datapoint: along a direction, the mean over many draws is the plain gradient
/// to 4.9 standard errors. For shares of both signs, too, and by DReG.
#[test]
fn one_sample_of_each_datapoint_has_no_bias() {
    let on_processor = Device::default() == Device::flex();
    let draws = if on_processor { 2000 } else { 40 };
    let model = vae(Uncertainty::None);
    let project = |gradients: &GradientsParams| {
        let gradient = flat(&model, gradients);
        let terms = gradient.iter().enumerate();
        terms.map(|(i, g)| (i as f64 * 1.3).sin() * g).sum::<f64>()
    };
    for (bound, estimator) in [
        (Bound::Iwae, Estimator::Standard),
        (Bound::Iwae, Estimator::DoublyReparameterized),
        (Bound::Renyi { alpha: 0.5 }, Estimator::Standard),
        (Bound::Jackknife, Estimator::Standard),
    ] {
        let replay = Replay::new(K)
            .with_bound(bound.clone())
            .with_estimator(estimator);
        let exact = project(&replay.run(&model, rows(4), &mut noise()).gradients);
        let single = replay.with_one_sample(true);
        let found: Vec<f64> = (0..draws)
            .map(|draw| {
                let replayed = single.run(&model, rows(4), &mut noise().fork(draw));
                assert_eq!(replayed.num_replayed, 4);
                // The same samples, all of them.
                let plain = single.clone().with_one_sample(false);
                let plain = plain.run(&model, rows(4), &mut noise().fork(draw));
                project(&replayed.gradients) - project(&plain.gradients)
            })
            .collect();
        let mean = found.iter().sum::<f64>() / draws as f64;
        let variance = found.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / (draws - 1) as f64;
        let error = (variance / draws as f64).sqrt();
        // So few draws as on a GPU find a gross mistake alone.
        let fine = error < 0.2 * exact.abs().max(0.1) || !on_processor;
        assert!(
            mean.abs() < 4.9 * error && fine,
            "{bound:?}, {estimator:?}: {mean}, standard error {error}, exact {exact}"
        );
    }
    // The largest weight's sample is the only one that counts in VR-max.
    let largest = Replay::new(K).with_bound(Bound::VrMax);
    let all = project(&largest.run(&model, rows(4), &mut noise()).gradients);
    let one = largest
        .with_one_sample(true)
        .run(&model, rows(4), &mut noise());
    assert!((project(&one.gradients) - all).abs() < 1e-5 * all.abs().max(1.0));
}
