//! q(z | x): a Gaussian with a covariance of a diagonal plus a matrix of low rank.

use super::{Conditional, Head, Network};
use crate::{
    distribution::{LowRankNormal, Support},
    layer::{Dense, Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor, TensorData};

/// The factor of the initial weights for U.
const START: f32 = 0.1;

/// A network for q(z | x) = N(loc(x), D(x) + U(x)U(x)ᵀ), with D diagonal and U of r columns.
///
/// One head of width d·(2 + r) gives the d means, log D, and U, row by row. See [`LowRankNormal`].
///
/// # Example
///
/// ```
/// use burn_bayes::{network::LowRankEncoder, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let mlp = MlpConfig::new(784, vec![100], 40);
/// let encoder = LowRankEncoder::new(&mlp, 3, &device, &mut noise);
/// let decoder = BernoulliDecoder::new(&MlpConfig::new(40, vec![100], 784), &device, &mut noise);
/// let model = Vae::from_parts(encoder, StandardNormal::new(40), decoder);
/// let x = Tensor::zeros([10, 784], &device);
/// assert_eq!(model.log_weights(x, 25, &mut noise).total().dims(), [25, 10]);
/// ```
pub type LowRankEncoder<N = Mlp> = Conditional<LowRankCovariance, N>;

/// The head of a [`LowRankEncoder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowRankCovariance {
    /// r, the number of columns of U, at least 1.
    pub rank: usize,
}

impl Head for LowRankCovariance {
    type Output = LowRankNormal;

    fn num_outputs(&self, num_features: usize) -> usize {
        num_features * (2 + self.rank)
    }

    fn distribution(&self, outputs: Tensor<3>) -> LowRankNormal {
        let ([samples, batch, found], rank) = (outputs.dims(), self.rank);
        assert!(
            found > 0 && found.is_multiple_of(2 + rank),
            "{found} outputs are not {} a feature: a mean, a log-variance, a row of rank {rank}",
            2 + rank
        );
        let d = found / (2 + rank);
        let part = |first, len| outputs.clone().narrow(2, first, len);
        let factor = part(2 * d, d * rank).reshape([samples, batch, d, rank]);
        LowRankNormal::new(part(0, d), part(d, d), factor)
    }

    fn support(&self) -> Support {
        Support::Real
    }

    fn outputs_to_keep(&self, keep: Tensor<1>) -> Option<Tensor<1>> {
        let [d] = keep.dims();
        let rows = keep.clone().unsqueeze_dim::<2>(1).expand([d, self.rank]);
        let rows = rows.reshape([d * self.rank]);
        Some(Tensor::cat(vec![keep.clone(), keep, rows], 0))
    }
}

impl LowRankEncoder {
    /// Makes the encoder. `mlp.d_output` is d, the number of latent variables, and `rank` is r.
    ///
    /// If the last layer has fixed weights, the initial ones for U are multiplied by 0.1. So
    /// training begins with nearly independent latents. They are not 0: q is the same for U and −U,
    /// so at U = 0 the expected gradient with respect to U is 0.
    ///
    /// # Panics
    ///
    /// If the rank is 0, and where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, rank: usize, device: &Device, noise: &mut Noise) -> Self {
        assert!(rank > 0, "of rank 0 it is a `GaussianEncoder`");
        let d = mlp.d_output;
        let head = LowRankCovariance { rank };
        let encoder = Self::with_mlp(mlp, head, device, noise);
        let fixed = matches!(encoder.network.layers.last(), Some(Dense::Deterministic(_)));
        if !fixed {
            return encoder;
        }
        let factors: Vec<f32> = (0..head.num_outputs(d))
            .map(|output| if output < 2 * d { 1.0 } else { START })
            .collect();
        let factors = Tensor::from_data(TensorData::from(factors.as_slice()), device);
        let network = Network::without_outputs(&encoder.network, factors);
        Self::from_parts(network.unwrap_or(encoder.network), head)
    }
}
