//! Draws of the decoder's weights that samples and datapoints share.

use super::or_default::saved_or_default;
use crate::{
    bound,
    data::Rows,
    layer::{Sites, WeightSample, sum_of_weight_kls},
    model::LatentVariableModel,
    noise::Noise,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Which samples and datapoints share a draw of the decoder's weights θ.
///
/// With several stochastic layers, θ are the weights of all generative conditionals. The encoder's
/// random weights are never shared: they are drawn by local reparametrization.
///
/// log p̂(x | θⱼ) is the objective's bound under θⱼ. For the IWAE's bound, p̂(x | θⱼ) = (1/M) Σₘ
/// w(z_m; θⱼ), where M is [`num_samples`](super::Objective::num_samples). Then log p̂(x | θⱼ) is
/// below log p(x | θⱼ) in expectation, and approaches it as M grows.
///
/// | setting | bound of a datapoint |
/// | --- | --- |
/// | [`Local`](Self::Local) | the objective's bound of M samples, each with a θ of its own |
/// | [`Shared`](Self::Shared) | (1/α) log (1/J) Σⱼ p̂(x \| θⱼ)^α; the mean of log p̂(x \| θⱼ) at α = 0 |
/// | [`Sites`](Self::Sites) | (log Z_q − log Z_p)/N + (1/α) log (1/J) Σⱼ (p̂(x \| θⱼ)/f(θⱼ))^α |
///
/// Each θⱼ = μ + σεⱼ is drawn once per step and is the same for all datapoints. Gradients flow to μ
/// and σ. All J·M samples are in one graph.
///
/// # Example
///
/// Importance weighting in z only. The sum of this charged bound over the data set is below log
/// p(D) in expectation.
///
/// ```
/// use burn_bayes::{objective::WeightDraws, prelude::*};
///
/// let objective = Objective::iwaeu(25, ChargedWeights::Decoder)
///     .with_weight_draws(WeightDraws::Shared { num_draws: 2, alpha: 0.0 });
/// # assert!(objective.validate().is_ok());
/// let model = VaeConfig::new(4, 2)
///     .with_uncertainty(Uncertainty::Decoder)
///     .init(&Device::default(), &mut Noise::seeded(0));
/// let x = Tensor::<2>::zeros([3, 4], &Device::default());
/// let parts = objective.evaluate(&model, x, Step::new(1000), &mut Noise::seeded(1));
/// assert_eq!(parts.charged_bound().dims(), [3]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[non_exhaustive]
pub enum WeightDraws {
    /// Each sample of each datapoint has its own weights, by local reparametrization.
    #[default]
    Local,
    /// All samples and datapoints of a step share J draws. At α = 0, with charged weights, a [lower
    /// bound](crate::bound::Bound::is_lower_bound) and no warm-up, −N · loss is in expectation a
    /// lower bound of log p(D) = log ∫ p(θ) Πₙ p(xₙ | θ) dθ. For α above 0 it is the reparametrized
    /// black-box α (Li and Gal 2017) of log p̂(x | θⱼ).
    Shared {
        /// J.
        num_draws: usize,
        /// α, the power within the logarithm.
        alpha: f64,
    },
    /// The same with [`layer::Sites`](crate::layer::Sites): black-box α in its original form (J. M.
    /// Hernández-Lobato, Li, Rowland, Bui, D. Hernández-Lobato, Turner 2016). It includes the
    /// weights' divergence, so no weights may be charged in addition. It is for weights with a
    /// [normal prior](crate::layer::WeightPrior::Normal) around 0.
    ///
    /// Only at α = 1 is the mean inside the logarithm an unbiased estimate of its limit for M → ∞.
    /// For α between 0 and 1 its expectation is below that limit.
    Sites {
        /// J.
        num_draws: usize,
        /// α, a positive number.
        alpha: f64,
    },
}

impl WeightDraws {
    /// The stream of shared weights in the noise of a step.
    ///
    /// Draw j comes from `noise.fork(STREAM).fork(noise.num_draws().into()).with_first_sample(j)`,
    /// one layer after the other. Its samples of z are those with the numbers from jM on.
    pub const STREAM: u64 = u64::from_be_bytes(*b"weights ");

    /// J, if draws are shared.
    pub fn num_draws(&self) -> Option<usize> {
        match *self {
            Self::Local => None,
            Self::Shared { num_draws, .. } | Self::Sites { num_draws, .. } => Some(num_draws),
        }
    }

    /// The model under shared draws of its weights. `noise` is the one that the model has not drawn
    /// from yet; the model's own draws do not change.
    pub(super) fn draw<D: Rows, M: LatentVariableModel<D>>(
        self,
        model: &M,
        dataset_size: usize,
        noise: &Noise,
    ) -> Drawn<M> {
        // The number of draws made so far keeps steps apart where the caller does not fork the
        // noise for each step.
        let noise = noise.fork(Self::STREAM).fork(noise.num_draws().into());
        let layers = model.random_decoder_layers();
        assert!(!layers.is_empty(), "`weight_draws` {NONE}");
        let sites = matches!(self, Self::Sites { .. }).then(|| {
            let sites = layers
                .iter()
                .map(|(_, layer)| Sites::of(layer, dataset_size));
            sites.collect::<Vec<_>>()
        });
        let mut models = Vec::new();
        let mut log_factors = Vec::new();
        for draw in 0..self.num_draws().unwrap_or_default() {
            let mut noise = noise.clone().with_first_sample(draw as u32);
            let layers = layers.iter();
            let weights: Vec<_> = layers
                .map(|(_, layer)| layer.sample_weights(&mut noise))
                .collect();
            if let Some(sites) = &sites {
                let factors = sites.iter().zip(&weights);
                let factors = factors.map(|(sites, weights)| Some(sites.log_factor(weights)));
                log_factors.extend(sum_of_weight_kls(factors));
            }
            models
                .push(under(model, weights).unwrap_or_else(|| panic!("`weight_draws` {UNMOVED}")));
        }
        let normalizers = sites
            .iter()
            .flatten()
            .map(|sites| Some(sites.log_normalizer()));
        Drawn {
            models,
            sites: sum_of_weight_kls(normalizers).map(|normalizer| (log_factors, normalizer)),
            draws: self,
            dataset_size,
        }
    }
}

/// A model under shared draws of its weights.
pub(super) struct Drawn<M> {
    /// The model under each draw.
    pub models: Vec<M>,
    /// log f of each draw, and log Z_q − log Z_p.
    sites: Option<(Vec<Tensor<1>>, Tensor<1>)>,
    draws: WeightDraws,
    dataset_size: usize,
}

impl<M> Drawn<M> {
    /// Joins the bounds under each draw into one, `[draws, batch]` → `[batch]`.
    pub fn bound(&self, bounds: Tensor<2>) -> Tensor<1> {
        match (self.draws, &self.sites) {
            (WeightDraws::Sites { alpha, .. }, Some((factors, normalizer))) => {
                bound::black_box_alpha_by_sites(
                    bounds,
                    Tensor::cat(factors.clone(), 0),
                    normalizer.clone(),
                    self.dataset_size,
                    alpha,
                )
            }
            (WeightDraws::Shared { alpha, .. }, _) => bound::black_box_alpha(bounds, alpha),
            _ => bound::vae(bounds),
        }
    }
}

/// The model under given weights; `None` if some of the decoder's weights are still random.
pub(super) fn under<D: Rows, M: LatentVariableModel<D>>(
    model: &M,
    weights: Vec<WeightSample>,
) -> Option<M> {
    let given = model.with_decoder_weights(weights)?;
    let fixed = given.random_decoder_layers().is_empty() && given.decoder_weight_kl().is_none();
    fixed.then_some(given)
}

pub(super) const NONE: &str =
    "are for random weights of the decoder, and the model has or tells none";
pub(super) const UNMOVED: &str =
    "need a model that takes given weights for all random ones of its decoder";

saved_or_default!(WeightDraws);
