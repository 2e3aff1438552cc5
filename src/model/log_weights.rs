//! Log-weights and their parts.

use burn::tensor::Tensor;

/// log w = log p(x | z) + log p(z) − log q(z | x), its parts apart, each summed over features.
///
/// All are in nats. A part that is the same for every sample may have a first axis of 1.
#[derive(Clone, Debug)]
#[must_use = "log-weights are for a bound"]
pub struct LogWeights {
    /// log p(x | z), `[k, batch]`.
    pub log_likelihood: Tensor<2>,
    /// log p(z), over all stochastic layers, `[k, batch]`.
    pub log_prior: Tensor<2>,
    /// log q(z | x), over all stochastic layers, `[k, batch]`.
    pub log_proposal: Tensor<2>,
    /// KL(q(z | x) ‖ p(z)) where it has a closed form, `[1 or k, batch]`: for
    /// [`bound::vae_analytic`](crate::bound::vae_analytic).
    pub latent_kl: Option<Tensor<2>>,
}

impl LogWeights {
    /// From the parts.
    ///
    /// # Shapes
    ///
    /// Each `[k, batch]`, or `[1, batch]` if the same for every sample.
    pub fn new(log_likelihood: Tensor<2>, log_prior: Tensor<2>, log_proposal: Tensor<2>) -> Self {
        Self {
            log_likelihood,
            log_prior,
            log_proposal,
            latent_kl: None,
        }
    }

    /// The same with the closed-form divergence of the latent, `[1 or k, batch]`.
    pub fn with_latent_kl(mut self, kl: Tensor<2>) -> Self {
        self.latent_kl = Some(kl);
        self
    }

    /// The log-weights log p(x, z) − log q(z | x), `[k, batch]`.
    pub fn total(&self) -> Tensor<2> {
        // The latter two nearly cancel; their difference first keeps more digits.
        self.log_likelihood.clone() + (self.log_prior.clone() - self.log_proposal.clone())
    }
}
