//! Uncertainty taken apart, on models where every part is known.

mod common;

use burn::module::Param;
use burn_bayes::{
    evaluate::{PredictiveVariance, auroc, predictive_variance, scores},
    model::Reconstruct,
    prelude::*,
};
use common::linear;

fn device() -> Device {
    Device::default()
}

const MEAN_WEIGHT: f64 = 1.5;
const WEIGHT_STD: f64 = 0.5;
const LATENT_VARIANCE: f64 = 0.2;
const PIXEL_STD: f64 = 0.3;

/// q(z | x) = N(x, v), x' = W z + noise with W ~ N(m, s²), or W = m.
fn model(random: bool) -> Vae {
    let d = &device();
    let mut model = VaeConfig::new(1, 1)
        .with_hidden(vec![])
        .with_likelihood(Family::Normal(Scale::Fixed { std: PIXEL_STD }))
        .init(d, &mut Noise::seeded(0));
    let bias = vec![0.0, LATENT_VARIANCE.ln()];
    model.encoder.network.layers = vec![linear(vec![1.0, 0.0], [1, 2], bias, d)];
    let decoder = &mut model.decoder;
    let mut layer = BayesianLinearConfig::new(1, 1)
        .with_bias(false)
        .with_initial_std(WEIGHT_STD)
        .init(d, &mut Noise::seeded(0));
    layer.weight_loc = Param::from_tensor(Tensor::from_floats([[MEAN_WEIGHT as f32]], d));
    decoder.network.layers = vec![match random {
        true => Dense::Bayesian(layer),
        false => linear(vec![MEAN_WEIGHT], [1, 1], vec![0.0], d),
    }];
    model
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// With z ~ N(x, v) and W ~ N(m, s²): the weights' part is s² x², the latents' (m² + s²) v, the
/// pixels' σ²; together they are the variance of W z + noise, m² v + s² x² + s² v + σ². Few draws,
/// often repeated: an estimate that is biased shows.
#[test]
fn the_parts_are_those_computed_by_hand() {
    let x = Tensor::<2>::from_floats([[2.0], [-1.0]], &device());
    let model = model(true);
    let estimate = |seed| predictive_variance(&model, x.clone(), 5, 3, &mut Noise::seeded(seed));
    let (s2, m2, v) = (WEIGHT_STD.powi(2), MEAN_WEIGHT.powi(2), LATENT_VARIANCE);
    let exact = [2.0f64, -1.0].map(|x| {
        [
            s2 * x * x,
            (m2 + s2) * v,
            PIXEL_STD.powi(2),
            m2 * v + s2 * x * x + s2 * v + PIXEL_STD.powi(2),
            MEAN_WEIGHT * x,
        ]
    });
    check_parts(estimate, &exact);
}

/// Each row's parts, their sum and the mean have these expectations.
fn check_parts(estimate: impl Fn(u64) -> PredictiveVariance, exact: &[[f64; 5]]) {
    let parts: Vec<[Vec<f64>; 5]> = (0..400)
        .map(|seed| {
            let parts = estimate(seed);
            let total = parts.total();
            [
                parts.from_weights,
                parts.from_latents,
                parts.from_likelihood,
                total,
                parts.mean,
            ]
            .map(|tensor| tensor.into_data().iter::<f64>().collect())
        })
        .collect();
    for (row, exact) in exact.iter().enumerate() {
        for (part, exact) in exact.iter().enumerate() {
            let values: Vec<f64> = parts.iter().map(|parts| parts[part][row]).collect();
            let (mean, error) = mean_and_error(&values);
            assert!(
                (mean - exact).abs() < 5.0 * error + 1e-6,
                "part {part} of row {row}: {mean} ± {error}, exact {exact}"
            );
            assert!(error < 0.1 * exact.abs() + 1e-6);
        }
    }
}

/// With covariates: z ~ N(x + a c, v), x' = W z + b c + noise. So z has the mean x + a c where it
/// had x, and x' the mean m (x + a c) + b c.
#[test]
fn covariates_shift_the_parts() {
    let (d, a, b) = (&device(), 0.5, -0.7);
    let mut model = VaeConfig::new(1, 1)
        .with_hidden(vec![])
        .with_likelihood(Family::Normal(Scale::Fixed { std: PIXEL_STD }))
        .init_conditional(1, d, &mut Noise::seeded(0));
    // x, then c; mean, then log-variance.
    let bias = vec![0.0, LATENT_VARIANCE.ln()];
    let up = linear(vec![1.0, 0.0, a, 0.0], [2, 2], bias, d);
    model.vae.encoder.network.layers = vec![up];
    let mut layer = BayesianLinearConfig::new(2, 1)
        .with_bias(false)
        .init(d, &mut Noise::seeded(0));
    let column = |numbers: [f64; 2]| {
        let numbers = numbers.map(|number| [number as f32]);
        Param::from_tensor(Tensor::<2>::from_floats(numbers, d))
    };
    layer.weight_loc = column([MEAN_WEIGHT, b]);
    // The deviation of b is e^-40.
    layer.weight_log_variance = column([2.0 * WEIGHT_STD.ln(), -80.0]);
    model.vae.decoder.network.layers = vec![Dense::Bayesian(layer)];
    let (x, c) = ([2.0, -1.0], [1.0, -1.0]);
    let rows = |numbers: [f64; 2]| Tensor::<2>::from_floats(numbers.map(|x| [x as f32]), d);
    let estimate = |seed| {
        let pairs = (rows(c), rows(x));
        predictive_variance(&model, pairs, 5, 3, &mut Noise::seeded(seed))
    };
    let (s2, m2, v) = (WEIGHT_STD.powi(2), MEAN_WEIGHT.powi(2), LATENT_VARIANCE);
    let exact = [0, 1].map(|row| {
        let z = x[row] + a * c[row];
        let [weights, latent, pixel] = [s2 * z * z, (m2 + s2) * v, PIXEL_STD.powi(2)];
        let total = weights + latent + pixel;
        [weights, latent, pixel, total, MEAN_WEIGHT * z + b * c[row]]
    });
    check_parts(estimate, &exact);
}

/// Pixels are 0 or 1. So their whole variance is m(1 − m), m being the mean over n draws of z, and
/// the unbiased estimate adds 1/n of the latents' part.
#[test]
fn a_ladder_has_parts_that_add_up() {
    const LATENTS: usize = 30;
    let layers = vec![
        Latents::new(3).with_hidden(vec![6]),
        Latents::new(2).with_hidden(vec![5]),
    ];
    let model = LadderConfig::new(4, layers).init(&device(), &mut Noise::seeded(1));
    let x = Tensor::<2>::from_floats([[1.0, 0.0, 1.0, 1.0], [0.0; 4]], &device());
    let parts = predictive_variance(&model, x.clone(), 2, LATENTS, &mut Noise::seeded(2));
    let numbers = |tensor: Tensor<2>| tensor.into_data().iter::<f64>().collect::<Vec<_>>();
    let means = numbers(parts.mean.clone());
    let [latents, total] = [parts.from_latents.clone(), parts.total()].map(numbers);
    assert!(
        numbers(parts.from_weights)
            .iter()
            .all(|weights| *weights == 0.0)
    );
    // The latents' noise is the second part; the spread of means by a loop.
    let [_, mut noise] = Noise::seeded(2).split();
    let draws = model.reconstruct(x, LATENTS, &mut noise);
    let draws: Vec<f64> = draws.into_data().iter::<f64>().collect();
    for i in 0..8 {
        let of_cell: Vec<f64> = draws.iter().skip(i).step_by(8).copied().collect();
        let (mean, error) = mean_and_error(&of_cell);
        let spread = error * error * LATENTS as f64;
        // Numbers of f32 below 1.
        assert!((means[i] - mean).abs() < 1e-6 && (latents[i] - spread).abs() < 1e-6);
        let expected = mean * (1.0 - mean) + spread / LATENTS as f64;
        assert!(
            (total[i] - expected).abs() < 1e-6,
            "{} {expected}",
            total[i]
        );
        assert!(spread > 1e-6);
    }
}

#[test]
fn fixed_weights_have_no_part() {
    let x = Tensor::<2>::from_floats([[2.0]], &device());
    let parts = predictive_variance(&model(false), x, 3, 2000, &mut Noise::seeded(1));
    let number = |tensor: Tensor<2>| tensor.into_scalar::<f32>();
    assert_eq!(number(parts.from_weights.clone()), 0.0);
    let latent = MEAN_WEIGHT.powi(2) * LATENT_VARIANCE;
    // A variance from 2000 draws is good to √(2/2000) = 3 %; 5 of these.
    assert!((f64::from(number(parts.from_latents.clone())) / latent - 1.0).abs() < 0.15);
    assert!((f64::from(number(parts.mean)) - 3.0).abs() < 5.0 * (latent / 2000.0).sqrt());
}

/// A drawn model has the layer's law: over draws, its one weight has mean m and deviation s; and
/// one draw is one weight for all rows and samples.
#[test]
fn a_draw_of_the_weights_is_shared() {
    let random = model(true);
    let weights: Vec<f64> = (0..2000)
        .map(|seed| {
            let drawn = random.sample_weights(&mut Noise::seeded(seed)).unwrap();
            assert!(drawn.weight_kl().is_none());
            let z = Tensor::<3>::ones([2, 3, 1], &device());
            let out = drawn.decode(z, &mut Noise::seeded(9)).mean().into_data();
            let out: Vec<f64> = out.iter().collect();
            assert!(out.iter().all(|&value| value == out[0]));
            out[0]
        })
        .collect();
    let (mean, error) = mean_and_error(&weights);
    assert!((mean - MEAN_WEIGHT).abs() < 5.0 * error);
    let std = error * 2000f64.sqrt();
    assert!((std / WEIGHT_STD - 1.0).abs() < 0.08); // 5/√(2 · 2000)
    assert!(model(false).sample_weights(&mut Noise::seeded(0)).is_none());
}

/// x' = w z + b + noise of deviation 1, z ~ N(0, 1), with q(z | x) = N(0, 1) and b ~ N(1, s²).
fn shifted(weight: f32, bias_std: f64) -> Vae {
    let d = &device();
    let mut model = VaeConfig::new(1, 1)
        .with_hidden(vec![])
        .with_likelihood(Family::Normal(Scale::Fixed { std: 1.0 }))
        .init(d, &mut Noise::seeded(0));
    model.encoder.network.layers = vec![linear(vec![0.0; 2], [1, 2], vec![0.0; 2], d)];
    let decoder = &mut model.decoder;
    let mut layer = BayesianLinearConfig::new(1, 1)
        .with_initial_std(bias_std)
        .init(d, &mut Noise::seeded(0));
    layer.weight_loc = Param::from_tensor(Tensor::from_floats([[weight]], d));
    // The weight's deviation is e^-40.
    layer.weight_log_variance = Param::from_tensor(Tensor::from_floats([[-80.0]], d));
    layer.bias_loc = Some(Param::from_tensor(Tensor::from_floats([1.0], d)));
    decoder.network.layers = vec![Dense::Bayesian(layer)];
    model
}

fn settings(num_samples: usize) -> LogLikelihoodSettings {
    LogLikelihoodSettings {
        num_samples,
        ..Default::default()
    }
}

/// The latent is of no use and its proposal its posterior, so log p̂(x | b) is log N(x; b, 1) for
/// any number of samples, to a few roundings of 6e-8 of at most 10 nats.
#[test]
fn scores_are_log_likelihoods_under_draws_of_the_weights() {
    let x = [2.0, -1.0, 4.0f32];
    let rows = Tensor::<2>::from_floats(x.map(|x| [x]), &device());
    let (random, noise) = (shifted(0.0, 0.5), Noise::seeded(3));
    let found = scores(&random, rows.clone(), 4, &settings(7), &noise).unwrap();
    let [weights, _] = noise.clone().split();
    let biases = [0, 1, 2, 3].map(|draw| {
        let drawn = random.sample_weights(&mut weights.fork(draw)).unwrap();
        let z = Tensor::<3>::zeros([1, 1, 1], &device());
        let mean = drawn.decode(z, &mut Noise::seeded(9)).mean();
        mean.into_data().iter::<f64>().next().unwrap()
    });
    assert!(biases.windows(2).all(|pair| pair[0] != pair[1]));
    for (row, x) in x.into_iter().enumerate() {
        let log_prob = |b: f64| -0.5 * ((f64::from(x) - b).powi(2) + std::f64::consts::TAU.ln());
        let values = biases.map(log_prob);
        let expected = (values.iter().map(|value| value.exp()).sum::<f64>() / 4.0).ln();
        assert!((found.log_likelihood[row] - expected).abs() < 5e-6);
        let (_, error) = mean_and_error(&values);
        assert!((found.disagreement[row] - 2.0 * error).abs() < 5e-6);
    }
    // One draw agrees with itself, which says nothing.
    let single = scores(&random, rows, 1, &settings(7), &noise).unwrap();
    assert!(single.disagreement.iter().all(|value| value.is_nan()));
    assert!(single.log_likelihood.iter().all(|value| value.is_finite()));
    let none = scores(
        &random,
        Tensor::<2>::ones([1, 1], &device()),
        0,
        &settings(7),
        &noise,
    );
    let message = none.unwrap_err().to_string();
    assert!(message.contains("num_weight_draws"), "{message}");
}

/// Where weights are as good as fixed, all draws agree to the bit: they share the latents' noise.
/// Of another noise 7 samples of a wrong proposal make other estimates.
#[test]
fn draws_of_the_weights_share_the_latents() {
    let x = Tensor::<2>::from_floats([[2.0], [-1.0], [4.0]], &device());
    let random = shifted(1.0, 1e-18);
    let noise = Noise::seeded(3);
    let found = scores(&random, x.clone(), 2, &settings(7), &noise).unwrap();
    assert_eq!(found.disagreement, [0.0; 3]);
    let other = scores(&random, x, 2, &settings(7), &Noise::seeded(4)).unwrap();
    for (a, b) in found.log_likelihood.iter().zip(&other.log_likelihood) {
        assert!((a - b).abs() > 1e-3, "{a} {b}");
    }
}

/// With the exact posterior, of mean m x/(m² + σ²) and variance σ²/(m² + σ²), as proposal log p̂(x)
/// is log N(x; 0, m² + σ²) for any number of samples.
#[test]
fn scores_of_fixed_weights_are_log_likelihoods() {
    let mut fixed = model(false);
    let variance = MEAN_WEIGHT.powi(2) + PIXEL_STD.powi(2);
    let encoder = vec![MEAN_WEIGHT / variance, 0.0];
    let log_variance = (PIXEL_STD.powi(2) / variance).ln();
    fixed.encoder.network.layers =
        vec![linear(encoder, [1, 2], vec![0.0, log_variance], &device())];
    let x = [2.0, -1.0, 4.0f32];
    let rows = Tensor::<2>::from_floats(x.map(|x| [x]), &device());
    let found = scores(&fixed, rows, 4, &settings(7), &Noise::seeded(3)).unwrap();
    assert_eq!(found.disagreement, [0.0; 3]);
    for (x, found) in x.into_iter().zip(found.log_likelihood) {
        let squares = f64::from(x).powi(2) / variance;
        let expected = -0.5 * (squares + (std::f64::consts::TAU * variance).ln());
        // Terms of order 10 cancel to this, each off by some roundings of 6e-8.
        assert!(
            (found - expected).abs() < 2e-5,
            "{found}, expected {expected}"
        );
    }
}

#[test]
fn the_area_under_the_curve_counts_pairs() {
    assert_eq!(auroc(&[0.0, 1.0], &[2.0, 3.0]), 1.0);
    assert_eq!(auroc(&[2.0, 3.0], &[0.0, 1.0]), 0.0);
    assert_eq!(auroc(&[1.0; 7], &[1.0; 3]), 0.5);
    // Pairs (1, 2) (1, 3) (4, 2)- (4, 3)- (2, 2)½ (2, 3): 3.5 of 6.
    assert!((auroc(&[1.0, 4.0, 2.0], &[2.0, 3.0]) - 3.5 / 6.0).abs() < 1e-15);
    assert_eq!(auroc(&[f64::NEG_INFINITY], &[f64::INFINITY]), 1.0);
    assert!(auroc(&[], &[1.0]).is_nan());
    assert!(auroc(&[f64::NAN], &[1.0]).is_nan());
}

#[test]
#[should_panic(expected = "at least 2 draws")]
fn one_draw_has_no_variance() {
    let x = Tensor::<2>::ones([1, 1], &device());
    let _ = predictive_variance(&model(true), x, 1, 3, &mut Noise::seeded(0));
}

/// A model of random weights that draws none of them.
#[derive(Module, Debug)]
struct Silent {
    vae: Vae,
}

impl LatentVariableModel for Silent {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        self.vae.log_weights(x, num_samples, noise)
    }

    fn support(&self) -> Support {
        self.vae.support()
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.vae.decoder_weight_kl()
    }
}

/// Its weights would count as fixed, and their disagreement as none.
#[test]
fn weights_that_stay_random_have_no_scores() {
    let rows = Tensor::<2>::from_floats([[2.0]], &device());
    let score = |random| {
        let model = Silent { vae: model(random) };
        scores(&model, rows.clone(), 3, &settings(7), &Noise::seeded(3))
    };
    let error = score(true).unwrap_err().to_string();
    assert!(
        error.contains("implement `LatentVariableModel::sample_weights`"),
        "{error}"
    );
    assert_eq!(score(false).unwrap().disagreement, [0.0]);
}

impl Reconstruct for Silent {
    fn reconstruction(&self, x: Tensor<2>, k: usize, noise: &mut Noise) -> Box<dyn Distribution> {
        self.vae.reconstruction(x, k, noise)
    }
}

#[test]
#[should_panic(expected = "leaves weights random")]
fn weights_that_stay_random_have_no_part_of_a_variance() {
    let rows = Tensor::<2>::from_floats([[2.0]], &device());
    let variance = |random| {
        let model = Silent { vae: model(random) };
        predictive_variance(&model, rows.clone(), 2, 2, &mut Noise::seeded(3)).from_weights
    };
    assert_eq!(variance(false).into_scalar::<f32>(), 0.0);
    let _ = variance(true);
}
