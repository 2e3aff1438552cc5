//! How the charge of random weights is computed.

use super::or_default::saved_or_default;
use serde::{Deserialize, Serialize};

/// How KL(q ‖ p) of charged weights is computed.
///
/// | setting | [`WeightPrior::Normal`], [`WeightPrior::Matched`] | [`WeightPrior::ScaleMixture`] |
/// | --- | --- | --- |
/// | [`ClosedForm`](Self::ClosedForm) | exact | an upper bound |
/// | [`MonteCarlo`](Self::MonteCarlo) | exact | an unbiased estimate from draws of the weights |
///
/// In [`ObjectiveParts`](super::ObjectiveParts) it says how the reported number was computed. That
/// is by Monte Carlo only if some charged weights have a prior without a closed form.
///
/// [`WeightPrior::Normal`]: crate::layer::WeightPrior::Normal
/// [`WeightPrior::Matched`]: crate::layer::WeightPrior::Matched
/// [`WeightPrior::ScaleMixture`]: crate::layer::WeightPrior::ScaleMixture
///
/// # Example
///
/// ```
/// use burn_bayes::{objective::WeightKlEstimate, prelude::*};
///
/// let objective = Objective::iwaeu(25, ChargedWeights::All)
///     .with_weight_kl_estimate(WeightKlEstimate::MonteCarlo { num_draws: 1 });
/// # assert!(objective.validate().is_ok());
/// let model = VaeConfig::new(4, 2)
///     .with_uncertainty(Uncertainty::EncoderAndDecoder)
///     .with_weight_prior(WeightPrior::ScaleMixture { share: 0.25, wide: 1.0, narrow: 0.0025 })
///     .init(&Device::default(), &mut Noise::seeded(0));
/// let noise = Noise::seeded(1);
/// let [estimate, bound] = [objective.weight_kl(&model, &noise), model.weight_kl()]
///     .map(|kl| kl.unwrap().into_scalar::<f32>());
/// assert!(estimate < bound);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
#[non_exhaustive]
pub enum WeightKlEstimate {
    /// By [`WeightPrior::kl`](crate::layer::WeightPrior::kl), which is an upper bound where the
    /// divergence has no closed form.
    #[default]
    ClosedForm,
    /// By [`WeightPrior::kl_estimate`](crate::layer::WeightPrior::kl_estimate). Where the
    /// divergence has no closed form, that is the mean of log q(w) − log p(w) over reparametrized
    /// draws of the weights (Blundell, Cornebise, Kavukcuoglu and Wierstra 2015).
    MonteCarlo {
        /// The number of draws of all charged weights in each step.
        num_draws: usize,
    },
}

impl WeightKlEstimate {
    /// The stream of the draws, in the noise of a step:
    /// `noise.fork(STREAM).fork(noise.num_draws().into())`.
    pub const STREAM: u64 = u64::from_be_bytes(*b"weightKL");
}

saved_or_default!(WeightKlEstimate);
