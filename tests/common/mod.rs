//! A model whose posterior and evidence are known.

#![allow(dead_code, unused_imports, reason = "not every test needs all")]

pub use skipped::skipped;

use burn::{module::Param, nn::Linear};
use burn_bayes::prelude::*;

/// A layer with these numbers, in the device's default float type.
pub fn linear(
    weight: Vec<f64>,
    [d_input, d_output]: [usize; 2],
    bias: Vec<f64>,
    device: &Device,
) -> Dense {
    let weight = Tensor::from_data(TensorData::new(weight, [d_input, d_output]), device);
    let bias = Tensor::from_data(TensorData::new(bias, [d_output]), device);
    Dense::Deterministic(Linear {
        weight: Param::from_tensor(weight),
        bias: Some(Param::from_tensor(bias)),
    })
}

/// p(z) = N(0, I), p(x | z) = N(W z + b, s² I) with the exact posterior as q(z | x). The columns of
/// W are orthogonal, of squared lengths l₁, l₂, so the posterior N(Wᵀ(x − b)/(l + s²), s²/(l + s²))
/// has independent features.
pub struct Exact {
    pub model: Vae,
    columns: [[f64; 3]; 2],
    bias: [f64; 3],
    std: f64,
}

impl Exact {
    pub fn new(device: &Device) -> Self {
        let columns = [[1.0, 2.0, 2.0], [0.6, 0.3, -0.6]];
        let (bias, std) = ([0.5, -1.0, 0.25], 0.7);
        let lengths = columns.map(|column: [f64; 3]| column.iter().map(|w| w * w).sum::<f64>());

        let (mut encoder, mut decoder) = (vec![0.0f64; 3 * 4], vec![0.0f64; 2 * 3]);
        let mut encoder_bias = vec![0.0f64; 4];
        for (j, column) in columns.iter().enumerate() {
            let precision = lengths[j] + std * std;
            for (i, w) in column.iter().enumerate() {
                encoder[i * 4 + j] = w / precision;
                encoder_bias[j] -= w * bias[i] / precision;
                decoder[j * 3 + i] = *w;
            }
            encoder_bias[2 + j] = (std * std / precision).ln();
        }

        let mut noise = Noise::seeded(0);
        let mut model = VaeConfig::new(3, 2)
            .with_hidden(vec![])
            .with_likelihood(Family::Normal(Scale::Fixed { std }))
            .init(device, &mut noise);
        model.encoder.network.layers = vec![linear(encoder, [3, 4], encoder_bias, device)];
        let gaussian = &mut model.decoder;
        gaussian.network.layers = vec![linear(decoder, [2, 3], bias.to_vec(), device)];
        Self {
            model,
            columns,
            bias,
            std,
        }
    }

    /// s²/(l + s²).
    pub fn posterior_variance(&self) -> [f64; 2] {
        self.columns.map(|column| {
            let length = column.iter().map(|w| w * w).sum::<f64>();
            self.std * self.std / (length + self.std * self.std)
        })
    }

    /// Wᵀ(x − b)/(l + s²).
    pub fn posterior_mean(&self, x: [f64; 3]) -> [f64; 2] {
        self.columns.map(|column| {
            let length = column.iter().map(|w| w * w).sum::<f64>();
            let along = (0..3).map(|i| column[i] * (x[i] - self.bias[i]));
            along.sum::<f64>() / (length + self.std * self.std)
        })
    }

    /// log N(x; b, W Wᵀ + s² I): along each column the variance is l + s², across them s².
    pub fn log_evidence(&self, x: [f64; 3]) -> f64 {
        let centred: Vec<f64> = x.iter().zip(self.bias).map(|(x, b)| x - b).collect();
        let mut rest = centred.iter().map(|c| c * c).sum::<f64>();
        let noise = self.std * self.std;
        let mut log_density = -1.5 * std::f64::consts::TAU.ln() - 0.5 * noise.ln();
        for column in self.columns {
            let length = column.iter().map(|w| w * w).sum::<f64>();
            let along = column
                .iter()
                .zip(&centred)
                .map(|(w, c)| w * c)
                .sum::<f64>()
                .powi(2)
                / length;
            rest -= along;
            log_density -= 0.5 * ((length + noise).ln() + along / (length + noise));
        }
        log_density - 0.5 * rest / noise
    }
}

/// The log-mean-exp, the effective sample size and the largest share of up to three numbers,
/// infinite ones and NaN among them, are the same from [`bound::LogMeanExp`] and from tensors.
pub fn log_mean_exp_has_one_answer(device: &Device, tolerance: f64) {
    const NUMBERS: [f64; 6] = [f64::NEG_INFINITY, f64::INFINITY, f64::NAN, 0.0, -1.5, 80.0];
    let same = |what: &str, numbers: &[f64], a: f64, b: f64| {
        let close = (a - b).abs() <= tolerance * b.abs().max(1.0);
        let equal = a == b || a.is_nan() && b.is_nan() || close;
        assert!(
            equal,
            "{what} of {numbers:?}: {a} in a stream, {b} of a tensor"
        );
    };
    for length in 1..=3 {
        for code in 0..NUMBERS.len().pow(length) {
            let digit = |i| code / NUMBERS.len().pow(i) % NUMBERS.len();
            let numbers: Vec<f64> = (0..length).map(|i| NUMBERS[digit(i)]).collect();
            let mut stream = bound::LogMeanExp::default();
            stream.extend(numbers.iter().copied());
            let data = TensorData::new(numbers.clone(), [numbers.len(), 1]);
            let column = Tensor::<2>::from_data(data, device);
            let scalar = |tensor: Tensor<1>| tensor.into_scalar::<f64>();
            let of_tensor = scalar(bound::iwae(column.clone()));
            same("log-mean-exp", &numbers, stream.log_mean_exp(), of_tensor);
            let of_tensor = scalar(bound::effective_sample_size(column.clone()));
            let of_stream = stream.effective_sample_size();
            same("effective sample size", &numbers, of_stream, of_tensor);
            let shares = bound::normalized_weights(column).into_data();
            let shares: Vec<f64> = shares.convert::<f64>().try_to_vec().unwrap();
            let largest = shares
                .iter()
                .fold(0.0, |a: f64, &b| if b.is_nan() { b } else { a.max(b) });
            same("largest share", &numbers, stream.largest_share(), largest);
        }
    }
    let nothing = bound::LogMeanExp::default();
    assert!(nothing.log_mean_exp().is_nan() && nothing.largest_share().is_nan());
}
