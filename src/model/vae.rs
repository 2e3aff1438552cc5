//! A model with one stochastic layer, or several.

use super::{
    Hierarchy, LatentVariableModel, LogWeights, ModelNoise, assert_one_device,
    latent_prior::{Encoder, LatentPrior},
    path::Path,
    row_index,
    units::all_but,
    weigh::weigh,
    which::{Which, beside},
};
use crate::{
    distribution::{Reparameterized, Support},
    layer::{BayesianLinear, RandomWeights, WeightSample, named_layers, sum_of_weight_kls},
    network::{Conditional, Decoder, GaussianEncoder, Head, Network},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

/// A variational autoencoder: p(z), p(x | z) from a decoder, and q(z | x) from an encoder.
///
/// With fixed weights it is the model of the VAE and the IWAE, with random ones that of the IWAEU.
/// The choice of a [bound](crate::bound) decides which of them it is trained as.
/// [`VaeConfig`](super::VaeConfig) makes one from multilayer perceptrons,
/// [`from_parts`](Self::from_parts) from any networks.
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
pub struct Vae<E: Module = GaussianEncoder, P: Module = Hierarchy, D: Module = Decoder> {
    /// q(z | x).
    pub encoder: E,
    /// p(z), or the stochastic layers above z.
    pub prior: P,
    /// p(x | z).
    pub decoder: D,
}

impl<EH, EN, P, DH, DN> Vae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// From its parts.
    ///
    /// # Panics
    ///
    /// If the parts are on two devices.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let encoder = GaussianEncoder::new(&MlpConfig::new(784, vec![100], 2), &device, &mut noise);
    /// let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![100], 784), &device, &mut noise);
    /// let model = Vae::from_parts(encoder, StandardNormal::new(2), decoder);
    /// assert_eq!(model.sample(5, &mut noise).dims(), [5, 784]);
    /// ```
    pub fn from_parts(
        encoder: Conditional<EH, EN>,
        prior: P,
        decoder: Conditional<DH, DN>,
    ) -> Self {
        let model = Self {
            encoder,
            prior,
            decoder,
        };
        assert_one_device(&model);
        model
    }

    /// q(z | x) for each row of `x`. If the encoder has random weights, there is one for each of
    /// `num_samples` draws of them.
    ///
    /// # Shapes
    ///
    /// `[batch, d_data]` → parameters `[1 or num_samples, batch, d_latent]`.
    pub fn encode(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> EH::Output {
        self.encoder.forward(x.unsqueeze_dim(0), num_samples, noise)
    }

    /// p(x | z) for each row of `z`.
    ///
    /// # Shapes
    ///
    /// `[num_samples, batch, d_latent]` → parameters `[num_samples, batch, d_data]`.
    pub fn decode(&self, z: Tensor<3>, noise: &mut Noise) -> DH::Output {
        let [num_samples, _, _] = z.dims();
        self.decoder.forward(z, num_samples, noise)
    }

    /// The number of latent variables; with several stochastic layers, of the lowest one.
    pub fn d_latent(&self) -> usize {
        self.prior.num_units()
    }

    fn device(&self) -> Device {
        self.devices().swap_remove(0)
    }

    /// The log-weights of all samples of all rows, or of one sample each for chosen rows.
    /// Covariates, `[batch, features]`, go beside x and z if there are any. What the encoder
    /// computes for all samples of a row runs once per row.
    pub(super) fn weigh(
        &self,
        (x, covariates): (Tensor<2>, Option<Tensor<2>>),
        which: Which,
        noise: &mut Noise,
        path: &Path,
    ) -> LogWeights {
        let mut noise = ModelNoise::of(noise);
        let mut x = x.unsqueeze_dim::<3>(0);
        let mut covariates = covariates.map(|covariates| covariates.unsqueeze_dim::<3>(0));
        let input = beside(x.clone(), covariates.as_ref());
        let (proposal, num_samples) = match which {
            Which::All(num_samples) => {
                let proposal = (self.encoder).forward(input, num_samples, &mut noise.encoder);
                (proposal, num_samples)
            }
            Which::Rows(rows) => {
                let rows = row_index(rows, &x.device());
                x = x.select(1, rows.clone());
                covariates = covariates.map(|covariates| covariates.select(1, rows.clone()));
                let noise = &mut noise.encoder;
                (self.encoder.forward_rows(input, &rows, noise), 1)
            }
        };
        let proposal = (proposal, &self.encoder as &dyn Encoder);
        weigh(
            proposal,
            &self.prior,
            num_samples,
            &mut noise,
            path,
            |z, noise| {
                let input = beside(z, covariates.as_ref());
                self.decoder.log_prob(x, input, num_samples, noise)
            },
        )
    }
}

impl Vae {
    /// Starts the output bias of a Bernoulli decoder at the logit of the data's mean. See
    /// [`BernoulliDecoder::with_data_mean`](crate::network::BernoulliDecoder::with_data_mean).
    /// Other decoders are unchanged.
    ///
    /// # Shapes
    ///
    /// `mean` is `[d_data]`.
    pub fn with_data_mean(self, mean: Tensor<1>) -> Self {
        Self {
            decoder: self.decoder.with_data_mean(mean),
            ..self
        }
    }
}

impl<EH, EN, P, DH, DN> LatentVariableModel for Vae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        self.weigh((x, None), Which::All(num_samples), noise, &Path::none())
    }

    fn log_weights_of_rows(&self, x: Tensor<2>, rows: &[usize], noise: &mut Noise) -> LogWeights {
        self.weigh((x, None), Which::Rows(rows), noise, &Path::none())
    }

    fn log_weights_along_path(
        &self,
        x: Tensor<2>,
        num_samples: usize,
        noise: &mut Noise,
        path: Tensor<2>,
    ) -> Option<LogWeights> {
        let (which, path) = (Which::All(num_samples), Path::multiplied(path));
        Some(self.weigh((x, None), which, noise, &path))
    }

    fn log_weights_of_rows_along_path(
        &self,
        x: Tensor<2>,
        rows: &[usize],
        noise: &mut Noise,
        path: Tensor<2>,
    ) -> Option<LogWeights> {
        let (which, path) = (Which::Rows(rows), Path::multiplied(path));
        Some(self.weigh((x, None), which, noise, &path))
    }

    fn support(&self) -> Support {
        self.decoder.support()
    }

    fn uses_batch_statistics(&self) -> bool {
        self.encoder.network.uses_batch_statistics()
            || self.prior.uses_batch_statistics()
            || self.decoder.network.uses_batch_statistics()
    }

    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        sum_of_weight_kls([self.encoder.weight_kl(), self.prior.encoder_weight_kl()])
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        sum_of_weight_kls([self.decoder.weight_kl(), self.prior.decoder_weight_kl()])
    }

    fn posterior_mean(&self) -> Option<Self> {
        self.weight_kl()?;
        Some(Self {
            encoder: self.encoder.posterior_mean(),
            prior: self.prior.at_posterior_mean(),
            decoder: self.decoder.posterior_mean(),
        })
    }

    fn sample_weights(&self, noise: &mut Noise) -> Option<Self> {
        self.weight_kl()?;
        let [mut encoder, mut decoder, mut prior] = noise.split();
        Some(Self {
            encoder: self.encoder.sample_weights(&mut encoder),
            prior: self.prior.with_sampled_weights(&self.encoder, &mut prior),
            decoder: self.decoder.sample_weights(&mut decoder),
        })
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        let encoder = named_layers("encoder", self.encoder.random_layers());
        let decoder = named_layers("decoder", self.decoder.random_layers());
        let prior = named_layers("prior", self.prior.layers_of_random_weights());
        encoder.chain(decoder).chain(prior).collect()
    }

    fn random_decoder_layers(&self) -> Vec<(String, &BayesianLinear)> {
        let decoder = named_layers("decoder", self.decoder.random_layers());
        let prior = named_layers("prior", self.prior.decoder_layers_of_random_weights());
        decoder.chain(prior).collect()
    }

    fn with_decoder_weights(&self, weights: Vec<WeightSample>) -> Option<Self> {
        let weights = &mut weights.into_iter();
        let decoder = self.decoder.with_weights(weights);
        Some(Self {
            encoder: self.encoder.clone(),
            prior: self.prior.with_decoder_weights(weights),
            decoder,
        })
    }

    fn without_units(&self, units: &[Vec<usize>]) -> Option<Self> {
        let prior = self.prior.without_units_of(units)?;
        let keep = all_but(&units[0], self.d_latent(), &self.device())?;
        Some(Self {
            encoder: self.encoder.without_features(keep.clone())?,
            prior,
            decoder: self.decoder.without_inputs(keep)?,
        })
    }
}
