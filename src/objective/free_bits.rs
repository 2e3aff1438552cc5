//! Free bits (Kingma, Salimans, Jozefowicz, Chen, Sutskever, Welling 2016).

use crate::{
    bound::{self, Bound},
    model::{Latent, LogWeights},
};
use burn::tensor::Tensor;

/// The bound of each datapoint with free bits, `[batch]`. Its mean over the batch is mean log p(x |
/// z) − Σ max(free, mean KL), the sum over stochastic layers.
///
/// # Panics
///
/// If the model does not give the distributions of its latents. For `Bound::VaeAnalytic` also if a
/// latent has no divergence in closed form.
pub(super) fn bound(kind: &Bound, parts: &LogWeights, free: f64) -> Tensor<1> {
    let kl = |latent: &Latent| {
        match kind {
            Bound::VaeAnalytic => latent.proposal.kl_divergence(latent.prior.as_ref()).expect(
                "Bound::VaeAnalytic needs latents whose KL has a closed form: use Bound::Vae",
            ),
            // `log_proposal` was computed from the noise: it has more correct digits than one from
            // z.
            _ if parts.latents.len() == 1 => parts.log_proposal.clone() - parts.log_prior.clone(),
            _ => latent.log_ratio(),
        }
    };
    let free = |kl: Tensor<1>| {
        // Below the floor, the added term cancels the whole gradient of the mean.
        let mean = kl.clone().mean();
        kl + (mean.clone().clamp_min(free) - mean)
    };
    let layers = parts.latents.iter();
    let layers = layers.map(|latent| free(bound::vae(kl(latent))));
    let kl = layers
        .reduce(|sum, kl| sum + kl)
        .expect("free bits need the stochastic layers: give them by `LogWeights::with_latent`");
    bound::vae(parts.log_likelihood.clone()) - kl
}
