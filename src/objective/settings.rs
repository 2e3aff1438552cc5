//! The settings of an objective: what is maximized, and how.

use super::{SampleSchedule, WarmUp, WeightDraws, WeightKlEstimate};
use crate::{
    bound::Bound,
    gradient::{Estimator, Replay},
};
use burn::config::Config;
use serde::{Deserialize, Serialize};

/// Which random weights are charged: their KL(q ‖ p)/N is subtracted from each datapoint's bound.
///
/// N is the number of training data. [`iwaeu`](crate::bound::iwaeu) says what the charged bound is
/// a bound of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ChargedWeights {
    /// None of them.
    #[default]
    None,
    /// The decoder's weights.
    Decoder,
    /// The weights of encoder and decoder.
    All,
}

/// How the gradient of the bound is computed; see [`Replay`] for the second way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Backward {
    /// From one graph over all samples.
    #[default]
    Joint,
    /// In two passes. The first runs without a graph and computes each sample's share in the
    /// gradient. The second runs samples again with the same noise. Not for [`Bound::VaeAnalytic`].
    Replayed {
        /// How many samples of each datapoint are in memory at once.
        samples_per_chunk: usize,
        /// τ, between 0 and 1. Samples with a smaller share are left out at random, without bias.
        /// With 0 the gradient is exact.
        threshold: f64,
    },
    /// The same with one sample of each datapoint in the second pass, drawn with its share: the
    /// cheapest, without bias, and of more variance.
    OneSample {
        /// How many samples of each datapoint are in memory at once in the first pass.
        samples_per_chunk: usize,
    },
}

/// What training maximizes: the mean over datapoints of a bound, minus the cost of random weights.
///
/// | name | objective |
/// | --- | --- |
/// | VAE | [`Objective::vae`], [`Objective::vae_analytic`] |
/// | IWAE | [`Objective::iwae`] |
/// | IWAEU_rec | [`Objective::iwaeu`] with [`ChargedWeights::None`], encoder weights random |
/// | IWAEU | [`Objective::iwaeu`], all weights random |
#[derive(Config, Debug, PartialEq)]
pub struct Objective {
    /// The bound.
    pub bound: Bound,
    /// k, the number of samples of the latent for each datapoint.
    pub num_samples: usize,
    /// Which random weights are charged.
    #[config(default = "ChargedWeights::None")]
    pub charged_weights: ChargedWeights,
    /// How the gradient is computed.
    #[config(default = "Backward::Joint")]
    pub backward: Backward,
    /// How the encoder's gradient is estimated. All estimators but the standard one take two
    /// passes.
    #[config(default = "Estimator::Standard")]
    pub estimator: Estimator,
    /// The factor of log p(z) − log q(z | x) in the first steps of training.
    #[config(default = "WarmUp::None")]
    pub warm_up: WarmUp,
    /// The factor of KL/N in the loss in the first steps of training, independent of `warm_up`. It
    /// is 1 afterwards.
    #[config(default = "WarmUp::None")]
    pub weight_warm_up: WarmUp,
    /// k in the first steps of training; afterwards it is `num_samples`.
    #[config(default = "SampleSchedule::default()")]
    pub sample_schedule: SampleSchedule,
    /// λ, the free bits: how many nats of KL(q ‖ p) each stochastic layer may have at no cost
    /// (Kingma, Salimans, Jozefowicz, Chen, Sutskever, Welling 2016).
    ///
    /// The loss of a training step is −mean log p(x | z) + Σ max(λ, mean KL), the sum over layers,
    /// the means over the batch. With shared [`weight_draws`](Self::weight_draws) it is the mean of
    /// this over draws. Free bits need one of the two ELBOs, [`Backward::Joint`],
    /// [`Estimator::Standard`], no `warm_up`, and a model that gives the distributions of its
    /// latents. Reported bounds are without free bits. So is the loss where a [`Step`](super::Step)
    /// has no number, as in validation. In a training loop of your own, give steps their numbers.
    #[config(default = "None")]
    pub free_bits: Option<f64>,
    /// How KL(q ‖ p) of charged weights is computed where it has no closed form.
    #[config(default = "WeightKlEstimate::ClosedForm")]
    pub weight_kl_estimate: WeightKlEstimate,
    /// Whether samples and datapoints share draws of the decoder's weights.
    #[config(default = "WeightDraws::Local")]
    pub weight_draws: WeightDraws,
}

impl Objective {
    /// The evidence lower bound by Monte Carlo with k samples.
    pub fn vae(num_samples: usize) -> Self {
        Self::new(Bound::Vae, num_samples)
    }

    /// The evidence lower bound with k samples, with the latent's divergence in closed form.
    pub fn vae_analytic(num_samples: usize) -> Self {
        Self::new(Bound::VaeAnalytic, num_samples)
    }

    /// The importance weighted bound with k samples.
    pub fn iwae(num_samples: usize) -> Self {
        Self::new(Bound::Iwae, num_samples)
    }

    /// The variational Rényi bound of order α with k samples: α = 0 is [`iwae`](Self::iwae), α = 1
    /// [`vae`](Self::vae). With α from 0 to below 1 it is the VR-IWAE bound (Daudel, Benton, Shi
    /// and Doucet 2023).
    #[doc(alias = "vr_iwae")]
    #[doc(alias = "VR-IWAE")]
    pub fn renyi(alpha: f64, num_samples: usize) -> Self {
        Self::new(Bound::Renyi { alpha }, num_samples)
    }

    /// The importance weighted bound with k samples, with these random weights charged.
    pub fn iwaeu(num_samples: usize, charged_weights: ChargedWeights) -> Self {
        Self::iwae(num_samples).with_charged_weights(charged_weights)
    }

    /// Black-box α in its reparametrized form with k samples, with the decoder's random weights
    /// charged (Li and Gal 2017).
    ///
    /// It is variational Bayes at α = 0, and the charged bound of the IWAEU at α = 1. In a model
    /// with latents each draw of weights has a z of its own: see
    /// [`black_box_alpha`](crate::bound::black_box_alpha). [`WeightDraws::Shared`] has several z
    /// under each draw.
    pub fn black_box_alpha(alpha: f64, num_samples: usize) -> Self {
        // Rounded so that the name of the bound has 0.1 for 1 − 0.9, not 0.09999999999999998.
        let order = ((1.0 - alpha) * 1e12).round() / 1e12;
        Self::renyi(order, num_samples).with_charged_weights(ChargedWeights::Decoder)
    }

    /// Black-box α in its original form, by sites (J. M. Hernández-Lobato, Li, Rowland, Bui, D.
    /// Hernández-Lobato, Turner 2016).
    ///
    /// It makes `num_weight_draws` draws of the decoder's weights. Under each draw there are k
    /// samples of the latent for each datapoint. See [`WeightDraws::Sites`].
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let objective = Objective::black_box_alpha_by_sites(0.5, 4, 25);
    /// # assert!(objective.validate().is_ok());
    /// let model = VaeConfig::new(4, 2)
    ///     .with_uncertainty(Uncertainty::Decoder)
    ///     .init(&Device::default(), &mut Noise::seeded(0));
    /// let x = Tensor::<2>::zeros([3, 4], &Device::default());
    /// let parts = objective.evaluate(&model, x, Step::new(1000), &mut Noise::seeded(1));
    /// assert_eq!(parts.bound.dims(), [3]);
    /// assert!(parts.weight_kl.is_none()); // it is in the bound
    /// ```
    pub fn black_box_alpha_by_sites(
        alpha: f64,
        num_weight_draws: usize,
        num_samples: usize,
    ) -> Self {
        Self::iwae(num_samples).with_weight_draws(WeightDraws::Sites {
            num_draws: num_weight_draws,
            alpha,
        })
    }

    /// The gradient in two passes with k samples, if the settings ask for it.
    pub(super) fn replay(&self, k: usize) -> Option<Replay> {
        let (samples_per_chunk, threshold) = match self.backward {
            Backward::Replayed {
                samples_per_chunk,
                threshold,
            } => (samples_per_chunk, threshold),
            Backward::OneSample { samples_per_chunk } => (samples_per_chunk, 0.0),
            Backward::Joint if self.estimator != Estimator::Standard => (k, 0.0),
            Backward::Joint => return None,
        };
        let replay = Replay::new(k)
            .with_bound(self.bound.clone())
            .with_samples_per_chunk(samples_per_chunk)
            .with_threshold(threshold)
            .with_one_sample(matches!(self.backward, Backward::OneSample { .. }))
            .with_estimator(self.estimator);
        Some(replay)
    }
}
