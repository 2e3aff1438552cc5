//! q(z | x): a Gaussian with full covariance.

use super::{Conditional, Head, Network};
use crate::{
    distribution::{FullNormal, Support},
    layer::{Dense, Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor, TensorData};

/// A network for q(z | x) = N(loc(x), L(x)ᵀL(x)), with L upper triangular and a positive diagonal.
///
/// One head of width 2·d + d·(d−1)/2 gives the d means, log Lᵢᵢ, and Lᵀ below its diagonal. See
/// [`FullNormal`].
///
/// # Example
///
/// ```
/// use burn_bayes::{network::FullCovarianceEncoder, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let encoder = FullCovarianceEncoder::new(&MlpConfig::new(784, vec![100], 5), &device, &mut noise);
/// let decoder = BernoulliDecoder::new(&MlpConfig::new(5, vec![100], 784), &device, &mut noise);
/// let model = Vae::from_parts(encoder, StandardNormal::new(5), decoder);
/// let x = Tensor::zeros([10, 784], &device);
/// assert_eq!(model.log_weights(x, 25, &mut noise).total().dims(), [25, 10]);
/// ```
pub type FullCovarianceEncoder<N = Mlp> = Conditional<FullCovariance, N>;

/// The head of a [`FullCovarianceEncoder`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FullCovariance;

/// The d for which there are 2·d + d·(d−1)/2 outputs; `None` if there is no such d.
fn num_features(outputs: usize) -> Option<usize> {
    (1..=outputs)
        .find(|d| FullCovariance.num_outputs(*d) >= outputs)
        .filter(|d| FullCovariance.num_outputs(*d) == outputs)
}

impl Head for FullCovariance {
    type Output = FullNormal;

    fn num_outputs(&self, num_features: usize) -> usize {
        2 * num_features + num_features * num_features.saturating_sub(1) / 2
    }

    fn distribution(&self, outputs: Tensor<3>) -> FullNormal {
        let [.., found] = outputs.dims();
        let d = num_features(found).unwrap_or_else(|| {
            panic!("{found} outputs are no means and triangular matrix: these are 2, 5, 9, 14, ...")
        });
        let part = |first, len| outputs.clone().narrow(2, first, len);
        let below = d * (d - 1) / 2;
        let below = match below {
            0 => part(0, 1).slice([0..outputs.dims()[0], 0..outputs.dims()[1], 0..0]),
            below => part(2 * d, below),
        };
        FullNormal::new(part(0, d), part(d, d), below)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

impl FullCovarianceEncoder {
    /// Makes the encoder. `mlp.d_output` is d, the number of latent variables.
    ///
    /// If the last layer has fixed weights, Lᵀ is initially 0 below its diagonal. So training
    /// begins with independent latents.
    ///
    /// # Panics
    ///
    /// Where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, device: &Device, noise: &mut Noise) -> Self {
        let d = mlp.d_output;
        let encoder = Self::with_mlp(mlp, FullCovariance, device, noise);
        let fixed = matches!(encoder.network.layers.last(), Some(Dense::Deterministic(_)));
        if !fixed {
            return encoder;
        }
        let outputs = FullCovariance.num_outputs(d);
        let keep: Vec<f32> = (0..outputs)
            .map(|i| f32::from(u8::from(i < 2 * d)))
            .collect();
        let keep = Tensor::from_data(TensorData::from(keep.as_slice()), device);
        let network = Network::without_outputs(&encoder.network, keep);
        Self::from_parts(network.unwrap_or(encoder.network), FullCovariance)
    }
}
