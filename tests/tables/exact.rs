//! A linear Gaussian model, whose answers are known: those of `reference.py`.

use super::*;
use burn_bayes::network::{FullCovariance, FullCovarianceEncoder};

const WEIGHTS: [[f64; 2]; 4] = [[1.0, 0.5], [-0.7, 0.9], [0.3, -1.2], [0.8, 0.4]];
const BIAS: [f64; 4] = [0.5, -1.0, 0.25, 2.0];
const STD: f64 = 0.6;
const OBSERVED: [usize; 2] = [0, 2];
const MISSING: [usize; 2] = [1, 3];

// Printed by the program.
const GAIN: [[f64; 2]; 2] = [
    [0.6705272782688205, 0.26516306004267],
    [0.19811033221578783, -0.6034745504419385],
];
const LOG_DIAGONAL: [f64; 2] = [-0.6932995963514015, -0.8697455203411494];
const BELOW: f64 = -0.034141137418354436;
const X: [[f32; 2]; 3] = [[1.1, -0.4], [-2.0, 0.9], [0.5, 3.0]];
const LOG_P: [f64; 3] = [-2.5700367928627452, -4.329510530544346, -4.4409094942749165];
const MEANS: [[f64; 2]; 3] = [
    [-0.7009600731484302, 2.3884181651935386],
    [-0.7460073148430357, 0.44181651935385546],
    [-3.0040384029259375, 1.9195367266077414],
];
const VARIANCES: [f64; 2] = [0.6471563547698873, 0.5373117951843951];
const COVARIANCE: f64 = -0.08382810118866191;
const VARIANCES_OF_MEANS: [f64; 2] = [0.28715635476988705, 0.17731179518439502];

type Model = IncompleteVae<FullCovarianceEncoder, StandardNormal, Decoder>;

/// Its proposal is the posterior of z where the cells 0 and 2 are observed.
fn model(device: &Device) -> Model {
    model_with(1.0, 0.0, device)
}

/// The proposal's mean hangs on cells so many times as much, and its scale is e^`wider` times that.
fn model_with(times: f64, wider: f64, device: &Device) -> Model {
    // To the means, the logarithms of the factor's diagonal, and what is below it.
    let mut encoder = vec![0.0; 8 * 5];
    let mut encoder_bias = vec![0.0; 5];
    for unit in 0..2 {
        for (gain, cell) in GAIN[unit].iter().zip(OBSERVED) {
            encoder[cell * 5 + unit] = times * gain;
            encoder_bias[unit] -= times * gain * BIAS[cell];
        }
        encoder_bias[2 + unit] = LOG_DIAGONAL[unit] + wider;
    }
    encoder_bias[4] = BELOW;
    let decoder = (0..2).flat_map(|unit| WEIGHTS.map(|row| row[unit]));
    let network = |weight, sizes, bias| {
        let layer = common::linear(weight, sizes, bias, device);
        Mlp::from_layers(vec![layer], Activation::Identity)
    };
    let up = network(encoder, [8, 5], encoder_bias);
    let down = network(decoder.collect(), [2, 4], BIAS.to_vec());
    IncompleteVae::from_parts(
        Conditional::from_parts(up, FullCovariance),
        StandardNormal::new(2),
        Conditional::from_parts(down, Family::Normal(Scale::Fixed { std: STD })),
    )
}

fn x(device: &Device) -> Tensor<2> {
    rows(&X.map(|[a, c]| [a, f32::NAN, c, f32::NAN]), device)
}

#[test]
fn every_weight_is_the_density_of_the_observed_cells() {
    let device = Device::default();
    let log_weights = model(&device).log_weights(x(&device), 50, &mut Noise::seeded(1));
    let total = log_weights.total();
    assert_eq!(total.dims(), [50, 3]);
    let size = values(bound::effective_sample_size(total.clone()));
    assert_close("effective sample sizes", &size, &[50.0; 3], 1e-5);
    // f32: three log-densities of up to 30 each.
    assert_close("log w", &values(total), &LOG_P.repeat(50), 1e-5);
}

#[test]
fn means_are_those_of_the_conditional_distribution() {
    let device = Device::default();
    let samples = 60_000;
    let imputed = model(&device).impute(x(&device), samples, &mut Noise::seeded(2));
    let size = values(imputed.effective_sample_size);
    // Sums of 60,000 numbers of f32.
    assert_close("effective sample sizes", &size, &[samples as f64; 3], 1e-3);
    let mean = values(imputed.mean);
    for row in 0..3 {
        for (i, cell) in OBSERVED.into_iter().enumerate() {
            assert_eq!(mean[row * 4 + cell], f64::from(X[row][i]));
        }
        for (i, cell) in MISSING.into_iter().enumerate() {
            // Five standard errors: one in two million for each of six.
            let most = 5.0 * (VARIANCES_OF_MEANS[i] / samples as f64).sqrt();
            let (found, expected) = (mean[row * 4 + cell], MEANS[row][i]);
            assert!((found - expected).abs() < most, "{found}, {expected}");
        }
    }
}

/// The encoder has no gradient along the path of z: every weight stays what it is.
#[test]
fn gradients_along_the_path_vanish() {
    let device = Device::default().autodiff();
    let model = model(&device);
    let ones = Tensor::ones([6, 3], &device);
    let along = model.log_weights_along_path(x(&device), 6, &mut Noise::seeded(1), ones);
    let along = along.unwrap().total();
    let plain = model
        .log_weights(x(&device), 6, &mut Noise::seeded(1))
        .total();
    assert_eq!(values(along.clone()), values(plain.clone()));
    let sizes = [along, plain].map(|total| {
        let gradients = total.sum().backward();
        let [Dense::Deterministic(layer)] = &model.vae.encoder.network.layers[..] else {
            panic!("it has one layer of fixed weights")
        };
        let gradient = values(layer.weight.val().grad(&gradients).unwrap());
        gradient.iter().fold(0.0, |most: f64, x| most.max(x.abs()))
    });
    // Rounding of numbers up to 30, and the variance of the plain gradient.
    assert!(sizes[0] < 1e-4 && sizes[1] > 1.0, "{sizes:?}");
}

/// Where they do not vanish, each has its sample's factor.
#[test]
fn gradients_along_the_path_have_their_factors() {
    let device = Device::default().autodiff();
    let model = model_with(0.5, 0.3, &device);
    let gradient = |factor: f64| {
        let factors = Tensor::full([6, 3], factor, &device.clone().without_autodiff());
        let noise = &mut Noise::seeded(1);
        let along = model.log_weights_along_path(x(&device), 6, noise, factors);
        let gradients = along.unwrap().total().sum().backward();
        let [Dense::Deterministic(layer)] = &model.vae.encoder.network.layers[..] else {
            panic!("it has one layer of fixed weights")
        };
        values(layer.weight.val().grad(&gradients).unwrap())
    };
    let (once, twice) = (gradient(1.0), gradient(2.0));
    let largest = once.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    assert!(largest > 1.0);
    for (once, twice) in once.iter().zip(twice) {
        assert!((twice - 2.0 * once).abs() < 1e-5 * largest);
    }
}

/// P(N(0, 1) < x), by the error function of Abramowitz and Stegun (7.1.26), to 1e-7.
fn normal_cdf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.3275911 * x.abs() / 2f64.sqrt());
    let terms = [
        1.061405429,
        -1.453152027,
        1.421413741,
        -0.284496736,
        0.254829592,
    ];
    let sum = terms.iter().fold(0.0, |sum, term| (sum + term) * t);
    let tail = 0.5 * sum * (-0.5 * x * x).exp();
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Draws of missing cells have the conditional distribution, all of it: the test of Kolmogorov and
/// Smirnov for each cell, and the covariance of two cells of a row, which hang on one z.
#[test]
fn draws_have_the_conditional_distribution() {
    let device = Device::default();
    check_draws(&model(&device));
    // Of another proposal, samples have shares of their own.
    let other = model_with(0.7, 0.4, &device);
    let imputed = other.impute(x(&device), 60_000, &mut Noise::seeded(3));
    let (sizes, mean) = (values(imputed.effective_sample_size), values(imputed.mean));
    for (row, size) in sizes.into_iter().enumerate() {
        assert!(15_000.0 < size && size < 45_000.0, "{size}");
        for (i, cell) in MISSING.into_iter().enumerate() {
            let (found, expected) = (mean[row * 4 + cell], MEANS[row][i]);
            let most = 5.0 * (VARIANCES_OF_MEANS[i] / size).sqrt();
            assert!((found - expected).abs() < most, "{found}, {expected}");
        }
    }
    check_draws(&other);
}

fn check_draws(model: &Model) {
    let device = Device::default();
    // Few of the samples are drawn twice: at most 4000²/(2 · 50,000) = 160 of 4000.
    let (samples, count) = (60_000, 4000);
    let tables = model.impute_draws(x(&device), samples, count, &mut Noise::seeded(3));
    assert_eq!(tables.dims(), [count, 3, 4]);
    let tables = values(tables);
    for row in 0..3 {
        let cell = |cell: usize| -> Vec<f64> {
            let tables = tables.chunks(12);
            tables.map(|table| table[row * 4 + cell]).collect()
        };
        for (i, observed) in OBSERVED.into_iter().enumerate() {
            assert!(cell(observed).iter().all(|x| *x == f64::from(X[row][i])));
        }
        let standardized = [0, 1].map(|i| -> Vec<f64> {
            let scale = VARIANCES[i].sqrt();
            let draws = cell(MISSING[i]).into_iter();
            draws.map(|x| (x - MEANS[row][i]) / scale).collect()
        });
        for draws in &standardized {
            let mut draws = draws.clone();
            draws.sort_by(f64::total_cmp);
            let n = draws.len() as f64;
            let distance = draws.iter().enumerate().map(|(i, x)| {
                let expected = normal_cdf(*x);
                (expected - i as f64 / n)
                    .abs()
                    .max(((i + 1) as f64 / n - expected).abs())
            });
            // 2 e^(−2c²) = 10⁻⁶.
            let largest = distance.fold(0.0, f64::max);
            assert!(largest * n.sqrt() < 2.694, "row {row}: {largest}");
        }
        let products = standardized[0].iter().zip(&standardized[1]);
        let products: Vec<f64> = products.map(|(a, b)| a * b).collect();
        let found = products.iter().sum::<f64>() / count as f64;
        let expected = COVARIANCE / (VARIANCES[0] * VARIANCES[1]).sqrt();
        // The product of two correlated standard normal numbers has variance 1 + ρ².
        let most = 5.0 * ((1.0 + expected * expected) / count as f64).sqrt();
        assert!(
            (found - expected).abs() < most,
            "row {row}: {found}, {expected}"
        );
    }
}
