//! Stochastic layers above the first.

mod display;

use super::{
    Latent, ModelNoise, StandardNormal,
    given_draws::GivenDraws,
    latent_prior::{Encoder, LatentPrior, PriorWeights},
    path::Path,
    units::{all_but, num_features},
};
use crate::{
    distribution::{Distribution, Reparameterized},
    layer::{BayesianLinear, RandomWeights, WeightSample, named_layers, sum_of_weight_kls},
    network::{Conditional, GaussianEncoder, Head, Network},
    noise::Noise,
};
use burn::{
    module::{Module, ModuleDisplay},
    tensor::{Device, Tensor},
};
use std::sync::Arc;

/// A stochastic layer u above another, z.
#[derive(Module, Debug)]
pub struct UpperLayer<E: Module = GaussianEncoder, D: Module = GaussianEncoder> {
    /// q(u | z).
    pub encoder: E,
    /// p(z | u).
    pub decoder: D,
}

/// Stochastic layers above the first one of a [`Vae`](super::Vae), from the data up, and the prior
/// of the last (Burda, Grosse, Salakhutdinov 2016).
///
/// p(z₁) = ∫ p(z₁ | z₂) ⋯ p(z_L) and q(z₂ | z₁) ⋯ q(z_L | z_{L−1}). Each draw of z₁ has its own
/// draws of the layers above. A hierarchy without layers is just its prior. A hierarchy may be the
/// top of another one whose layers have other types.
///
/// # Example
///
/// The two layers of Burda et al., with random weights in p(z₁ | z₂).
///
/// ```
/// use burn_bayes::{model::{Hierarchy, UpperLayer}, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let up = MlpConfig::new(100, vec![100, 100], 50);
/// let down = MlpConfig::new(50, vec![100, 100], 100).with_weights(Weights::random());
/// let layer = UpperLayer {
///     encoder: GaussianEncoder::new(&up, &device, &mut noise),
///     decoder: GaussianEncoder::new(&down, &device, &mut noise),
/// };
/// let prior = Hierarchy::from_parts(vec![layer], StandardNormal::new(50));
///
/// let up = MlpConfig::new(784, vec![200, 200], 100);
/// let encoder = GaussianEncoder::new(&up, &device, &mut noise);
/// let down = MlpConfig::new(100, vec![200, 200], 784);
/// let decoder = BernoulliDecoder::new(&down, &device, &mut noise);
/// let model = Vae::from_parts(encoder, prior, decoder);
///
/// let x = Tensor::zeros([3, 784], &device);
/// let log_weights = model.log_weights(x, 25, &mut noise);
/// assert_eq!(log_weights.total().dims(), [25, 3]);
/// assert_eq!(log_weights.latents.len(), 2);
/// ```
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Hierarchy<
    P: Module + ModuleDisplay = StandardNormal,
    E: Module + ModuleDisplay = GaussianEncoder,
    D: Module + ModuleDisplay = GaussianEncoder,
> {
    /// The layers, from the data up.
    pub layers: Vec<UpperLayer<E, D>>,
    /// The prior of the last one.
    pub top: P,
    num_units: usize,
}

impl<P, EH, EN, DH, DN> Hierarchy<P, Conditional<EH, EN>, Conditional<DH, DN>>
where
    P: LatentPrior,
    EH: Head<Output: Reparameterized>,
    EN: Network,
    DH: Head,
    DN: Network,
{
    /// From these layers, from the data up, and the prior of the last one.
    ///
    /// # Panics
    ///
    /// If the number of units of a layer is not what the next one needs.
    pub fn from_parts(
        layers: Vec<UpperLayer<Conditional<EH, EN>, Conditional<DH, DN>>>,
        top: P,
    ) -> Self {
        let num_units = layers.iter().rev().fold(top.num_units(), |above, layer| {
            let below = num_features(&layer.decoder, above);
            let found = num_features(&layer.encoder, below);
            assert!(
                found == above,
                "a layer's encoder has {found} latents, its decoder takes {above}"
            );
            below
        });
        Self {
            layers,
            top,
            num_units,
        }
    }

    /// The same with other parts, of the same shapes.
    fn map(
        &self,
        encoder: impl FnMut(&Conditional<EH, EN>) -> Conditional<EH, EN>,
        decoder: impl FnMut(&Conditional<DH, DN>) -> Conditional<DH, DN>,
        top: P,
    ) -> Self {
        let (mut encoder, mut decoder) = (encoder, decoder);
        let layers = self.layers.iter().map(|layer| UpperLayer {
            encoder: encoder(&layer.encoder),
            decoder: decoder(&layer.decoder),
        });
        Self {
            layers: layers.collect(),
            top,
            num_units: self.num_units,
        }
    }
}

impl<P, EH, EN, DH, DN> LatentPrior for Hierarchy<P, Conditional<EH, EN>, Conditional<DH, DN>>
where
    P: LatentPrior,
    EH: Head<Output: Reparameterized>,
    EN: Network,
    DH: Head,
    DN: Network,
{
    fn num_units(&self) -> usize {
        self.num_units
    }

    fn draw(
        &self,
        num: usize,
        encoder: &dyn Encoder,
        device: &Device,
        noise: &mut Noise,
    ) -> Tensor<3> {
        let encoder = match self.layers.last() {
            Some(layer) => &layer.encoder,
            None => encoder,
        };
        let z = self.top.draw(num, encoder, device, noise);
        self.layers.iter().rev().fold(z, |above, layer| {
            layer.decoder.forward(above, 1, noise).sample(1, noise)
        })
    }

    fn weigh(
        &self,
        z: &Tensor<3>,
        encoder: &dyn Encoder,
        path: &Path,
        noise: &mut Noise,
    ) -> PriorWeights {
        weigh(&self.layers, &self.top, z, encoder, path, noise)
    }

    fn uses_batch_statistics(&self) -> bool {
        let mut layers = self.layers.iter();
        let uses = layers.any(|layer| {
            let encoder = layer.encoder.network.uses_batch_statistics();
            encoder || layer.decoder.network.uses_batch_statistics()
        });
        uses || self.top.uses_batch_statistics()
    }

    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        let layers = self.layers.iter().map(|layer| layer.encoder.weight_kl());
        sum_of_weight_kls(layers.chain([self.top.encoder_weight_kl()]))
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        let layers = self.layers.iter().map(|layer| layer.decoder.weight_kl());
        sum_of_weight_kls(layers.chain([self.top.decoder_weight_kl()]))
    }

    fn at_posterior_mean(&self) -> Self {
        let top = self.top.at_posterior_mean();
        self.map(
            |part| part.posterior_mean(),
            |part| part.posterior_mean(),
            top,
        )
    }

    fn with_sampled_weights(&self, encoder: &dyn Encoder, noise: &mut Noise) -> Self {
        let [mut encoders, mut decoders, mut top] = noise.split();
        let encoder = match self.layers.last() {
            Some(layer) => &layer.encoder,
            None => encoder,
        };
        let top = self.top.with_sampled_weights(encoder, &mut top);
        self.map(
            |part| part.sample_weights(&mut encoders),
            |part| part.sample_weights(&mut decoders),
            top,
        )
    }

    fn layers_of_random_weights(&self) -> Vec<(String, &BayesianLinear)> {
        let layers = self.layers.iter().enumerate().flat_map(|(i, layer)| {
            let encoder = named_layers("encoder", layer.encoder.random_layers());
            let decoder = named_layers("decoder", layer.decoder.random_layers());
            let layers = encoder.chain(decoder);
            layers.map(move |(place, layer)| (format!("layers.{i}.{place}"), layer))
        });
        let top = named_layers("top", self.top.layers_of_random_weights());
        layers.chain(top).collect()
    }

    fn decoder_layers_of_random_weights(&self) -> Vec<(String, &BayesianLinear)> {
        let layers = self.layers.iter().enumerate().flat_map(|(i, layer)| {
            let decoder = named_layers("decoder", layer.decoder.random_layers());
            decoder.map(move |(place, layer)| (format!("layers.{i}.{place}"), layer))
        });
        let top = named_layers("top", self.top.decoder_layers_of_random_weights());
        layers.chain(top).collect()
    }

    fn with_decoder_weights(&self, weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        let layers = self.layers.iter().map(|layer| UpperLayer {
            encoder: layer.encoder.clone(),
            decoder: layer.decoder.with_weights(weights),
        });
        let layers = layers.collect();
        Self {
            layers,
            top: self.top.with_decoder_weights(weights),
            num_units: self.num_units,
        }
    }

    fn without_units_of(&self, units: &[Vec<usize>]) -> Option<Self> {
        if units.len() <= self.layers.len() {
            return None;
        }
        let top = self.top.without_units_of(&units[self.layers.len()..])?;
        let mut width = self.num_units;
        let mut layers = Vec::with_capacity(self.layers.len());
        for (layer, units) in self.layers.iter().zip(units.windows(2)) {
            let above = num_features(&layer.encoder, width);
            let device = layer.encoder.devices().swap_remove(0);
            let [z, u] = [(width, &units[0]), (above, &units[1])]
                .map(|(width, units)| all_but(units, width, &device));
            let (z, u) = (z?, u?);
            layers.push(UpperLayer {
                encoder: (layer.encoder.without_features(u.clone())?).without_inputs(z.clone())?,
                decoder: layer.decoder.without_features(z)?.without_inputs(u)?,
            });
            width = above;
        }
        Some(Self {
            layers,
            top,
            num_units: self.num_units,
        })
    }
}

type Layer<EH, EN, DH, DN> = UpperLayer<Conditional<EH, EN>, Conditional<DH, DN>>;

/// The terms that layers and their top add to the log-weights of draws of z.
fn weigh<P, EH, EN, DH, DN>(
    layers: &[Layer<EH, EN, DH, DN>],
    top: &P,
    z: &Tensor<3>,
    encoder: &dyn Encoder,
    path: &Path,
    noise: &mut Noise,
) -> PriorWeights
where
    P: LatentPrior,
    EH: Head<Output: Reparameterized>,
    EN: Network,
    DH: Head,
    DN: Network,
{
    let Some((layer, others)) = layers.split_first() else {
        return top.weigh(z, encoder, path, noise);
    };
    let mut noise = ModelNoise::of(noise);
    let mut again = noise.encoder.clone();
    let [samples, ..] = z.dims();
    let q = (layer.encoder).forward(z.clone(), samples, &mut noise.encoder);
    let (u, drawn) = q.rsample_with_log_prob(samples, &mut noise.latent);
    let [z_along, u_along] = [z, &u].map(|draws| path.along(draws));
    let log_proposal = path.log_proposal(drawn, || {
        // The network runs again with constant parameters and the same noise, so that gradients
        // reach z only.
        let constant = layer.encoder.clone().no_grad();
        let q = constant.forward(z_along.clone(), samples, &mut again);
        q.log_prob(u_along.clone())
    });
    let p = (layer.decoder).forward(u_along, samples, &mut noise.decoder);
    let log_prior = p.log_prob(z_along);

    let above = weigh(others, top, &u, &layer.encoder, path, &mut noise.above);
    let latent = Latent {
        proposal: Arc::new(q),
        prior: above.prior,
        z: u,
    };
    PriorWeights {
        prior: Arc::new(GivenDraws(Arc::new(p))),
        log_prior: log_prior + above.log_prior,
        log_proposal: Some(match above.log_proposal {
            Some(above) => log_proposal + above,
            None => log_proposal,
        }),
        latents: std::iter::once(latent).chain(above.latents).collect(),
    }
}
