//! q(z | x): a Gaussian whose mean and log-variance a network computes.

use crate::{
    distribution::Normal,
    kernel,
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Device, Int, Tensor},
};

/// A network for q(z | x) = N(loc(x), e^{log_variance(x)}), features independent.
///
/// One head of width 2·d_latent gives both, the means first.
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
#[derive(Module, Debug)]
pub struct GaussianEncoder {
    /// The network, with 2·d_latent outputs.
    pub mlp: Mlp,
}

impl GaussianEncoder {
    /// Makes the encoder. `mlp.d_output` is the number of latent variables; the network gets twice as
    /// many outputs.
    ///
    /// # Panics
    ///
    /// Where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, device: &Device, noise: &mut Noise) -> Self {
        let mut mlp = mlp.clone();
        mlp.d_output *= 2;
        Self {
            mlp: mlp.init(device, noise),
        }
    }

    /// q(z | x) for each row; with random weights, for each sample and row.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_input]` → parameters `[1 or num_samples, batch, d_latent]`.
    pub fn forward(&self, x: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Normal<3> {
        halves(self.mlp.forward(x, num_samples, noise))
    }

    /// q(z | x) for chosen rows of `x`; see [`Mlp::forward_rows`].
    ///
    /// # Shapes
    ///
    /// `[1, batch, d_input]` → parameters `[1, rows, d_latent]`.
    pub fn forward_rows(
        &self,
        x: Tensor<3>,
        rows: &Tensor<1, Int>,
        noise: &mut Noise,
    ) -> Normal<3> {
        halves(self.mlp.forward_rows(x, rows, noise))
    }

    /// The encoder with random weights replaced by their means.
    pub fn posterior_mean(&self) -> Self {
        Self {
            mlp: self.mlp.posterior_mean(),
        }
    }

    /// The encoder with random weights replaced by one draw of them.
    pub fn sample_weights(&self, noise: &mut Noise) -> Self {
        Self {
            mlp: self.mlp.sample_weights(noise),
        }
    }

    /// The encoder that gives N(0, 1) to some units: `keep` is `[d_latent]`, 1 to keep and 0 to switch off.
    pub(crate) fn without_units(&self, keep: Tensor<1>) -> Self {
        Self {
            mlp: self
                .mlp
                .without_outputs(Tensor::cat(vec![keep.clone(), keep], 0)),
        }
    }
}

/// Means and log-variances side by side.
fn halves(output: Tensor<3>) -> Normal<3> {
    let [loc, log_variance] = kernel::halves(output);
    Normal::from_log_variance(loc, log_variance)
}
