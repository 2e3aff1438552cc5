//! Ladder variational autoencoders.

mod config;
mod parts;

pub use config::LadderConfig;
pub use parts::{Descent, Rung};

use self::parts::merged;
use super::{
    Latent, LatentVariableModel, LogWeights, ModelNoise, assert_one_device, units::all_but,
};
use crate::{
    distribution::{Normal, Support},
    layer::{BayesianLinear, RandomWeights, TrunkMlp, WeightSample, named_layers},
    network::{Conditional, Decoder, Head, Network},
    noise::Noise,
};
use burn::{module::Module, tensor::Tensor};

/// A ladder variational autoencoder (Sønderby, Raiko, Maaløe, Sønderby, Winther 2016).
///
/// Its latents are drawn from the top layer down, in the proposal as in the model. The upward pass
/// draws nothing and computes N(μ̂_l, σ̂²_l) for each layer. The downward pass merges it with
/// N(μ_t, σ²_t), which comes from the layer above, weighted by precision:
///
/// ```math
/// \sigma_q^2 = \frac{1}{1 / \hat\sigma^2 + 1 / \sigma_t^2},
/// \qquad
/// \mu_q = \left(\frac{\hat\mu}{\hat\sigma^2} + \frac{\mu_t}{\sigma_t^2}\right) \sigma_q^2,
/// \qquad
/// z_l \sim N(\mu_q, \sigma_q^2).
/// ```
///
/// The top layer is z_L ~ N(μ̂_L, σ̂²_L), with the prior N(0, I). All divergences have a closed
/// form, so [`bound::vae_analytic`](crate::bound::vae_analytic) can be used.
///
/// With batch normalization, rows of a batch depend on one another in training. So gradients in two
/// passes ([`gradient::Replay`](crate::gradient::Replay)) and in parts of a batch are refused. All
/// that a model in training computes moves its running averages, new data and reconstructions, too:
/// give `model.valid()` for these.
///
/// # Example
///
/// ```
/// use burn_bayes::{model::{LadderConfig, Latents}, prelude::*};
///
/// let layers = vec![
///     Latents::new(32).with_hidden(vec![256, 256]),
///     Latents::new(16).with_hidden(vec![128, 128]),
///     Latents::new(8).with_hidden(vec![64, 64]),
/// ];
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let model = LadderConfig::new(784, layers).with_batch_norm(true).init(&device, &mut noise);
/// let x = Tensor::<2>::zeros([10, 784], &device);
/// let log_weights = model.log_weights(x, 5, &mut noise);
/// assert_eq!(log_weights.latent_kl().unwrap().dims(), [5, 10]);
/// assert_eq!(model.sample(3, &mut noise).dims(), [3, 784]);
/// ```
#[derive(Module, Debug)]
pub struct Ladder<D: Module = Decoder<TrunkMlp>> {
    /// The upward pass, from the data; one for each stochastic layer.
    pub up: Vec<Rung>,
    /// The downward pass: p(z_l | z_{l+1}), ordered from the data up; one for each stochastic layer
    /// but the top.
    pub down: Vec<Descent>,
    /// p(x | z₁).
    pub decoder: D,
    /// Units that are switched off, by layer: their proposal is their prior. Empty if there are
    /// none.
    #[module(skip)]
    off: Vec<Vec<usize>>,
}

impl<H: Head, N: Network> Ladder<Conditional<H, N>> {
    /// From its parts, ordered from the data up.
    ///
    /// # Panics
    ///
    /// If there is no layer, if `down` is not one shorter than `up`, if the widths of a way down do
    /// not fit, or if the parts are on several devices.
    pub fn from_parts(up: Vec<Rung>, down: Vec<Descent>, decoder: Conditional<H, N>) -> Self {
        assert!(
            !up.is_empty() && up.len() == down.len() + 1,
            "a ladder has a way down between two layers, this one {} for {} layers",
            down.len(),
            up.len()
        );
        for (layer, (pair, descent)) in up.windows(2).zip(&down).enumerate() {
            // Each layer has a mean and a log-variance for each latent.
            let [own, above] = [0, 1].map(|place: usize| pair[place].proposal.network.widths()[1]);
            let needed = [above / 2, own];
            for network in [Some(&descent.prior), descent.merge.as_ref()]
                .into_iter()
                .flatten()
            {
                let found = network.network.widths();
                assert!(
                    found == needed,
                    "the way down to layer {} has {found:?} inputs and outputs, the layers {needed:?}",
                    layer + 1
                );
            }
        }
        let model = Self {
            up,
            down,
            decoder,
            off: Vec::new(),
        };
        assert_one_device(&model);
        model
    }

    /// p(x | z₁) for each row of `z`.
    ///
    /// # Shapes
    ///
    /// `[num_samples, batch, d_latent]` → parameters `[num_samples, batch, d_data]`.
    pub fn decode(&self, z: Tensor<3>, noise: &mut Noise) -> H::Output {
        let [num_samples, _, _] = z.dims();
        self.decoder.forward(z, num_samples, noise)
    }

    /// Draws of z₁, the latents above being drawn first.
    pub(super) fn draw_lowest(
        &self,
        x: Tensor<2>,
        num_samples: usize,
        noise: &mut ModelNoise,
    ) -> Tensor<3> {
        let latents = self.draw(x.unsqueeze_dim(0), num_samples, noise);
        latents[0].latent.z.clone()
    }

    /// N(μ̂_l, σ̂²_l) of each layer from the upward pass, from the data up.
    fn proposals(&self, x: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Vec<Normal<3>> {
        let mut hidden = x;
        let rungs = self.up.iter().map(|rung| {
            hidden = rung.trunk.forward(hidden.clone(), num_samples, noise);
            rung.proposal.forward(hidden.clone(), num_samples, noise)
        });
        rungs.collect()
    }

    /// The draws of each layer and their distributions, from the data up.
    fn draw(&self, x: Tensor<3>, num_samples: usize, noise: &mut ModelNoise) -> Vec<Drawn> {
        let mut proposals = self.proposals(x, num_samples, &mut noise.encoder);
        let mut drawn: Vec<Drawn> = Vec::new();
        for layer in (0..self.up.len()).rev() {
            let found = proposals.swap_remove(layer);
            let (proposal, prior) = match (drawn.last(), self.down.get(layer)) {
                (Some(above), Some(descent)) => {
                    let above = above.latent.z.clone();
                    let prior =
                        (descent.prior).forward(above.clone(), num_samples, &mut noise.decoder);
                    let merge = descent.merge.as_ref();
                    let from_above = merge
                        .map(|merge| merge.forward(above, num_samples, &mut noise.above))
                        .unwrap_or_else(|| prior.clone());
                    (merged(&found, &from_above), prior)
                }
                _ => {
                    let prior = Normal::standard_like(&found.loc());
                    (found, prior)
                }
            };
            let proposal = self.without_off(layer, proposal, &prior);
            let (z, log_proposal) = proposal.rsample_with_log_prob(num_samples, &mut noise.latent);
            let log_prior = prior.log_prob(z.clone());
            drawn.push(Drawn {
                latent: Latent::new(proposal, prior, z),
                log_prior,
                log_proposal,
            });
        }
        drawn.reverse();
        drawn
    }

    /// The units that are off already, and these.
    fn also_off(&self, units: &[Vec<usize>]) -> Vec<Vec<usize>> {
        let units = units.iter().enumerate().map(|(layer, more)| {
            let before = self.off.get(layer).into_iter().flatten();
            before.chain(more).copied().collect()
        });
        units.collect()
    }

    /// The proposal, with the prior's parameters for units that are off.
    fn without_off(&self, layer: usize, proposal: Normal<3>, prior: &Normal<3>) -> Normal<3> {
        let Some(off) = self.off.get(layer).filter(|off| !off.is_empty()) else {
            return proposal;
        };
        let [.., width] = proposal.loc().dims();
        let keep = all_but(off, width, &proposal.loc().device());
        let keep = keep.expect("units that are off are there").unsqueeze::<3>();
        let choose = |of: fn(&Normal<3>) -> Tensor<3>| {
            of(&proposal) * keep.clone() + of(prior) * (keep.ones_like() - keep.clone())
        };
        Normal::from_log_variance(choose(Normal::loc), choose(Normal::log_variance))
    }
}

/// A stochastic layer's draws.
struct Drawn {
    latent: Latent,
    log_prior: Tensor<2>,
    log_proposal: Tensor<2>,
}

impl<H: Head, N: Network> LatentVariableModel for Ladder<Conditional<H, N>> {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let mut noise = ModelNoise::of(noise);
        let x = x.unsqueeze_dim::<3>(0);
        let drawn = self.draw(x.clone(), num_samples, &mut noise);
        let z = drawn[0].latent.z.clone();
        let log_likelihood = (self.decoder).log_prob(x, z, num_samples, &mut noise.decoder);
        let sum = |of: fn(&Drawn) -> &Tensor<2>| {
            let parts = drawn.iter().map(|drawn| of(drawn).clone());
            parts
                .reduce(|sum, part| sum + part)
                .expect("a ladder has a layer")
        };
        let log_prior = sum(|drawn| &drawn.log_prior);
        let log_proposal = sum(|drawn| &drawn.log_proposal);
        let weights = LogWeights::new(log_likelihood, log_prior, log_proposal);
        let latents = drawn.into_iter().map(|drawn| drawn.latent);
        latents.fold(weights, LogWeights::with)
    }

    fn support(&self) -> Support {
        self.decoder.support()
    }

    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        let merges: Vec<_> = self
            .down
            .iter()
            .filter_map(|down| down.merge.clone())
            .collect();
        match (self.up.weight_kl(), merges.weight_kl()) {
            (Some(up), Some(merges)) => Some(up + merges),
            (up, merges) => up.or(merges),
        }
    }

    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        let priors: Vec<_> = self.down.iter().map(|down| down.prior.clone()).collect();
        match (priors.weight_kl(), self.decoder.weight_kl()) {
            (Some(priors), Some(decoder)) => Some(priors + decoder),
            (priors, decoder) => priors.or(decoder),
        }
    }

    fn posterior_mean(&self) -> Option<Self> {
        self.weight_kl()?;
        Some(Self {
            up: self.up.posterior_mean(),
            down: self.down.posterior_mean(),
            decoder: self.decoder.posterior_mean(),
            off: self.off.clone(),
        })
    }

    fn sample_weights(&self, noise: &mut Noise) -> Option<Self> {
        self.weight_kl()?;
        let [mut up, mut down, mut decoder] = noise.split();
        Some(Self {
            up: self.up.sample_weights(&mut up),
            down: self.down.sample_weights(&mut down),
            decoder: self.decoder.sample_weights(&mut decoder),
            off: self.off.clone(),
        })
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        let up = named_layers("up", self.up.random_layers());
        let down = named_layers("down", self.down.random_layers());
        let decoder = named_layers("decoder", self.decoder.random_layers());
        up.chain(down).chain(decoder).collect()
    }

    fn random_decoder_layers(&self) -> Vec<(String, &BayesianLinear)> {
        let down = self.down.iter().enumerate().flat_map(|(i, descent)| {
            let prior = named_layers("prior", descent.prior.random_layers());
            prior.map(move |(place, layer)| (format!("down.{i}.{place}"), layer))
        });
        let decoder = named_layers("decoder", self.decoder.random_layers());
        down.chain(decoder).collect()
    }

    fn with_decoder_weights(&self, weights: Vec<WeightSample>) -> Option<Self> {
        let weights = &mut weights.into_iter();
        let down = self.down.iter().map(|descent| Descent {
            prior: descent.prior.with_weights(weights),
            merge: descent.merge.clone(),
        });
        let down = down.collect();
        Some(Self {
            up: self.up.clone(),
            down,
            decoder: self.decoder.with_weights(weights),
            off: self.off.clone(),
        })
    }

    fn uses_batch_statistics(&self) -> bool {
        let up = self
            .up
            .iter()
            .map(|rung| rung.trunk.uses_batch_statistics());
        let down = self.down.iter().flat_map(|down| {
            let merge = down
                .merge
                .iter()
                .map(|merge| merge.network.uses_batch_statistics());
            merge.chain([down.prior.network.uses_batch_statistics()])
        });
        let decoder = self.decoder.network.uses_batch_statistics();
        up.chain(down).any(|uses| uses) || decoder
    }

    fn without_units(&self, units: &[Vec<usize>]) -> Option<Self> {
        let widths = self
            .up
            .iter()
            .map(|rung| rung.proposal.network.widths()[1] / 2);
        let device = self.devices().swap_remove(0);
        let keep = widths
            .zip(units)
            .map(|(width, units)| all_but(units, width, &device));
        let keep = keep.collect::<Option<Vec<Tensor<1>>>>()?;
        if keep.len() != self.up.len() || units.len() != keep.len() {
            return None;
        }
        let down = self.down.iter().zip(&keep[1..]).map(|(descent, keep)| {
            let merge = descent.merge.as_ref();
            let merge = merge.map(|merge| merge.without_inputs(keep.clone()));
            Some(Descent {
                prior: descent.prior.without_inputs(keep.clone())?,
                merge: match merge {
                    Some(merge) => Some(merge?),
                    None => None,
                },
            })
        });
        Some(Self {
            up: self.up.clone(),
            down: down.collect::<Option<_>>()?,
            decoder: self.decoder.without_inputs(keep[0].clone())?,
            off: self.also_off(units),
        })
    }
}
