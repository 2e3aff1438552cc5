//! What stands above a stochastic layer.

use super::{Latent, Path, prior::Prior};
use crate::{
    distribution::{Distribution, Reparameterized},
    layer::{BayesianLinear, RandomWeights, WeightSample},
    network::{Conditional, Head, Network},
    noise::Noise,
};
use burn::{
    module::{Module, ModuleDisplay},
    tensor::{Device, Tensor},
};
use std::{fmt::Debug, sync::Arc};

/// The prior of a stochastic layer's z: a [`Prior`], or a [`Hierarchy`](super::Hierarchy) of
/// further stochastic layers with a prior on top.
///
/// Every [`Prior`] implements this trait. In a hierarchy p(z) is an integral over latents u above.
/// These are drawn from q(u | z), and p(z, u)/q(u | z) takes the place of p(z) in a weight.
pub trait LatentPrior: Module + ModuleDisplay {
    /// The number of latent variables of the layer, z.
    fn num_units(&self) -> usize;

    /// `num` draws of z.
    ///
    /// # Shapes
    ///
    /// `[1, num, num_units]`.
    fn draw(
        &self,
        num: usize,
        encoder: &dyn Encoder,
        device: &Device,
        noise: &mut Noise,
    ) -> Tensor<3>;

    /// The terms that the prior adds to the log-weights of draws of z. `encoder` is the one that
    /// drew them.
    ///
    /// # Shapes
    ///
    /// `z` is `[k, batch, num_units]`.
    fn weigh(
        &self,
        z: &Tensor<3>,
        encoder: &dyn Encoder,
        path: &Path,
        noise: &mut Noise,
    ) -> PriorWeights;

    /// Whether rows of a batch depend on one another while training.
    fn uses_batch_statistics(&self) -> bool {
        false
    }

    /// KL(q ‖ p) of the random weights of q(u | z), in nats, shape `[1]`.
    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        None
    }

    /// KL(q ‖ p) of the random weights of p(z | u), in nats, shape `[1]`.
    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        None
    }

    /// The same with random weights replaced by their means.
    fn at_posterior_mean(&self) -> Self {
        self.clone()
    }

    /// The same with random weights replaced by one draw of them. `encoder` is the one that draws
    /// z, with its weights still random.
    fn with_sampled_weights(&self, _encoder: &dyn Encoder, _noise: &mut Noise) -> Self {
        self.clone()
    }

    /// The layers of random weights, each with its path.
    fn layers_of_random_weights(&self) -> Vec<(String, &BayesianLinear)> {
        Vec::new()
    }

    /// The layers of p(z | u) among [all layers of random weights](Self::layers_of_random_weights).
    fn decoder_layers_of_random_weights(&self) -> Vec<(String, &BayesianLinear)> {
        Vec::new()
    }

    /// The same with random weights of p(z | u) replaced by given ones, in the order of
    /// [those layers](Self::decoder_layers_of_random_weights).
    fn with_decoder_weights(&self, _weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        self.clone()
    }

    /// The same without some units. The first list holds units of z, the others those of the layers
    /// above. See [`without_units`](super::LatentVariableModel::without_units). `None` if it cannot
    /// be made.
    fn without_units_of(&self, units: &[Vec<usize>]) -> Option<Self>;
}

/// The terms that a [`LatentPrior`] adds to log-weights.
#[derive(Clone, Debug)]
pub struct PriorWeights {
    /// p(z), or p(z | u) where there are latents u above.
    pub prior: Arc<dyn Distribution>,
    /// log p(z), or log p(z, u), `[k, batch]`.
    pub log_prior: Tensor<2>,
    /// log q(u | z), `[k, batch]`; `None` if nothing is drawn above.
    pub log_proposal: Option<Tensor<2>>,
    /// The stochastic layers above.
    pub latents: Vec<Latent>,
}

/// A network for q(z | x), as needed by a prior that is made from it
/// ([`VampPrior`](super::VampPrior)).
pub trait Encoder: Debug {
    /// q(z | x) for each row of `x`, with random weights at their means.
    ///
    /// # Shapes
    ///
    /// `[samples, batch, features]` → parameters `[samples, batch, ..]`.
    fn proposal_at_mean(&self, x: Tensor<3>) -> Box<dyn Reparameterized>;

    /// Whether rows of a batch depend on one another while training.
    fn uses_batch_statistics(&self) -> bool {
        false
    }
}

impl<H: Head<Output: Reparameterized>, N: Network> Encoder for Conditional<H, N> {
    fn proposal_at_mean(&self, x: Tensor<3>) -> Box<dyn Reparameterized> {
        let [samples, ..] = x.dims();
        let plain = RandomWeights::posterior_mean(self);
        // The weights are fixed, so no noise is drawn: the seed has no effect.
        Box::new(plain.forward(x, samples, &mut Noise::seeded(0)))
    }

    fn uses_batch_statistics(&self) -> bool {
        self.network.uses_batch_statistics()
    }
}

impl<P: Prior> LatentPrior for P {
    fn num_units(&self) -> usize {
        Prior::num_units(self)
    }

    fn draw(&self, num: usize, _: &dyn Encoder, device: &Device, noise: &mut Noise) -> Tensor<3> {
        self.distribution(num, device).sample(1, noise)
    }

    fn weigh(&self, z: &Tensor<3>, _: &dyn Encoder, path: &Path, _: &mut Noise) -> PriorWeights {
        let [_, batch, _] = z.dims();
        let prior = self.distribution(batch, &z.device());
        PriorWeights {
            log_prior: prior.log_prob(path.along(z)),
            prior,
            log_proposal: None,
            latents: Vec::new(),
        }
    }

    /// If a unit is N(0, 1) under prior and q, it adds nothing to a log-weight.
    fn without_units_of(&self, units: &[Vec<usize>]) -> Option<Self> {
        match units {
            [units] if units.is_empty() || self.is_standard_normal() => Some(self.clone()),
            _ => None,
        }
    }
}
