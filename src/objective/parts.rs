//! An objective on a batch, and the terms that it is made of.

use super::WeightKlEstimate;
use burn::tensor::Tensor;

/// An [`Objective`](super::Objective) on a batch, in nats.
///
/// For the two ELBOs, `bound = log_likelihood − kl`. The importance weighted bound is at least
/// that. Neither holds for [weight draws](super::WeightDraws) by sites, nor for shared ones of an α
/// other than 0.
#[derive(Clone, Debug)]
#[must_use = "the parts do nothing unless their loss is minimized or they are reported"]
pub struct ObjectiveParts {
    /// The bound of each datapoint without the cost of weights, higher is better, `[batch]`. With
    /// [sites](super::WeightDraws::Sites) it includes the cost of weights.
    pub bound: Tensor<1>,
    /// log p(x | z), mean over samples, `[batch]`.
    pub log_likelihood: Tensor<1>,
    /// log p(z), mean over samples, `[batch]`.
    pub log_prior: Tensor<1>,
    /// log q(z | x), mean over samples, `[batch]`.
    pub log_proposal: Tensor<1>,
    /// KL(q(z | x) ‖ p(z)), `[batch]`. For [`Bound::VaeAnalytic`](crate::bound::Bound::VaeAnalytic)
    /// it is the closed form, otherwise the mean over samples of log q(z | x) − log p(z).
    pub kl: Tensor<1>,
    /// (Σ w)² / Σ w², between 1 and k, `[batch]`. With shared draws of weights it is the mean over
    /// draws.
    pub effective_sample_size: Tensor<1>,
    /// KL(q ‖ p) of the charged weights, a sum, `[1]`; `None` if nothing is charged.
    pub weight_kl: Option<Tensor<1>>,
    /// How `weight_kl` was computed, in closed form or from draws of the weights; `None` if nothing
    /// is charged.
    pub weight_kl_estimate: Option<WeightKlEstimate>,
    /// β, the factor of log p(z) − log q(z | x) in the loss. It is 1 except during a
    /// [warm-up](super::WarmUp). All other numbers are those of β = 1.
    pub beta: f64,
    /// The factor of KL/N in the loss. It is 1 except during a [warm-up of the
    /// weights](super::Objective::weight_warm_up). All other numbers are those of a factor of 1.
    pub weight_beta: f64,
    /// What the loss takes in place of `bound`: the bound with free bits, or with a β other than 1.
    pub(super) tempered: Option<Tensor<1>>,
    pub(super) dataset_size: usize,
}

impl ObjectiveParts {
    /// The charged bound of each datapoint, bound − KL/N, `[batch]`, in nats. It is what
    /// [`bound::iwaeu`](crate::bound::iwaeu) gives for the IWAE's bound. Training maximizes its
    /// mean.
    pub fn charged_bound(&self) -> Tensor<1> {
        match self.weight_kl_per_datapoint() {
            Some(cost) => self.bound.clone() - cost,
            None => self.bound.clone(),
        }
    }

    /// The loss that training minimizes: −mean(bound) + KL/N. Shape `[1]`, lower is better.
    ///
    /// Here the bound is the one with [β](Self::beta) or with [free
    /// bits](super::Objective::free_bits), and KL/N has [its own factor](Self::weight_beta).
    pub fn loss(&self) -> Tensor<1> {
        let bound = self.tempered.as_ref().unwrap_or(&self.bound);
        let loss = bound.clone().mean().neg();
        match self.weight_kl_per_datapoint() {
            Some(cost) if self.weight_beta == 1.0 => loss + cost,
            Some(cost) => loss + cost.mul_scalar(self.weight_beta),
            None => loss,
        }
    }

    /// KL/N, the cost of the charged weights for each datapoint, in nats. Shape `[1]`; `None` if
    /// nothing is charged.
    pub fn weight_kl_per_datapoint(&self) -> Option<Tensor<1>> {
        let kl = self.weight_kl.clone()?;
        Some(kl.mul_scalar(1.0 / self.dataset_size as f64))
    }

    /// Joins the parts under several draws of weights. `bound` maps the bounds under each draw,
    /// `[draws, batch]`, to one bound, `[batch]`, also for `tempered`. Parts for each datapoint are
    /// averaged over draws; the others are the same for all draws.
    pub(super) fn of_weight_draws(
        draws: Vec<Self>,
        bound: impl Fn(Tensor<2>) -> Tensor<1>,
    ) -> Self {
        let stacked = |part: fn(&Self) -> &Tensor<1>| {
            let parts = draws.iter().map(|draw| part(draw).clone());
            Tensor::stack::<2>(parts.collect(), 0)
        };
        let mean = |part: fn(&Self) -> &Tensor<1>| stacked(part).mean_dim(0).squeeze_dim(0);
        let first = draws.first().expect("there are draws of weights");
        let tempered = first.tempered.is_some();
        Self {
            bound: bound(stacked(|draw| &draw.bound)),
            log_likelihood: mean(|draw| &draw.log_likelihood),
            log_prior: mean(|draw| &draw.log_prior),
            log_proposal: mean(|draw| &draw.log_proposal),
            kl: mean(|draw| &draw.kl),
            effective_sample_size: mean(|draw| &draw.effective_sample_size),
            tempered: tempered.then(|| {
                bound(stacked(|draw| {
                    draw.tempered.as_ref().unwrap_or(&draw.bound)
                }))
            }),
            ..first.clone()
        }
    }

    /// Joins the parts of the chunks of a batch, outside of any graph; `None` if there are no
    /// chunks.
    #[cfg_attr(not(feature = "train"), allow(dead_code))]
    pub(crate) fn join(chunks: Vec<Self>) -> Option<Self> {
        let first = chunks.first()?;
        let (weight_kl, dataset_size) = (first.weight_kl.clone(), first.dataset_size);
        let (beta, weight_beta) = (first.beta, first.weight_beta);
        let of = |part: fn(&Self) -> &Tensor<1>| {
            let parts = chunks
                .iter()
                .map(|chunk| part(chunk).clone().without_autodiff());
            Tensor::cat(parts.collect(), 0)
        };
        Some(Self {
            bound: of(|chunk| &chunk.bound),
            log_likelihood: of(|chunk| &chunk.log_likelihood),
            log_prior: of(|chunk| &chunk.log_prior),
            log_proposal: of(|chunk| &chunk.log_proposal),
            kl: of(|chunk| &chunk.kl),
            effective_sample_size: of(|chunk| &chunk.effective_sample_size),
            weight_kl: weight_kl.map(|kl| kl.without_autodiff()),
            weight_kl_estimate: first.weight_kl_estimate,
            beta,
            weight_beta,
            tempered: (first.tempered.is_some())
                .then(|| of(|chunk| chunk.tempered.as_ref().unwrap_or(&chunk.bound))),
            dataset_size,
        })
    }
}
