//! A model with one stochastic layer.

use super::{LatentVariableModel, LogWeights, row_index};
use crate::{
    distribution::{Normal, Support},
    layer::BayesianLinear,
    network::{Decoder, GaussianEncoder, Likelihood},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Tensor, TensorData},
};

/// p(z) = N(0, I), p(x | z) from a decoder, q(z | x) from an encoder: with fixed weights the model of
/// the VAE and the IWAE, with random ones that of the IWAEU.
///
/// Which of them it is trained as is the choice of a [bound](crate::bound).
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let model = VaeConfig::new(784, 40)
///     .with_uncertainty(Uncertainty::EncoderAndDecoder)
///     .init(&device, &mut noise);
/// let x = Tensor::<2>::zeros([100, 784], &device);
/// let log_weights = model.log_weights(x, 5, &mut noise);
/// assert_eq!(bound::iwae(log_weights.total()).dims(), [100]);
/// ```
#[derive(Module, Debug)]
pub struct Vae {
    /// q(z | x).
    pub encoder: GaussianEncoder,
    /// p(x | z).
    pub decoder: Decoder,
}

impl Vae {
    /// q(z | x) for each row of `x`; with a random encoder, under `num_samples` draws of its weights.
    ///
    /// # Shapes
    ///
    /// `[batch, d_data]` → parameters `[1 or num_samples, batch, d_latent]`.
    pub fn encode(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> Normal<3> {
        self.encoder.forward(x.unsqueeze_dim(0), num_samples, noise)
    }

    /// p(x | z) for each row of `z`.
    ///
    /// # Shapes
    ///
    /// `[num_samples, batch, d_latent]` → parameters `[num_samples, batch, d_data]`.
    pub fn decode(&self, z: Tensor<3>, noise: &mut Noise) -> Likelihood {
        let [num_samples, _, _] = z.dims();
        self.decoder.forward(z, num_samples, noise)
    }

    /// `num` data drawn from the model: z from its prior, then x from p(x | z).
    ///
    /// # Shapes
    ///
    /// `[num, d_data]`.
    pub fn sample(&self, num: usize, noise: &mut Noise) -> Tensor<2> {
        let device = self.devices().swap_remove(0);
        let z = noise.normal([1, num, self.d_latent()], &device);
        self.decode(z, noise).sample(1, noise).squeeze_dim(0)
    }

    /// The mean of p(x | z) at `num_samples` draws of z from q(z | x).
    ///
    /// # Shapes
    ///
    /// `[batch, d_data]` → `[num_samples, batch, d_data]`.
    pub fn reconstruct(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let z = self
            .encode(x, num_samples, noise)
            .rsample(num_samples, noise);
        self.decode(z, noise).mean()
    }

    /// Starts the output bias of a Bernoulli decoder at the logit of the data's mean; see
    /// [`BernoulliDecoder::with_data_mean`](crate::network::BernoulliDecoder::with_data_mean). A
    /// Gaussian decoder stays as it is.
    ///
    /// # Shapes
    ///
    /// `mean` is `[d_data]`.
    pub fn with_data_mean(self, mean: Tensor<1>) -> Self {
        let decoder = match self.decoder {
            Decoder::Bernoulli(decoder) => Decoder::Bernoulli(decoder.with_data_mean(mean)),
            gaussian => gaussian,
        };
        Self { decoder, ..self }
    }

    /// The number of latent variables.
    pub fn d_latent(&self) -> usize {
        self.encoder.mlp.num_outputs() / 2
    }
}

/// The noise of a model's parts: apart, so that models with and without random weights share the noise
/// of z.
struct Parts {
    encoder: Noise,
    latent: Noise,
    decoder: Noise,
}

impl Parts {
    fn of(noise: &mut Noise) -> Self {
        let [encoder, latent, decoder] = noise.split();
        Self {
            encoder,
            latent,
            decoder,
        }
    }
}

impl Vae {
    /// The log-weights of samples of `proposal`.
    fn weigh(
        &self,
        x: Tensor<3>,
        proposal: Normal<3>,
        num_samples: usize,
        mut noise: Parts,
    ) -> LogWeights {
        let (z, log_proposal) = proposal.rsample_with_log_prob(num_samples, &mut noise.latent);
        let [_, batch, features] = z.dims();
        let (for_all_samples, device) = ([1, batch, features], z.device());
        let prior = Normal::new(
            Tensor::zeros(for_all_samples, (&device, z.dtype())),
            Tensor::ones(for_all_samples, (&device, z.dtype())),
        );
        let log_likelihood = (self.decoder).log_prob(x, z.clone(), num_samples, &mut noise.decoder);
        let log_prior = prior.log_prob(z.clone());
        LogWeights::new(log_likelihood, log_prior, log_proposal).with_latent(proposal, prior, z)
    }
}

impl LatentVariableModel for Vae {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let mut noise = Parts::of(noise);
        let x = x.unsqueeze_dim::<3>(0);
        let proposal = self
            .encoder
            .forward(x.clone(), num_samples, &mut noise.encoder);
        self.weigh(x, proposal, num_samples, noise)
    }

    /// The encoder's layers up to the first random one run once for each row of `x`.
    fn log_weights_of_rows(&self, x: Tensor<2>, rows: &[usize], noise: &mut Noise) -> LogWeights {
        let mut noise = Parts::of(noise);
        let rows = row_index(rows, &x.device());
        let x = x.unsqueeze_dim::<3>(0);
        let proposal = self
            .encoder
            .forward_rows(x.clone(), &rows, &mut noise.encoder);
        self.weigh(x.select(1, rows), proposal, 1, noise)
    }

    fn support(&self) -> Support {
        self.decoder.support()
    }

    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.encoder.mlp.kl()
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.decoder.kl()
    }

    fn posterior_mean(&self) -> Option<Self> {
        self.weight_kl()?;
        Some(Self {
            encoder: self.encoder.posterior_mean(),
            decoder: self.decoder.posterior_mean(),
        })
    }

    fn sample_weights(&self, noise: &mut Noise) -> Option<Self> {
        self.weight_kl()?;
        let [mut encoder, mut decoder] = noise.split();
        Some(Self {
            encoder: self.encoder.sample_weights(&mut encoder),
            decoder: self.decoder.sample_weights(&mut decoder),
        })
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        let encoder = self.encoder.mlp.random_layers("encoder");
        encoder
            .chain(self.decoder.mlp().random_layers("decoder"))
            .collect()
    }

    fn without_units(&self, units: &[Vec<usize>]) -> Option<Self> {
        let [units] = units else { return None };
        let mut keep = vec![1.0f32; self.d_latent()];
        units.iter().for_each(|&unit| keep[unit] = 0.0);
        let device = self.devices().swap_remove(0);
        let keep = Tensor::from_data(TensorData::from(keep.as_slice()), &device);
        Some(Self {
            encoder: self.encoder.without_units(keep.clone()),
            decoder: self.decoder.without_inputs(keep),
        })
    }
}
