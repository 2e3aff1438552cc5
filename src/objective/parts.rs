//! An objective on a batch, taken apart.

use super::WeightKlEstimate;
use burn::tensor::Tensor;

/// An [`Objective`](super::Objective) on a batch, in nats.
///
/// For the two ELBOs, `bound = log_likelihood − kl`; the importance weighted bound is above that.
#[derive(Clone, Debug)]
#[must_use = "the parts do nothing unless their loss is minimized or they are reported"]
pub struct ObjectiveParts {
    /// The bound of each datapoint without the cost of weights, higher is better, `[batch]`. By
    /// [sites](super::WeightDraws::Sites) the cost of weights is in it.
    pub bound: Tensor<1>,
    /// log p(x | z), mean over samples, `[batch]`.
    pub log_likelihood: Tensor<1>,
    /// log p(z), mean over samples, `[batch]`.
    pub log_prior: Tensor<1>,
    /// log q(z | x), mean over samples, `[batch]`.
    pub log_proposal: Tensor<1>,
    /// KL(q(z | x) ‖ p(z)): for [`Bound::VaeAnalytic`](crate::bound::Bound::VaeAnalytic) the closed
    /// form, else the mean over samples of log q(z | x) − log p(z); `[batch]`.
    pub kl: Tensor<1>,
    /// (Σ w)² / Σ w², between 1 and k, `[batch]`; under shared draws of weights the mean over them.
    pub effective_sample_size: Tensor<1>,
    /// KL(q ‖ p) of the charged weights, a sum, `[1]`; `None` if nothing is charged.
    pub weight_kl: Option<Tensor<1>>,
    /// How that was found, in closed form or by draws of the weights; `None` if nothing is charged.
    pub weight_kl_estimate: Option<WeightKlEstimate>,
    /// β, what the latents' part of log-weights counts in the loss: 1 but for a
    /// [warm-up](super::WarmUp). All numbers beside the loss have 1.
    pub beta: f64,
    /// What the charged weights count in the loss: 1 but for a
    /// [warm-up of theirs](super::Objective::weight_warm_up). All numbers beside the loss have 1.
    pub weight_beta: f64,
    /// What the loss has in place of the bound: that under β, if it is not 1, or with free bits.
    pub(super) tempered: Option<Tensor<1>>,
    pub(super) dataset_size: usize,
}

impl ObjectiveParts {
    /// The charged bound of each datapoint, bound − KL/N, `[batch]`: what
    /// [`bound::iwaeu`](crate::bound::iwaeu) gives. Its mean is what is maximized.
    pub fn charged_bound(&self) -> Tensor<1> {
        match self.weight_kl_per_datapoint() {
            Some(cost) => self.bound.clone() - cost,
            None => self.bound.clone(),
        }
    }

    /// What is minimized: −mean(bound) + KL/N, the bound being that under [β](Self::beta) or with
    /// [free bits](super::Objective::free_bits), and KL/N under [its own
    /// factor](Self::weight_beta); lower is better. Shape `[1]`.
    pub fn loss(&self) -> Tensor<1> {
        let bound = self.tempered.as_ref().unwrap_or(&self.bound);
        let loss = bound.clone().mean().neg();
        match self.weight_kl_per_datapoint() {
            Some(cost) if self.weight_beta == 1.0 => loss + cost,
            Some(cost) => loss + cost.mul_scalar(self.weight_beta),
            None => loss,
        }
    }

    /// KL/N, what the charged weights cost each datapoint. Shape `[1]`; `None` if nothing is
    /// charged.
    pub fn weight_kl_per_datapoint(&self) -> Option<Tensor<1>> {
        let kl = self.weight_kl.clone()?;
        Some(kl.mul_scalar(1.0 / self.dataset_size as f64))
    }

    /// The parts under draws of weights as one. `bound` is what is made of the bounds under each,
    /// `[draws, batch]` → `[batch]`; everything else is their mean.
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

    /// The parts of chunks of a batch as those of the batch, outside of any graph; none of none.
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
