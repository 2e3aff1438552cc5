//! p(x | z) for binary data.

use crate::{
    distribution::Bernoulli,
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

/// A network for p(x | z) = Bernoulli(sigmoid(logits(z))), features independent.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let decoder = BernoulliDecoder::new(&MlpConfig::new(40, vec![400], 784), &device, &mut noise);
/// let z = noise.normal([25, 100, 40], &device);
/// let p = decoder.forward(z, 25, &mut noise);
/// assert_eq!(p.log_prob(Tensor::zeros([1, 100, 784], &device)).dims(), [25, 100]);
/// ```
#[derive(Module, Debug)]
pub struct BernoulliDecoder {
    /// The network that computes the logits.
    pub mlp: Mlp,
}

impl BernoulliDecoder {
    /// Makes the decoder.
    ///
    /// # Panics
    ///
    /// Where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, device: &Device, noise: &mut Noise) -> Self {
        Self {
            mlp: mlp.init(device, noise),
        }
    }

    /// p(x | z) for each sample and row.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_latent]` → logits `[1 or num_samples, batch, d_output]`.
    pub fn forward(&self, z: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Bernoulli<3> {
        Bernoulli::new(self.mlp.forward(z, num_samples, noise))
    }

    /// log p(x | z) of each row, in nats: the same as `forward(z, ..).log_prob(x)` and, on Flex, without autodiff and with random
    /// weights, faster.
    ///
    /// # Shapes
    ///
    /// z `[1 or num_samples, batch, d_latent]` and x `[1 or num_samples, batch, d_output]` → `[1 or num_samples, batch]`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let decoder = BernoulliDecoder::new(&MlpConfig::new(40, vec![400], 784), &device, &mut noise);
    /// let z = noise.normal([25, 100, 40], &device);
    /// let x = Tensor::zeros([1, 100, 784], &device);
    /// assert_eq!(decoder.log_prob(x, z, 25, &mut noise).dims(), [25, 100]);
    /// ```
    pub fn log_prob(
        &self,
        x: Tensor<3>,
        z: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        self.mlp.bernoulli_log_prob(z, x, num_samples, noise)
    }

    /// Starts the output bias at the logit of the data's mean, clipped to [0.001, 0.999], so that
    /// training does not spend its first epochs on the pixels' marginals (Burda et al. 2016).
    ///
    /// # Shapes
    ///
    /// `mean` is `[d_output]`.
    ///
    /// # Panics
    ///
    /// If `mean` has another length.
    pub fn with_data_mean(self, mean: Tensor<1>) -> Self {
        let mean = mean.clamp(0.001, 0.999);
        let logit = mean.clone().log() - mean.neg().add_scalar(1.0).log();
        Self {
            mlp: self.mlp.with_output_bias(logit),
        }
    }

    /// The decoder with random weights replaced by their means.
    pub fn posterior_mean(&self) -> Self {
        Self {
            mlp: self.mlp.posterior_mean(),
        }
    }
}
