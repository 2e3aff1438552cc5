//! A model with covariates.

use super::{
    Hierarchy, LatentVariableModel, LogWeights,
    latent_prior::LatentPrior,
    path::Path,
    units::all_but,
    vae::Vae,
    which::{Which, beside},
};
use crate::{
    distribution::{Reparameterized, Support},
    layer::{BayesianLinear, WeightSample},
    network::{Conditional, Decoder, GaussianEncoder, Head, Network},
    noise::Noise,
};
use burn::{module::Module, tensor::Tensor};

/// A model p(x | z, c) p(z) with proposal q(z | x, c) and covariates c (Sohn, Lee, Yan 2015).
///
/// Covariates are what is known of a datapoint in addition to x. The data are pairs of rows, (c,
/// x): [`Paired`](crate::data::Paired) makes them. The encoder's input is x followed by c, the
/// decoder's is z followed by c. So both inputs are wider by the number of covariates.
/// [`VaeConfig::init_conditional`](super::VaeConfig::init_conditional) makes one.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let model = VaeConfig::new(784, 20).init_conditional(10, &device, &mut noise);
/// let x = Tensor::<2>::zeros([5, 784], &device);
/// let class = Tensor::<1, burn::tensor::Int>::from_ints([3, 0, 9, 1, 1], &device);
/// let c: Tensor<2> = class.float().one_hot(10);
/// let log_weights = model.log_weights((c.clone(), x), 25, &mut noise);
/// assert_eq!(bound::iwae(log_weights.total()).dims(), [5]);
/// assert_eq!(model.sample(c, &mut noise).dims(), [5, 784]); // a three, a zero, ...
/// ```
#[derive(Module, Debug)]
pub struct ConditionalVae<E: Module = GaussianEncoder, P: Module = Hierarchy, D: Module = Decoder> {
    /// q(z | x, c), p(z) and p(x | z, c).
    pub vae: Vae<E, P, D>,
    num_covariates: usize,
}

/// (c, x).
type Rows = (Tensor<2>, Tensor<2>);

impl<EH, EN, P, DH, DN> ConditionalVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// From its parts, and the number of covariates.
    ///
    /// # Panics
    ///
    /// If the parts are on two devices.
    pub fn from_parts(
        encoder: Conditional<EH, EN>,
        prior: P,
        decoder: Conditional<DH, DN>,
        num_covariates: usize,
    ) -> Self {
        Self {
            vae: Vae::from_parts(encoder, prior, decoder),
            num_covariates,
        }
    }

    /// The number of covariates, c.
    pub fn num_covariates(&self) -> usize {
        self.num_covariates
    }

    /// q(z | x, c) for each row. If the encoder has random weights, there is one for each of
    /// `num_samples` draws of them.
    ///
    /// # Shapes
    ///
    /// `c` is `[batch, num_covariates]`, `x` `[batch, d_data]`.
    pub fn encode(&self, (c, x): Rows, num_samples: usize, noise: &mut Noise) -> EH::Output {
        let input = Tensor::cat(vec![x, c], 1).unsqueeze_dim(0);
        self.vae.encoder.forward(input, num_samples, noise)
    }

    /// p(x | z, c) for each row.
    ///
    /// # Shapes
    ///
    /// `z` is `[num_samples, batch, d_latent]`, `c` `[batch, num_covariates]`.
    pub fn decode(&self, z: Tensor<3>, c: Tensor<2>, noise: &mut Noise) -> DH::Output {
        let c = c.unsqueeze_dim(0);
        self.vae.decode(beside(z, Some(&c)), noise)
    }

    fn weigh(&self, (c, x): Rows, which: Which, noise: &mut Noise, path: &Path) -> LogWeights {
        let ([rows, found], [batch, _]) = (c.dims(), x.dims());
        assert!(
            rows == batch,
            "there are covariates of {rows} rows, and {batch} rows"
        );
        assert!(
            found == self.num_covariates,
            "the model has {} covariates, the data have {found}",
            self.num_covariates
        );
        self.vae.weigh((x, Some(c)), which, noise, path)
    }

    fn with(&self, vae: Vae<Conditional<EH, EN>, P, Conditional<DH, DN>>) -> Self {
        Self {
            vae,
            num_covariates: self.num_covariates,
        }
    }
}

impl<EH, EN, P, DH, DN> LatentVariableModel<Rows>
    for ConditionalVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    fn log_weights(&self, data: Rows, num_samples: usize, noise: &mut Noise) -> LogWeights {
        self.weigh(data, Which::All(num_samples), noise, &Path::none())
    }

    fn log_weights_of_rows(&self, data: Rows, rows: &[usize], noise: &mut Noise) -> LogWeights {
        self.weigh(data, Which::Rows(rows), noise, &Path::none())
    }

    fn log_weights_along_path(
        &self,
        data: Rows,
        num_samples: usize,
        noise: &mut Noise,
        path: Tensor<2>,
    ) -> Option<LogWeights> {
        let (which, path) = (Which::All(num_samples), Path::multiplied(path));
        Some(self.weigh(data, which, noise, &path))
    }

    fn log_weights_of_rows_along_path(
        &self,
        data: Rows,
        rows: &[usize],
        noise: &mut Noise,
        path: Tensor<2>,
    ) -> Option<LogWeights> {
        let (which, path) = (Which::Rows(rows), Path::multiplied(path));
        Some(self.weigh(data, which, noise, &path))
    }

    fn support(&self) -> Support {
        self.vae.support()
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
        self.vae.posterior_mean().map(|vae| self.with(vae))
    }

    fn sample_weights(&self, noise: &mut Noise) -> Option<Self> {
        self.vae.sample_weights(noise).map(|vae| self.with(vae))
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
            .map(|vae| self.with(vae))
    }

    fn without_units(&self, units: &[Vec<usize>]) -> Option<Self> {
        let prior = self.vae.prior.without_units_of(units)?;
        let device = self.devices().swap_remove(0);
        let d_latent = self.vae.d_latent();
        let keep = |width| all_but(&units[0], width, &device);
        Some(self.with(Vae {
            encoder: self.vae.encoder.without_features(keep(d_latent)?)?,
            prior,
            decoder: (self.vae.decoder).without_inputs(keep(d_latent + self.num_covariates)?)?,
        }))
    }
}
