//! The parts of a ladder.

use crate::{
    distribution::Normal,
    kernel::{self, Function},
    layer::{
        BayesianLinear, Dense, RandomWeights, Trunk, TrunkMlp, WeightSample, Weights, named_layers,
        sum_of_weight_kls,
    },
    network::GaussianEncoder,
};
use burn::{
    module::Module,
    tensor::{Tensor, activation::sigmoid},
};

/// The upward part of a stochastic layer in a [`Ladder`](super::Ladder): d_l from d_{l−1} with d₀ =
/// x, and N(μ̂_l, σ̂²_l) from d_l.
#[derive(Module, Debug)]
pub struct Rung {
    /// d_l from d_{l−1}. It draws no latents; only random weights are drawn.
    pub trunk: Trunk,
    /// N(μ̂_l, σ̂²_l) from d_l.
    pub proposal: GaussianEncoder<Dense>,
}

crate::random_weights!(Rung { trunk, proposal });

/// The downward part of a [`Ladder`](super::Ladder), from one stochastic layer to the next.
#[derive(Module, Debug)]
pub struct Descent {
    /// p(z_l | z_{l+1}).
    pub prior: GaussianEncoder<TrunkMlp>,
    /// N(μ_t, σ²_t) from z_{l+1}, with which the proposal is merged; `None` to merge with the
    /// prior.
    pub merge: Option<GaussianEncoder<TrunkMlp>>,
}

/// The normalized product of two normal densities, computed without a division: lv_q =
/// −log(e^{−l̂v} + e^{−lv_t}), μ_q = μ_t + sigmoid(lv_t − l̂v)(μ̂ − μ_t).
pub(super) fn merged(found: &Normal<3>, from_above: &Normal<3>) -> Normal<3> {
    let (found_lv, above_lv) = (found.log_variance(), from_above.log_variance());
    let difference = above_lv.clone() - found_lv;
    let share = sigmoid(difference.clone());
    // −log(e^{−l̂v} + e^{−lv_t}) = lv_t − softplus(lv_t − l̂v).
    let log_variance = above_lv - kernel::apply(Function::Softplus, difference);
    let loc = from_above.loc() + share * (found.loc() - from_above.loc());
    Normal::from_log_variance(loc, log_variance)
}

impl RandomWeights for Descent {
    fn weight_kl(&self) -> Option<Tensor<1>> {
        let merge = self.merge.as_ref().and_then(RandomWeights::weight_kl);
        sum_of_weight_kls([self.prior.weight_kl(), merge])
    }

    fn posterior_mean(&self) -> Self {
        Self {
            prior: self.prior.posterior_mean(),
            merge: self.merge.as_ref().map(RandomWeights::posterior_mean),
        }
    }

    fn with_weights(&self, weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        let prior = self.prior.with_weights(weights);
        let merge = self.merge.as_ref();
        Self {
            prior,
            merge: merge.map(|merge| merge.with_weights(weights)),
        }
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        let prior = named_layers("prior", self.prior.random_layers());
        let merge = self
            .merge
            .iter()
            .flat_map(RandomWeights::random_layers)
            .collect();
        prior.chain(named_layers("merge", merge)).collect()
    }

    fn with_random_weights(&self, weights: Weights) -> Self {
        let merge = self.merge.as_ref();
        Self {
            prior: self.prior.with_random_weights(weights),
            merge: merge.map(|merge| merge.with_random_weights(weights)),
        }
    }

    fn with_centred_priors(&self) -> Self {
        let merge = self.merge.as_ref();
        Self {
            prior: self.prior.with_centred_priors(),
            merge: merge.map(RandomWeights::with_centred_priors),
        }
    }
}
