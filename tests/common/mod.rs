//! A model whose posterior and evidence are known.

#![allow(dead_code, reason = "not every test needs all")]

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

/// p(z) = N(0, I), p(x | z) = N(W z + b, s² I) with the exact posterior as q(z | x). The columns of W
/// are orthogonal, of squared lengths l₁, l₂, so the posterior N(Wᵀ(x − b)/(l + s²), s²/(l + s²)) has
/// independent features.
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
            .with_likelihood(LikelihoodConfig::Gaussian(DecoderScale::Fixed { std }))
            .init(device, &mut noise);
        model.encoder.mlp.layers = vec![linear(encoder, [3, 4], encoder_bias, device)];
        let Decoder::Gaussian(gaussian) = &mut model.decoder else {
            panic!("the configuration asks for a Gaussian decoder");
        };
        gaussian.mlp.layers = vec![linear(decoder, [2, 3], bias.to_vec(), device)];
        Self {
            model,
            columns,
            bias,
            std,
        }
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
