//! Log-weights and their parts.

use super::given_draws::GivenDraws;
use crate::distribution::{Distribution, Reparameterized};
use burn::tensor::Tensor;
use std::sync::Arc;

/// The terms of log w = log p(x | z) + log p(z) − log q(z | x), each summed over features.
///
/// All are in nats. A term that is the same for every sample may have a first axis of 1.
#[derive(Clone, Debug)]
#[must_use = "log-weights are for a bound"]
pub struct LogWeights {
    /// log p(x | z), `[k, batch]`.
    pub log_likelihood: Tensor<2>,
    /// log p(z), over all stochastic layers, `[k, batch]`.
    pub log_prior: Tensor<2>,
    /// log q(z | x), over all stochastic layers, `[k, batch]`.
    pub log_proposal: Tensor<2>,
    /// q and p of each stochastic layer, from the data up; empty if the model does not give them.
    pub latents: Vec<Latent>,
}

/// Proposal, prior and draws of a stochastic layer's z.
#[derive(Clone, Debug)]
pub struct Latent {
    /// q(z | x).
    pub proposal: Arc<dyn Reparameterized>,
    /// p(z).
    pub prior: Arc<dyn Distribution>,
    /// The draws from q, `[k, batch, units]`.
    pub z: Tensor<3>,
}

impl Latent {
    /// From these distributions and draws.
    pub fn new(proposal: impl Reparameterized, prior: impl Distribution, z: Tensor<3>) -> Self {
        Self {
            proposal: Arc::new(proposal),
            prior: Arc::new(prior),
            z,
        }
    }

    /// log q(z | x) − log p(z) at the draws, in nats. Its mean over draws estimates the layer's
    /// term of KL(q ‖ p).
    ///
    /// # Shapes
    ///
    /// `[k, batch]`.
    pub fn log_ratio(&self) -> Tensor<2> {
        self.proposal.log_prob(self.z.clone()) - self.prior.log_prob(self.z.clone())
    }
}

impl LogWeights {
    /// From the parts.
    ///
    /// # Shapes
    ///
    /// Each `[k, batch]`, or `[1, batch]` if the same for every sample.
    ///
    /// # Panics
    ///
    /// If the terms have other shapes.
    pub fn new(log_likelihood: Tensor<2>, log_prior: Tensor<2>, log_proposal: Tensor<2>) -> Self {
        let terms = [&log_likelihood, &log_prior, &log_proposal].map(Tensor::dims);
        let [k, batch] = [0, 1].map(|axis| terms.iter().map(|dims| dims[axis]).max());
        let fits =
            |dims: &[usize; 2]| (dims[0] == 1 || Some(dims[0]) == k) && Some(dims[1]) == batch;
        assert!(
            terms.iter().all(fits),
            "terms of log-weights are [k, batch] or [1, batch]; log_likelihood, log_prior and \
             log_proposal have {terms:?}"
        );
        Self {
            log_likelihood,
            log_prior,
            log_proposal,
            latents: Vec::new(),
        }
    }

    /// The same with one more stochastic layer: its distributions and draws. Add layers from the
    /// data up.
    pub fn with_latent(
        self,
        proposal: impl Reparameterized,
        prior: impl Distribution,
        z: Tensor<3>,
    ) -> Self {
        self.with(Latent::new(proposal, prior, z))
    }

    /// The same for a prior that depends on draws made from z. An example is p(z₁ | z₂) if z₂ is
    /// drawn from z₁. The divergence in closed form is then no term of a bound, so the layer has
    /// none.
    pub fn with_latent_given_draws(
        self,
        proposal: impl Reparameterized,
        prior: impl Distribution,
        z: Tensor<3>,
    ) -> Self {
        self.with_latent(proposal, GivenDraws(Arc::new(prior)), z)
    }

    /// The same with one more stochastic layer.
    pub fn with(mut self, latent: Latent) -> Self {
        self.latents.push(latent);
        self
    }

    /// KL(q(z | x) ‖ p(z)) in closed form, summed over stochastic layers, in nats.
    ///
    /// It is for [`bound::vae_analytic`](crate::bound::vae_analytic). It is `None` if the model
    /// does not give its layers, or if a layer has no closed form.
    ///
    /// With several layers this equals E (log q − log p) only if no layer's prior depends on draws
    /// made from its own z. They do where q goes up from the data. Add such layers by
    /// [`with_latent_given_draws`](Self::with_latent_given_draws), as the built-in models do.
    /// [`Latent::log_ratio`] is right in either case.
    ///
    /// # Shapes
    ///
    /// `[1 or k, batch]`.
    pub fn latent_kl(&self) -> Option<Tensor<2>> {
        let layers = self.latents.iter();
        let kls = layers.map(|latent| latent.proposal.kl_divergence(latent.prior.as_ref()));
        kls.reduce(|sum, kl| Some(sum? + kl?))?
    }

    /// Why [`latent_kl`](Self::latent_kl) is `None`, if it is, with the names of the distributions.
    #[cfg_attr(not(feature = "autodiff"), allow(dead_code))]
    pub(crate) fn without_closed_form(&self) -> Option<String> {
        if self.latents.is_empty() {
            return Some("is in closed form, but the model does not give its latents (`LogWeights::with_latent`)".into());
        }
        let mut layers = self.latents.iter().enumerate();
        layers.find_map(
            |(
                layer,
                Latent {
                    proposal, prior, ..
                },
            )| {
                let none = proposal.kl_divergence(prior.as_ref()).is_none();
                // A distribution prints its name first.
                let name =
                    |law: String| law.split([' ', '{', '(']).next().unwrap_or("").to_string();
                let (q, p) = (name(format!("{proposal:?}")), name(format!("{prior:?}")));
                let layer = layer + 1;
                let problem = match p == "GivenDraws" {
                    true => {
                        format!("p of layer {layer} looks at draws that were made from its own")
                    }
                    false => format!("in layer {layer} the divergence of {q} from {p} has none"),
                };
                none.then(|| format!("is in closed form, but {problem}"))
            },
        )
    }

    /// Joins the log-weights of several groups of samples, each with its number of samples.
    ///
    /// The distributions of the latents are left out.
    #[cfg_attr(not(feature = "autodiff"), allow(dead_code))]
    pub(crate) fn cat(chunks: Vec<(Self, usize)>) -> Self {
        let part = |of: fn(&Self) -> &Tensor<2>| {
            let parts = chunks.iter().map(|(chunk, samples)| {
                let part = of(chunk).clone();
                let [_, batch] = part.dims();
                part.expand([*samples, batch])
            });
            Tensor::cat(parts.collect(), 0)
        };
        Self::new(
            part(|chunk| &chunk.log_likelihood),
            part(|chunk| &chunk.log_prior),
            part(|chunk| &chunk.log_proposal),
        )
    }

    /// log p(x | z) + β (log p(z) − log q(z | x)), `[k, batch]`: [`total`](Self::total) if β is 1.
    pub fn tempered(&self, beta: f64) -> Tensor<2> {
        match beta {
            1.0 => self.total(),
            beta => {
                let latents = self.log_prior.clone() - self.log_proposal.clone();
                self.log_likelihood.clone() + latents.mul_scalar(beta)
            }
        }
    }

    /// These, unless they have other numbers of samples and rows than the model was asked for.
    /// Terms of one sample are the same for all: where all are, they are repeated.
    #[track_caller]
    pub(crate) fn checked(mut self, num_samples: usize, num_rows: usize) -> Self {
        let terms = [&self.log_likelihood, &self.log_prior, &self.log_proposal];
        let terms = terms.map(|term| term.dims());
        let [found, rows] =
            [0, 1].map(|axis| terms.iter().map(|dims| dims[axis]).fold(1, usize::max));
        assert!(
            found == 1 || found == num_samples,
            "the model was asked for {num_samples} samples, its log-weights have {found}"
        );
        assert!(
            rows == num_rows,
            "the model was given {num_rows} rows, its log-weights have {rows}"
        );
        if found < num_samples {
            self.log_likelihood = self.log_likelihood.expand([num_samples, num_rows]);
        }
        self
    }

    /// The log-weights log p(x, z) − log q(z | x), `[k, batch]`.
    pub fn total(&self) -> Tensor<2> {
        // The prior and proposal terms nearly cancel: taking their difference first loses fewer
        // digits.
        self.log_likelihood.clone() + (self.log_prior.clone() - self.log_proposal.clone())
    }
}
