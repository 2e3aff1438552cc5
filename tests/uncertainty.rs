//! Uncertainty taken apart, on models where every part is known.

mod common;

use burn::module::Param;
use burn_bayes::{
    evaluate::{auroc, log_likelihood, predictive_variance, scores},
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
        .with_likelihood(LikelihoodConfig::Gaussian(DecoderScale::Fixed {
            std: PIXEL_STD,
        }))
        .init(d, &mut Noise::seeded(0));
    let bias = vec![0.0, LATENT_VARIANCE.ln()];
    model.encoder.mlp.layers = vec![linear(vec![1.0, 0.0], [1, 2], bias, d)];
    let Decoder::Gaussian(decoder) = &mut model.decoder else {
        unreachable!()
    };
    let mut layer = BayesianLinearConfig::new(1, 1)
        .with_bias(false)
        .with_initial_std(WEIGHT_STD)
        .init(d, &mut Noise::seeded(0));
    layer.weight_loc = Param::from_tensor(Tensor::from_floats([[MEAN_WEIGHT as f32]], d));
    decoder.mlp.layers = vec![match random {
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

/// With z ~ N(x, v) and W ~ N(m, s²): the weights' part is s² x², the latents' (m² + s²) v, the pixels' σ²; together they are
/// the variance of W z + noise, m² v + s² x² + s² v + σ². Few draws, often repeated: an estimate that is biased shows.
#[test]
fn the_parts_are_those_computed_by_hand() {
    let x = Tensor::<2>::from_floats([[2.0], [-1.0]], &device());
    let model = model(true);
    let parts: Vec<[Vec<f64>; 4]> = (0..400)
        .map(|seed| {
            let parts = predictive_variance(&model, x.clone(), 5, 3, &mut Noise::seeded(seed));
            [
                parts.weights.clone(),
                parts.latent.clone(),
                parts.pixel.clone(),
                parts.total(),
            ]
            .map(|tensor| tensor.into_data().iter::<f64>().collect())
        })
        .collect();
    let (s2, m2, v) = (WEIGHT_STD.powi(2), MEAN_WEIGHT.powi(2), LATENT_VARIANCE);
    for (row, x) in [2.0f64, -1.0].into_iter().enumerate() {
        let exact = [
            s2 * x * x,
            (m2 + s2) * v,
            PIXEL_STD.powi(2),
            m2 * v + s2 * x * x + s2 * v + PIXEL_STD.powi(2),
        ];
        for (part, exact) in exact.into_iter().enumerate() {
            let values: Vec<f64> = parts.iter().map(|parts| parts[part][row]).collect();
            let (mean, error) = mean_and_error(&values);
            assert!(
                (mean - exact).abs() < 5.0 * error + 1e-6,
                "part {part} of row {row}: {mean} ± {error}, exact {exact}"
            );
            assert!(error < 0.1 * exact + 1e-6);
        }
    }
}

#[test]
fn fixed_weights_have_no_part() {
    let x = Tensor::<2>::from_floats([[2.0]], &device());
    let parts = predictive_variance(&model(false), x, 3, 2000, &mut Noise::seeded(1));
    let number = |tensor: Tensor<2>| tensor.into_scalar::<f32>();
    assert_eq!(number(parts.weights.clone()), 0.0);
    let latent = MEAN_WEIGHT.powi(2) * LATENT_VARIANCE;
    // A variance from 2000 draws is good to √(2/2000) = 3 %.
    assert!((f64::from(number(parts.latent.clone())) / latent - 1.0).abs() < 0.15);
    assert!((f64::from(number(parts.mean)) - 3.0).abs() < 5.0 * (latent / 2000.0).sqrt());
}

/// A drawn model has the layer's law: over draws, its one weight has mean m and deviation s; and one draw is one weight for
/// all rows and samples.
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

#[test]
fn scores_are_log_likelihoods_under_draws_of_the_weights() {
    let x = Tensor::<2>::from_floats([[2.0], [-1.0], [30.0]], &device());
    let settings = LogLikelihoodSettings {
        num_samples: 200,
        ..Default::default()
    };
    let noise = Noise::seeded(3);
    let fixed = scores(&model(false), x.clone(), 4, &settings, &noise).unwrap();
    assert_eq!(fixed.disagreement, [0.0; 3]);
    let [_, latents] = noise.clone().split();
    let plain = log_likelihood(&model(false), x.clone(), &settings, &latents).unwrap();
    for (a, b) in fixed.log_likelihood.iter().zip(&plain.values) {
        assert!((a - b).abs() < 1e-9);
    }

    // By hand from the same draws.
    let random = model(true);
    let found = scores(&random, x.clone(), 4, &settings, &noise).unwrap();
    let [weights, latents] = noise.clone().split();
    let draws: Vec<Vec<f64>> = (0..4)
        .map(|draw| {
            let drawn = random.sample_weights(&mut weights.fork(draw)).unwrap();
            log_likelihood(&drawn, x.clone(), &settings, &latents)
                .unwrap()
                .values
        })
        .collect();
    for row in 0..3 {
        let values: Vec<f64> = draws.iter().map(|draw| draw[row]).collect();
        let (_, error) = mean_and_error(&values);
        assert!((found.disagreement[row] - 2.0 * error).abs() < 1e-9);
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = values.iter().map(|value| (value - largest).exp()).sum();
        let expected = largest + (sum / 4.0).ln();
        assert!((found.log_likelihood[row] - expected).abs() < 1e-9);
    }
    // One draw agrees with itself, which says nothing.
    let single = scores(&random, x.clone(), 1, &settings, &noise).unwrap();
    assert!(single.disagreement.iter().all(|value| value.is_nan()));
    assert!(single.log_likelihood.iter().all(|value| value.is_finite()));
    // Far out, weights matter most, and p(x) is least.
    assert!(found.disagreement[2] > found.disagreement[0]);
    assert!(found.log_likelihood[2] < found.log_likelihood[0]);
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
