//! Probabilities of classes in missing cells.

use super::*;

const NAN: f32 = f32::NAN;

/// A real column, two of three classes, a yes or no.
fn columns() -> Columns {
    Columns::new([
        (Family::Normal(Scale::default()), 1),
        (Family::Categorical { classes: 3 }, 2),
        (Family::Bernoulli, 1),
    ])
}

const TABLE: [[f32; 4]; 3] = [
    [0.7, NAN, 2.0, 1.0],
    [NAN, NAN, NAN, NAN],
    [-1.0, 0.0, NAN, NAN],
];

fn softmax(logits: &[f64]) -> Vec<f64> {
    let sum: f64 = logits.iter().map(|logit| logit.exp()).sum();
    logits.iter().map(|logit| logit.exp() / sum).collect()
}

/// Σᵢ w̃ᵢ softmax(logits of zᵢ) by loops over numbers, in `f64`; an observed class has all of it.
#[test]
fn they_are_means_by_importance_weights() {
    const K: usize = 40;
    let device = Device::default();
    let model = IncompleteVae::new(columns(), 2, vec![6], &device, &mut Noise::seeded(0));
    let x = rows(&TABLE, &device);
    let imputed = model.impute(x.clone(), K, &mut Noise::seeded(1));
    let log_weights = model.log_weights(x, K, &mut Noise::seeded(1));
    let z = log_weights.latents[0].z.clone();
    let network = &model.vae.decoder.network;
    // Fixed weights draw nothing. Two outputs for the real column, then three for each of classes.
    let outputs = values(network.forward(z, K, &mut Noise::seeded(2)));
    let total = values(log_weights.total());
    for column in [1, 2] {
        let found = imputed.class_probabilities(column).unwrap();
        assert_eq!(found.dims(), [3, 3]);
        for (row, found) in values(found).chunks(3).enumerate() {
            let cell = TABLE[row][column];
            let mut expected = vec![0.0; 3];
            if cell.is_nan() {
                let weights = (0..K).map(|i| total[i * 3 + row].exp());
                let sum: f64 = weights.clone().sum();
                for (i, weight) in weights.enumerate() {
                    let first = (i * 3 + row) * 9 + 2 + (column - 1) * 3;
                    for (class, p) in softmax(&outputs[first..first + 3]).iter().enumerate() {
                        expected[class] += weight / sum * p;
                    }
                }
            } else {
                expected[cell as usize] = 1.0;
            }
            // Sums of 40 numbers of f32.
            assert_close("probabilities", found, &expected, 1e-5);
            assert_close("their sum", &[found.iter().sum()], &[1.0], 1e-5);
        }
    }
    assert!(imputed.class_probabilities(0).is_none() && imputed.class_probabilities(3).is_none());
    // The mean is that of the class's number.
    let mean = values(imputed.mean.clone().narrow(1, 1, 1))[0];
    let of_row = values(imputed.class_probabilities(1).unwrap());
    assert_close("mean", &[mean], &[of_row[1] + 2.0 * of_row[2]], 1e-5);
}

const WEIGHTS: [f64; 4] = [1.0, 1.5, -0.5, -2.0];
const BIAS: [f64; 4] = [0.2, 0.0, 0.6, -0.3];
const STD: f64 = 0.5;
const OBSERVED: [f32; 2] = [1.1, -0.6];

/// One latent, whose proposal is N(0, 1); a real column of mean a z + b, and three classes.
fn known(device: &Device) -> IncompleteVae {
    let columns = Columns::new([
        (Family::Normal(Scale::Fixed { std: STD }), 1),
        (Family::Categorical { classes: 3 }, 1),
    ]);
    let mut model = IncompleteVae::new(columns, 1, vec![], device, &mut Noise::seeded(0));
    let up = common::linear(vec![0.0; 8], [4, 2], vec![0.0; 2], device);
    let down = common::linear(WEIGHTS.to_vec(), [1, 4], BIAS.to_vec(), device);
    model.vae.encoder.network = Mlp::from_layers(vec![up], Activation::Identity);
    model.vae.decoder.network = Mlp::from_layers(vec![down], Activation::Identity);
    model
}

/// P(class | x) = ∫ P(class | z) p(x | z) p(z) dz / ∫ p(x | z) p(z) dz, by a sum over a fine grid.
fn exact(x: f32) -> Vec<f64> {
    let mut sums = [0.0; 4];
    for i in -8000..=8000 {
        let z = f64::from(i) / 1000.0;
        let output = |j: usize| WEIGHTS[j] * z + BIAS[j];
        let distance = (f64::from(x) - output(0)) / STD;
        let weight = (-0.5 * (z * z + distance * distance)).exp();
        let classes = softmax(&[output(1), output(2), output(3)]);
        for (sum, p) in sums.iter_mut().zip(classes.iter().chain([&1.0])) {
            *sum += weight * p;
        }
    }
    sums[..3].iter().map(|sum| sum / sums[3]).collect()
}

#[test]
fn they_are_those_of_the_conditional_distribution() {
    let device = Device::default();
    let x = rows(&OBSERVED.map(|x| [x, NAN]), &device);
    let imputed = known(&device).impute(x, 60_000, &mut Noise::seeded(1));
    let sizes = values(imputed.effective_sample_size.clone());
    let found = values(imputed.class_probabilities(1).unwrap());
    for (row, x) in OBSERVED.into_iter().enumerate() {
        assert!(sizes[row] > 10_000.0, "{sizes:?}");
        // Numbers from 0 to 1 have a deviation of ½ at most; 5 standard errors.
        let most = 2.5 / sizes[row].sqrt();
        for (found, expected) in found[row * 3..][..3].iter().zip(exact(x)) {
            assert!((found - expected).abs() < most, "{found}, {expected}");
        }
    }
}

/// Of the same samples, draws have them for their frequencies, and the same seed gives them again.
#[test]
fn draws_are_counts_of_them() {
    const COUNT: usize = 20_000;
    let device = Device::default();
    let model = known(&device);
    let x = rows(&OBSERVED.map(|x| [x, NAN]), &device);
    let of = || model.impute(x.clone(), 30, &mut Noise::seeded(1));
    let expected = values(of().class_probabilities(1).unwrap());
    assert_eq!(values(of().class_probabilities(1).unwrap()), expected);
    let draws = values(model.impute_draws(x.clone(), 30, COUNT, &mut Noise::seeded(1)));
    for row in 0..2 {
        for class in 0..3 {
            let cells = draws.iter().skip(row * 2 + 1).step_by(4);
            let count = cells.filter(|cell| **cell == class as f64).count();
            let (found, p) = (count as f64 / COUNT as f64, expected[row * 3 + class]);
            let most = 5.0 * (p * (1.0 - p) / COUNT as f64).sqrt();
            assert!((found - p).abs() < most, "{found}, {p}");
        }
    }
}

/// Features of one family have them, too; the last of a row are not mixed up with the first.
#[test]
fn families_of_classes_have_them() {
    let device = Device::default();
    let logits: Vec<f64> = (0..8).map(|i| (f64::from(i) * 1.3).sin()).collect();
    let outputs = Tensor::<1>::from_floats(&logits[..], &device).reshape([1, 1, 8]);
    let p = Family::Categorical { classes: 4 }.distribution(outputs.clone());
    for feature in 0..2 {
        let found = values(p.class_probabilities(feature).unwrap());
        assert_close("P", &found, &softmax(&logits[feature * 4..][..4]), 1e-6);
    }
    let real = Family::Bernoulli.distribution(outputs);
    assert!(real.class_probabilities(0).is_none());
}

#[test]
#[should_panic(expected = "there is no column 2 of 2")]
fn a_column_that_is_not_there_is_refused() {
    let device = Device::default();
    let x = rows(&[[0.5, NAN]], &device);
    let imputed = known(&device).impute(x, 3, &mut Noise::seeded(1));
    let _ = imputed.class_probabilities(2);
}
