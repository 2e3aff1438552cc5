//! Latents: dead units, layers above the first, weights that all samples share.

use super::*;

/// A third unit with q(u | x) = N(0, 1) that the decoder ignores is found dead; without it nothing
/// changes.
#[test]
fn dead_units_are_found_and_cost_nothing() {
    let d = &device();
    let mut model = VaeConfig::new(2, 3)
        .with_hidden(vec![])
        .with_likelihood(Family::Normal(Scale::Fixed { std: 0.5 }))
        .init(d, &mut Noise::seeded(0));
    // Encoder rows are inputs; columns the means of units 0, 1, 2, then their log-variances.
    let encoder = vec![
        0.7, 0.0, 0.05, 0.0, 0.0, 0.0, //
        0.0, 0.0, 0.05, 0.0, 0.0, 0.0,
    ];
    model.encoder.network.layers = vec![linear(encoder, [2, 6], vec![0.0; 6], d)];
    let decoder = &mut model.decoder;
    let rows = vec![1.0, 0.0, 0.0, 0.0, 0.3, -0.3];
    decoder.network.layers = vec![linear(rows, [3, 2], vec![0.0; 2], d)];

    // Unit 0 has variance 0.49 · 1.25; unit 1 none; unit 2 0.0025 · (1.25 + 1): below the
    // threshold, yet used.
    let data = Datapoints::new("x", vec![0.5, 1.0, -0.5, -1.0, 1.5, 1.0, -1.5, -1.0], 2).unwrap();
    let settings = quiet(2000);
    let found = report(&model, &data, &settings).unwrap();
    let variances = &found.layers[0].variances;
    // Numbers of order 1 and 0.1 in `f32`.
    assert!((variances[0] - 0.49 * 1.25).abs() < 1e-6, "{variances:?}");
    assert_eq!(variances[1], 0.0);
    let u = [0.075, -0.075, 0.125, -0.125].map(|u: f64| u * u);
    assert!((variances[2] - u.iter().sum::<f64>() / 4.0).abs() < 1e-7);
    assert_eq!(found.layers[0].active(0.01), [0, 2]);
    assert_eq!(found.layers[0].inactive(0.02), [1, 2]);
    assert_eq!(found.layers[0].by_activity(), [0, 2, 1]);

    let again = found.without_inactive.expect("unit 1 is dead");
    assert_eq!(again.log_likelihood.values.len(), 4);
    assert!(again.difference.abs() < 1e-6);
    assert!(again.standard_error < 1e-6);

    // Without unit 2, p(x) is that of a model which never had it: along (0.3, −0.3) there is no
    // variance.
    let pruned = model.without_units(&[vec![1, 2]]).unwrap();
    let x = Tensor::from_floats([[0.5, 1.0]], d);
    let sampling = LogLikelihoodSettings {
        num_samples: 20000,
        ..Default::default()
    };
    let estimate = log_likelihood(&pruned, x, &sampling, &Noise::seeded(0)).unwrap();
    // x₁ ~ N(0, 1 + ¼), x₂ ~ N(0, ¼).
    let exact = -(std::f64::consts::TAU.ln())
        - 0.5 * (1.25f64.ln() + 0.25f64.ln())
        - 0.5 * (0.25 / 1.25 + 1.0 / 0.25);
    let error = estimate.monte_carlo_error();
    assert!(
        (estimate.mean() - exact).abs() < 5.0 * error + 1e-5,
        "{} {exact} {error}",
        estimate.mean()
    );
    assert!(error < 0.02);
}

/// For random layers too, units that are switched off have exactly the prior as posterior.
#[test]
fn units_of_random_layers_are_switched_off() {
    let model = model(Uncertainty::EncoderAndDecoder);
    let pruned = model.without_units(&[vec![1]]).unwrap();
    let x = binary_rows(5, 2).select(&[0, 1, 2, 3, 4], &device());
    let weights = pruned.log_weights(x.clone(), 4, &mut Noise::seeded(3));
    let proposal = &weights.latents[0].proposal;
    let largest = |tensor: Tensor<3>| tensor.abs().max().into_scalar::<f32>();
    assert!(largest(proposal.mean().narrow(2, 1, 1)) < 1e-6);
    assert!(largest(proposal.variance().log().narrow(2, 1, 1)) < 1e-6);
    let original = model.log_weights(x, 4, &mut Noise::seeded(3));
    let kept = original.latents[0].proposal.mean().narrow(2, 2, 1);
    assert_eq!(
        largest(proposal.mean().narrow(2, 2, 1) - kept),
        0.0,
        "the other units keep their noise"
    );
    let decoded = |unit: f32| {
        let z = Tensor::from_floats([[[0.3, unit, -0.2]]], &device());
        let logits = &pruned.decoder.network;
        logits.forward(z, 1, &mut Noise::seeded(4))
    };
    assert_eq!(largest(decoded(5.0) - decoded(-5.0)), 0.0);
}

/// Two stochastic layers of one unit: q(z₁ | x) = N(x, v), q(z₂ | z₁) = N(b z₁, w), p(z₂) = N(0,
/// 1), p(z₁ | z₂) = N(a z₂, s²), p(x | z₁) = N(z₁, 1).
#[derive(Module, Debug)]
struct TwoLayers {
    /// Tells the device.
    one: Param<Tensor<1>>,
}

const A: f64 = 0.8;
const B: f64 = 0.5;
const S2: f64 = 0.6;
const V: f64 = 0.3;
const W: f64 = 0.4;

impl LatentVariableModel for TwoLayers {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let like = |loc: Tensor<3>, variance: f64| {
            let variance = loc.ones_like().mul_scalar(variance);
            Normal::from_variance(loc, variance)
        };
        let x = x.unsqueeze_dim::<3>(0);
        let q1 = like(x.clone(), V);
        let (z1, log_q1) = q1.rsample_with_log_prob(num_samples, noise);
        let q2 = like(z1.clone().mul_scalar(B), W);
        let (z2, log_q2) = q2.rsample_with_log_prob(num_samples, noise);
        let p2 = Normal::standard_like(&z2);
        let p1 = like(z2.clone().mul_scalar(A), S2);
        let log_prior = p2.log_prob(z2.clone()) + p1.log_prob(z1.clone());
        LogWeights::new(
            like(z1.clone(), 1.0).log_prob(x),
            log_prior,
            log_q1 + log_q2,
        )
        .with_latent(q1, p1, z1)
        .with_latent(q2, p2, z2)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

fn two_layers() -> TwoLayers {
    TwoLayers {
        one: Param::from_tensor(Tensor::ones([1], &device())),
    }
}

/// The variance over rows of b z₁, z₁ = x + √v ε averaged over some samples, and 5 of its standard
/// errors, which by chance it is off once in 10⁶. Over n rows it scatters by
/// b² √((2 u² + 4 u s)/n), u being the variance of the average of √v ε, and s that of x.
fn activity(spread: f64, num_samples: f64, num_rows: f64) -> (f64, f64) {
    let u = V / num_samples;
    let error = ((2.0 * u * u + 4.0 * u * spread) / num_rows).sqrt();
    (B * B * (spread + u), 5.0 * B * B * error)
}

/// The KL of each layer and both kinds of activity, by hand.
#[test]
fn layers_above_the_first_are_told_apart() {
    let model = two_layers();
    let x: Vec<f32> = (0..50).map(|i| (i as f32 - 24.5) / 10.0).collect();
    let spread = x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / 50.0; // the mean is 0
    let data = Datapoints::new("x", x, 1).unwrap();
    let mut settings = quiet(2000);
    settings.sampling.samples_per_chunk = 300;
    let found = report(&model, &data, &settings).unwrap();

    // E log q(z₁|x) − log p(z₁|z₂), z₂ being drawn from z₁: z₁ − a z₂ = (1 − ab) z₁ − a√w ε, z₁ ~
    // N(x, v).
    let distance = (1.0 - A * B).powi(2) * (spread + V) + A * A * W;
    let kl1 = 0.5 * (S2 / V).ln() - 0.5 + 0.5 * distance / S2;
    let kl2 = 0.5 * (W - 1.0 - W.ln() + B * B * (spread + V));
    // For given x the log-ratios scatter by 1.12 and 0.68, by ε's fourth moments: 5 standard errors
    // of a mean of 10⁵ of them.
    let exact = [
        (kl1, 5.0 * 1.12 / 1e5f64.sqrt()),
        (kl2, 5.0 * 0.68 / 1e5f64.sqrt()),
    ];
    for (found, (expected, tolerance)) in found.parts.kl.iter().zip(exact) {
        assert!((found - expected).abs() < tolerance, "{found} {expected}");
    }
    // The same draws by two formulas, each off by some roundings of 1e-7.
    let sum = found.parts.kl[0] + found.parts.kl[1];
    assert!((found.parts.log_ratio - sum).abs() < 1e-5);

    let [first, second] = &found.layers[..] else {
        panic!("two layers")
    };
    // The means are x itself; sums are in `f64`.
    assert!((first.variances[0] - spread).abs() < 1e-12);
    assert!((first.single_draw_variances[0] - spread).abs() < 1e-12);
    let (expected, tolerance) = activity(spread, 2000.0, 50.0);
    assert!((second.variances[0] - expected).abs() < tolerance);
    assert!(found.without_inactive.is_none() && found.weights.is_empty());
}

/// One z₁ for each row adds its variance, the mean of two half of it. It takes many rows to see.
#[test]
fn a_single_draw_adds_the_variance_of_the_layer_below() {
    let x: Vec<f32> = (0..20_000)
        .map(|i| ((i % 50) as f32 - 24.5) / 10.0)
        .collect();
    let spread = x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / 20_000.0; // the mean is 0
    let data = Datapoints::new("x", x, 1).unwrap();
    let mut settings = quiet(2);
    settings.sampling.rows_per_chunk = 5000;
    let found = report(&two_layers(), &data, &settings).unwrap();
    let second = &found.layers[1];
    for (found, num_samples) in [
        (second.single_draw_variances[0], 1.0),
        (second.variances[0], 2.0),
    ] {
        let (expected, tolerance) = activity(spread, num_samples, 20_000.0);
        assert!(
            (found - expected).abs() < tolerance,
            "{found}, expected {expected} ± {tolerance}"
        );
    }
}

/// Weights that are the same for all samples, told once for each chunk.
#[derive(Module, Debug)]
struct Constant {
    /// Tells the device.
    one: Param<Tensor<1>>,
}

impl LatentVariableModel for Constant {
    fn log_weights(&self, x: Tensor<2>, _num_samples: usize, _noise: &mut Noise) -> LogWeights {
        let likelihood = x.sum_dim(1).transpose();
        let zero = likelihood.zeros_like();
        LogWeights::new(likelihood, zero.clone(), zero)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

#[test]
fn weights_that_are_told_once_count_for_all_samples() {
    let model = Constant {
        one: Param::from_tensor(Tensor::ones([1], &device())),
    };
    let data = Datapoints::new("x", vec![0.5, -2.0, 3.0], 1).unwrap();
    let mut settings = quiet(30);
    settings.sampling.samples_per_chunk = 7;
    let found = report(&model, &data, &settings).unwrap();
    let x = data.select(&[0, 1, 2], &device());
    let alone = log_likelihood(&model, x, &settings.sampling, &Noise::seeded(0)).unwrap();
    assert_eq!(found.log_likelihood, alone);
    assert_eq!(alone.effective_sample_sizes, [30.0; 3]);
    assert_eq!(alone.pareto_k, [0.0; 3]);
    assert_eq!(found.curve.len(), 3);
    for point in &found.curve {
        for (found, expected) in point.values.iter().zip([0.5, -2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{}", point.num_samples);
        }
    }
    // Training, too.
    let objective = |bound| Objective::new(bound, 5);
    for objective in [objective(Bound::Iwae), objective(Bound::Jackknife)] {
        let x = data.select(&[0, 1, 2], &device());
        let parts = objective.evaluate(&model, x, Step::new(3), &mut Noise::seeded(0));
        let found = [parts.effective_sample_size, parts.bound].map(numbers);
        let expected = [[5.0; 3], [0.5, -2.0, 3.0]];
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}

fn numbers(tensor: Tensor<1>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}
