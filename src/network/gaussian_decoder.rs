//! p(x | z) for real data.

use crate::{
    distribution::Normal,
    kernel::{self, Function},
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

/// Where the standard deviation of a [`GaussianDecoder`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum DecoderScale {
    /// The network computes a log-variance for each feature, softly kept above a floor:
    /// floor + softplus(output − floor). Without one the density of a constant pixel is unbounded.
    Learned {
        /// The floor of the log-variance.
        min_log_variance: f64,
    },
    /// The same for every feature and row.
    Fixed {
        /// The standard deviation.
        std: f64,
    },
}

impl Default for DecoderScale {
    fn default() -> Self {
        Self::Learned {
            min_log_variance: -10.0,
        }
    }
}

impl DecoderScale {
    fn check(self) {
        if let Self::Fixed { std } = self {
            assert!(
                std > 0.0 && std.is_finite(),
                "the decoder's standard deviation must be a positive number, it is {std}"
            );
        }
    }
}

/// A network for p(x | z) = N(loc(z), scale²), features independent.
///
/// With a learned scale one head of width 2·d_output gives means and log-variances, the means first.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let mlp = MlpConfig::new(2, vec![50], 560);
/// let decoder = GaussianDecoder::new(&mlp, DecoderScale::default(), &device, &mut noise);
/// let z = noise.normal([5, 100, 2], &device);
/// let p = decoder.forward(z, 5, &mut noise);
/// assert_eq!(p.log_prob(Tensor::zeros([1, 100, 560], &device)).dims(), [5, 100]);
/// ```
#[derive(Module, Debug)]
pub struct GaussianDecoder {
    /// The network.
    pub mlp: Mlp,
    #[module(skip)]
    pub(super) scale: DecoderScale,
}

impl GaussianDecoder {
    /// Makes the decoder. `mlp.d_output` is the number of data features; a learned scale doubles it.
    ///
    /// # Panics
    ///
    /// If a fixed standard deviation is not a positive number, and where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, scale: DecoderScale, device: &Device, noise: &mut Noise) -> Self {
        scale.check();
        let mut mlp = mlp.clone();
        if let DecoderScale::Learned { .. } = scale {
            mlp.d_output *= 2;
        }
        Self {
            mlp: mlp.init(device, noise),
            scale,
        }
    }

    /// Makes the decoder from a network, which with a learned scale has twice as many outputs as there are
    /// data features.
    ///
    /// # Panics
    ///
    /// If a fixed standard deviation is not a positive number.
    pub fn from_mlp(mlp: Mlp, scale: DecoderScale) -> Self {
        scale.check();
        Self { mlp, scale }
    }

    /// p(x | z) for each sample and row.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_latent]` → parameters `[1 or num_samples, batch, d_output]`.
    pub fn forward(&self, z: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Normal<3> {
        let output = self.mlp.forward(z, num_samples, noise);
        match self.scale {
            DecoderScale::Learned { min_log_variance } => {
                let [loc, raw] = kernel::halves(output);
                let above = kernel::apply(Function::Softplus, raw.sub_scalar(min_log_variance));
                let log_variance = above.add_scalar(min_log_variance);
                Normal::from_log_variance(loc, log_variance)
            }
            DecoderScale::Fixed { std } => {
                let scale = Tensor::full([1, 1, 1], std, &output.device());
                Normal::new(output, scale)
            }
        }
    }

    /// The decoder with random weights replaced by their means.
    pub fn posterior_mean(&self) -> Self {
        Self {
            mlp: self.mlp.posterior_mean(),
            scale: self.scale,
        }
    }
}
