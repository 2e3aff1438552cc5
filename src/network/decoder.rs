//! Any decoder, and the distribution of the data that it returns.

use super::{BernoulliDecoder, GaussianDecoder};
use crate::{
    distribution::{Bernoulli, Normal, Support},
    layer::Mlp,
    noise::Noise,
};
use burn::{module::Module, tensor::Tensor};

/// A decoder for one of the supported kinds of data.
#[derive(Module, Debug)]
pub enum Decoder {
    /// For binary data.
    Bernoulli(BernoulliDecoder),
    /// For real data.
    Gaussian(GaussianDecoder),
}

/// p(x | z), as a [`Decoder`] returns it.
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a tensor is a handle, and few of these live at a time"
)]
pub enum Likelihood {
    /// Of binary data.
    Bernoulli(Bernoulli<3>),
    /// Of real data.
    Normal(Normal<3>),
}

impl Decoder {
    /// p(x | z) for each sample and row.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_latent]` → parameters `[1 or num_samples, batch, d_output]`.
    pub fn forward(&self, z: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Likelihood {
        match self {
            Self::Bernoulli(decoder) => {
                Likelihood::Bernoulli(decoder.forward(z, num_samples, noise))
            }
            Self::Gaussian(decoder) => Likelihood::Normal(decoder.forward(z, num_samples, noise)),
        }
    }

    /// log p(x | z) of each row, in nats: that of [`forward`](Self::forward)'s likelihood under the same noise.
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
    /// let mlp = MlpConfig::new(40, vec![400], 784);
    /// let decoder = Decoder::Bernoulli(BernoulliDecoder::new(&mlp, &device, &mut noise));
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
        match self {
            Self::Bernoulli(decoder) => decoder.log_prob(x, z, num_samples, noise),
            Self::Gaussian(decoder) => decoder.forward(z, num_samples, noise).log_prob(x),
        }
    }

    /// KL of all random weights to their priors, in nats, shape `[1]`; `None` if there are none.
    pub fn kl(&self) -> Option<Tensor<1>> {
        self.mlp().kl()
    }

    /// The values that the decoder gives probability to.
    pub fn support(&self) -> Support {
        match self {
            Self::Bernoulli(_) => Support::Binary,
            Self::Gaussian(_) => Support::Real,
        }
    }

    /// The decoder with random weights replaced by their means.
    pub fn posterior_mean(&self) -> Self {
        self.map(Mlp::posterior_mean)
    }

    /// The decoder with random weights replaced by one draw of them.
    pub fn sample_weights(&self, noise: &mut Noise) -> Self {
        self.map(|mlp| mlp.sample_weights(noise))
    }

    /// The decoder that does not see some latents: `keep` is `[d_latent]`, 1 to keep and 0 to switch off.
    pub(crate) fn without_inputs(&self, keep: Tensor<1>) -> Self {
        self.map(|mlp| mlp.without_inputs(keep))
    }

    /// The network inside.
    pub fn mlp(&self) -> &Mlp {
        match self {
            Self::Bernoulli(decoder) => &decoder.mlp,
            Self::Gaussian(decoder) => &decoder.mlp,
        }
    }

    fn map(&self, change: impl FnOnce(&Mlp) -> Mlp) -> Self {
        let mlp = change(self.mlp());
        match self {
            Self::Bernoulli(_) => Self::Bernoulli(BernoulliDecoder { mlp }),
            Self::Gaussian(decoder) => Self::Gaussian(GaussianDecoder {
                mlp,
                ..decoder.clone()
            }),
        }
    }
}

impl Likelihood {
    /// log p(x | z) of each row, in nats.
    ///
    /// # Shapes
    ///
    /// `[1 or samples, batch, features]` → `[samples, batch]`.
    pub fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        match self {
            Self::Bernoulli(likelihood) => likelihood.log_prob(x),
            Self::Normal(likelihood) => likelihood.log_prob(x),
        }
    }

    /// The mean of each feature: a probability for binary data.
    pub fn mean(&self) -> Tensor<3> {
        match self {
            Self::Bernoulli(likelihood) => likelihood.mean(),
            Self::Normal(likelihood) => likelihood.mean(),
        }
    }

    /// The variance of each feature.
    pub fn variance(&self) -> Tensor<3> {
        match self {
            Self::Bernoulli(likelihood) => likelihood.variance(),
            Self::Normal(likelihood) => likelihood.variance(),
        }
    }

    /// Samples `[num_samples, batch, features]` of the data.
    pub fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        match self {
            Self::Bernoulli(likelihood) => likelihood.sample(num_samples, noise),
            Self::Normal(likelihood) => likelihood.rsample(num_samples, noise),
        }
    }
}
