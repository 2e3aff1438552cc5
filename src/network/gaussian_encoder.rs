//! q(z | x): a Gaussian whose mean and log-variance a network computes.

use super::{Conditional, Head};
use crate::{
    distribution::{Normal, Support},
    kernel,
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor};

/// A network for q(z | x) = N(loc(x), e^{log_variance(x)}), with independent features.
///
/// The network has 2·d_latent outputs: the means, then the log-variances.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let mlp = MlpConfig::new(784, vec![400], 40);
/// let encoder = GaussianEncoder::new(&mlp, &device, &mut noise);
/// let x = Tensor::<3>::zeros([1, 100, 784], &device);
/// let q = encoder.forward(x, 25, &mut noise);
/// assert_eq!(q.loc().dims(), [1, 100, 40]); // fixed weights: once per row; random: [25, 100, 40]
/// ```
pub type GaussianEncoder<N = Mlp> = Conditional<DiagonalNormal, N>;

/// The head of a [`GaussianEncoder`]: the outputs are means, then log-variances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiagonalNormal;

impl Head for DiagonalNormal {
    type Output = Normal<3>;

    fn num_outputs(&self, num_features: usize) -> usize {
        2 * num_features
    }

    fn distribution(&self, outputs: Tensor<3>) -> Normal<3> {
        let [.., found] = outputs.dims();
        assert!(
            found.is_multiple_of(2),
            "a mean and a log-variance for each feature are an even number of outputs, the network has {found}"
        );
        let [loc, log_variance] = kernel::halves(outputs);
        Normal::from_log_variance(loc, log_variance)
    }

    fn support(&self) -> Support {
        Support::Real
    }

    fn outputs_to_keep(&self, keep: Tensor<1>) -> Option<Tensor<1>> {
        Some(Tensor::cat(vec![keep.clone(), keep], 0))
    }
}

impl GaussianEncoder {
    /// Makes the encoder. `mlp.d_output` is the number of latent variables; the network gets twice
    /// as many outputs.
    ///
    /// # Panics
    ///
    /// Where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, device: &Device, noise: &mut Noise) -> Self {
        Self::with_mlp(mlp, DiagonalNormal, device, noise)
    }
}
