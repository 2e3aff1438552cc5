//! Free bits (Kingma, Salimans, Jozefowicz, Chen, Sutskever, Welling 2016).

use crate::{
    bound::{self, Bound},
    model::{Latent, LogWeights},
};
use burn::tensor::Tensor;

/// Numbers whose mean over the batch is mean log p(x | z) − Σ max(free, mean KL), the sum over
/// stochastic layers. `[batch]`.
///
/// # Panics
///
/// If the laws of the latents are not told, or one has no divergence in closed form where that is
/// asked for.
pub(super) fn bound(kind: &Bound, parts: &LogWeights, free: f64) -> Tensor<1> {
    let kl = |latent: &Latent| {
        match kind {
            Bound::VaeAnalytic => latent.proposal.kl_divergence(latent.prior.as_ref()).expect(
                "Bound::VaeAnalytic needs latents whose KL has a closed form: use Bound::Vae",
            ),
            // Found from the noise, it has more digits than one that is found from z.
            _ if parts.latents.len() == 1 => parts.log_proposal.clone() - parts.log_prior.clone(),
            _ => latent.log_ratio(),
        }
    };
    let free = |kl: Tensor<1>| {
        // Where the mean is below, what is added takes the whole gradient off.
        let mean = kl.clone().mean();
        kl + (mean.clone().clamp_min(free) - mean)
    };
    let layers = parts.latents.iter();
    let layers = layers.map(|latent| free(bound::vae(kl(latent))));
    let kl = layers.reduce(|sum, kl| sum + kl).expect(
        "free bits are for stochastic layers that are told: give them by `LogWeights::with_latent`",
    );
    bound::vae(parts.log_likelihood.clone()) - kl
}
