//! A model of rows with missing cells.

use super::{
    LatentVariableModel, LogWeights, ModelNoise, StandardNormal,
    cells::Cells,
    latent_prior::{Encoder, LatentPrior},
    path::Path,
    vae::Vae,
    weigh::weigh,
};
use crate::{
    distribution::{Distribution, Reparameterized, SumFeatures, Support},
    layer::{BayesianLinear, WeightSample},
    network::{ColumnsDecoder, Conditional, GaussianEncoder, Head, Network},
    noise::Noise,
};
use burn::{module::Module, tensor::Tensor};

/// A variational autoencoder for rows with missing cells, which are NaN (Mattei and Frellsen 2019).
///
/// It has p(z), p(x | z) from a decoder, and q(z | observed cells) from an encoder.
///
/// log w = Σ over observed j of log p(xⱼ | z) + log p(z) − log q(z | observed cells). So
/// [`iwae`](crate::bound::iwae) gives a lower bound of log p(observed cells). This is the right
/// objective if cells are missing at random: whether a cell is missing depends only on observed
/// cells.
///
/// The encoder takes 2·d_data numbers of a row. The first half are the cells, 0 where one is
/// missing, and log(1 + c) for a count c; the second half are the mask, 1 where one is observed.
/// Real columns should have been standardized. [`IncompleteVaeConfig`](super::IncompleteVaeConfig)
/// makes one of multilayer perceptrons.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let columns = Columns::new([
///     (Family::Normal(Scale::default()), 2),
///     (Family::Categorical { classes: 3 }, 1),
/// ]);
/// let model = IncompleteVae::new(columns, 2, vec![20], &device, &mut noise);
/// let x = Tensor::<2>::from_floats([[0.5, f32::NAN, 2.0], [f32::NAN, -1.0, 0.0]], &device);
/// let log_weights = model.log_weights(x.clone(), 50, &mut noise);
/// assert_eq!(bound::iwae(log_weights.total()).dims(), [2]);
/// let imputed = model.impute(x, 50, &mut noise).mean;
/// assert!(!imputed.is_nan().any().into_scalar::<bool>());
/// ```
#[derive(Module, Debug)]
pub struct IncompleteVae<
    E: Module = GaussianEncoder,
    P: Module = StandardNormal,
    D: Module = ColumnsDecoder,
> {
    /// q(z | observed cells), p(z) and p(x | z).
    pub vae: Vae<E, P, D>,
}

impl<EH, EN, P, DH, DN> IncompleteVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// From its parts. The encoder takes twice as many numbers as the decoder gives features: see
    /// [`IncompleteVae`].
    ///
    /// # Panics
    ///
    /// If the parts are on two devices.
    ///
    /// # Example
    ///
    /// Random weights in the encoder, and likelihoods of grey levels.
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let up = MlpConfig::new(2 * 784, vec![100], 5).with_weights(Weights::random());
    /// let encoder = GaussianEncoder::new(&up, &device, &mut noise);
    /// let down = MlpConfig::new(5, vec![100], 784);
    /// let decoder = Decoder::new(&down, Family::ContinuousBernoulli, &device, &mut noise);
    /// let model = IncompleteVae::from_parts(encoder, StandardNormal::new(5), decoder);
    /// assert_eq!(model.sample(4, &mut noise).dims(), [4, 784]);
    /// ```
    pub fn from_parts(
        encoder: Conditional<EH, EN>,
        prior: P,
        decoder: Conditional<DH, DN>,
    ) -> Self {
        Self {
            vae: Vae::from_parts(encoder, prior, decoder),
        }
    }

    /// p(x | z) of whole rows, for each row of `z`.
    ///
    /// # Shapes
    ///
    /// `[num_samples, batch, d_latent]` → parameters `[num_samples, batch, d_data]`.
    pub fn decode(&self, z: Tensor<3>, noise: &mut Noise) -> DH::Output {
        self.vae.decode(z, noise)
    }

    /// The log-weights of samples, and p(x | z) at these samples.
    pub(super) fn weigh(
        &self,
        cells: &Cells,
        num_samples: usize,
        noise: &mut ModelNoise,
        path: &Path,
    ) -> (LogWeights, DH::Output) {
        let Vae {
            encoder,
            prior,
            decoder,
        } = &self.vae;
        let proposal = encoder.forward(
            cells.with_mask(&decoder.support()),
            num_samples,
            &mut noise.encoder,
        );
        let mut likelihood = None;
        let proposal = (proposal, encoder as &dyn Encoder);
        let log_weights = weigh(proposal, prior, num_samples, noise, path, |z, noise| {
            let x = cells.inside(&decoder.support());
            let [.., features] = x.dims();
            let p = decoder.forward_of(features, z, num_samples, noise);
            let log_probs = p.log_prob_of_features(x).unwrap_or_else(|| {
                panic!("without `log_prob_of_features` of p(x | z) no cell can be left out: {p:?}")
            });
            likelihood = Some(p);
            let missing = cells.missing.clone().expand(log_probs.dims());
            log_probs.mask_fill(missing, 0.0).sum_features()
        });
        (log_weights, likelihood.expect("a likelihood was asked for"))
    }
}

impl<EH, EN, P, DH, DN> LatentVariableModel
    for IncompleteVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// # Panics
    ///
    /// If p(x | z) does not give the log-density of each feature
    /// ([`Distribution::log_prob_of_features`]), or shapes do not fit.
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let mut noise = ModelNoise::of(noise);
        let (log_weights, _) = self.weigh(&Cells::of(x), num_samples, &mut noise, &Path::none());
        log_weights
    }

    fn log_weights_along_path(
        &self,
        x: Tensor<2>,
        num_samples: usize,
        noise: &mut Noise,
        path: Tensor<2>,
    ) -> Option<LogWeights> {
        let mut noise = ModelNoise::of(noise);
        let path = Path::multiplied(path);
        let (log_weights, _) = self.weigh(&Cells::of(x), num_samples, &mut noise, &path);
        Some(log_weights)
    }

    /// The decoder's support, or a missing cell.
    fn support(&self) -> Support {
        Support::OrMissing(Box::new(self.vae.support()))
    }

    fn uses_batch_statistics(&self) -> bool {
        self.vae.uses_batch_statistics()
    }

    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.vae.encoder_weight_kl()
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        self.vae.decoder_weight_kl()
    }

    fn posterior_mean(&self) -> Option<Self> {
        self.vae.posterior_mean().map(|vae| Self { vae })
    }

    fn sample_weights(&self, noise: &mut Noise) -> Option<Self> {
        self.vae.sample_weights(noise).map(|vae| Self { vae })
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        self.vae.random_layers()
    }

    fn random_decoder_layers(&self) -> Vec<(String, &BayesianLinear)> {
        self.vae.random_decoder_layers()
    }

    fn with_decoder_weights(&self, weights: Vec<WeightSample>) -> Option<Self> {
        self.vae
            .with_decoder_weights(weights)
            .map(|vae| Self { vae })
    }

    fn without_units(&self, units: &[Vec<usize>]) -> Option<Self> {
        self.vae.without_units(units).map(|vae| Self { vae })
    }
}
