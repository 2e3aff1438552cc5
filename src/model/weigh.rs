//! The log-weights of draws of latents.

use super::{
    Latent, LogWeights, ModelNoise,
    latent_prior::{Encoder, LatentPrior},
    path::Path,
};
use crate::{distribution::Reparameterized, noise::Noise};
use burn::tensor::Tensor;
use std::sync::Arc;

/// The log-weights of `num_samples` draws of z, and of the latents drawn above it. The proposal was
/// computed by `encoder`. `log_likelihood` maps draws of z, `[k, batch, units]`, to log p(x | z),
/// `[k, batch]`.
pub(super) fn weigh<Q: Reparameterized, P: LatentPrior>(
    (proposal, encoder): (Q, &dyn Encoder),
    prior: &P,
    num_samples: usize,
    noise: &mut ModelNoise,
    path: &Path,
    log_likelihood: impl FnOnce(Tensor<3>, &mut Noise) -> Tensor<2>,
) -> LogWeights {
    let (z, drawn) = proposal.rsample_with_log_prob(num_samples, &mut noise.latent);
    let ([_, _, found], units) = (z.dims(), prior.num_units());
    assert!(
        found == units,
        "the encoder has {found} latents, the prior {units}"
    );
    let along = path.along(&z);
    let log_proposal = path.log_proposal(drawn, || proposal.detached().log_prob(along.clone()));
    let log_likelihood = log_likelihood(along, &mut noise.decoder);
    let above = prior.weigh(&z, encoder, path, &mut noise.above);
    let log_proposal = match above.log_proposal {
        Some(above) => log_proposal + above,
        None => log_proposal,
    };
    let weights = LogWeights::new(log_likelihood, above.log_prior, log_proposal);
    let lowest = Latent {
        proposal: Arc::new(proposal),
        prior: above.prior,
        z,
    };
    let latents = above.latents.into_iter();
    latents.fold(weights.with(lowest), LogWeights::with)
}
