//! Estimators of the encoder's gradient.

use crate::{
    bound::Bound,
    error::{Error, Result},
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// How the gradient of the encoder's parameters is estimated. The value of the bound and the
/// gradients of decoder and prior do not depend on it.
///
/// With the standard estimator the signal-to-noise ratio of the encoder's gradient falls like 1/√k
/// (Rainforth et al. 2018). The other estimators leave out the score term of log q, or replace it
/// by a gradient along z. They take log q with constant parameters, so gradients reach the
/// encoder's parameters only through z.
///
/// | estimator | encoder's gradient | bias |
/// | --- | --- | --- |
/// | `Standard` | Σ w̃ᵢ ∇ log wᵢ | none |
/// | `StickingTheLanding` | Σ w̃ᵢ ∇ log w̄ᵢ | none for the ELBO, else some |
/// | `DoublyReparameterized` | Σ w̃ᵢ (α + (1−α) w̃ᵢ) ∇ log w̄ᵢ | none |
/// | `WakePhi` | Σ w̃ᵢ (1 − w̃ᵢ) ∇ log w̄ᵢ | estimates the gradient of another objective |
///
/// w̃ᵢ are the bound's [shares](Bound::shares). w̄ᵢ is the weight with constant parameters in log
/// q. α is 0 for the IWAE's bound, 1 for the ELBO, and the order for a Rényi bound. If q is the
/// exact posterior, all estimators but the first are 0. With several stochastic layers, z are the
/// draws of all of them, and log q has constant parameters in each.
///
/// All but the standard estimator take two passes, as in [`Replay`](super::Replay): one forward
/// pass more.
///
/// # Example
///
/// Reweighted wake-sleep with 10 samples, without its sleep phase.
///
/// ```
/// use burn_bayes::{gradient::Estimator, prelude::*};
///
/// let objective = Objective::iwae(10).with_estimator(Estimator::WakePhi);
/// assert!(objective.validate().is_ok());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Estimator {
    /// The gradient of the bound.
    #[default]
    Standard,
    /// Roeder, Wu and Duvenaud 2017 (STL).
    StickingTheLanding,
    /// Tucker, Lawson, Gu and Maddison 2019 (DReG); for Rényi bounds Daudel, Benton, Shi and Doucet
    /// 2023.
    DoublyReparameterized,
    /// The wake phase of the encoder in reweighted wake-sleep (Bornschein and Bengio 2015). The
    /// encoder maximizes E Σ w̃ᵢ log q(zᵢ | x), samples and shares being constants.
    ///
    /// For many samples this approaches −KL(p(z | x) ‖ q(z | x)) up to a constant, with p the
    /// model's posterior. So q is trained to cover all of p. The estimator is the doubly
    /// reparameterized one of Tucker, Lawson, Gu and Maddison (2019), which has a lower variance.
    /// Decoder and prior have the gradient of the bound, which must be the IWAE's. At least two
    /// samples are needed: with one, the encoder's gradient would be 0. While latents warm up, the
    /// shares are those of tempered log-weights.
    WakePhi,
}

/// The message for a model that gives no gradients along the path of z.
pub(super) const NO_PATH: &str = "the estimator of the encoder's gradient needs a model with \
    `LatentVariableModel::log_weights_along_path`: use `Estimator::Standard`, or implement it";

impl Estimator {
    /// Refuses a bound or a number of samples that the estimator does not exist for.
    pub(super) fn check(self, bound: &Bound, k: usize) -> Result<()> {
        let (there_is, cure) = match self {
            Self::Standard => return Ok(()),
            Self::WakePhi => (
                *bound == Bound::Iwae,
                "use `Estimator::Standard`, or the bound Iwae",
            ),
            _ => (
                order(bound).is_some(),
                "use `Estimator::Standard`, or the bound Iwae, Vae or Renyi",
            ),
        };
        if !there_is {
            let name = bound.name();
            let problem = format!("is {self:?}, which there is not for the bound {name}");
            return Err(Error::setting("estimator", problem, cure));
        }
        if self == Self::WakePhi && k < 2 {
            return Err(Error::setting(
                "estimator",
                format!("is WakePhi, whose gradient is 0 for k = {k}"),
                "give at least 2 samples, or use another estimator",
            ));
        }
        Ok(())
    }

    /// Refuses tempered log-weights for an estimator that would be biased with them.
    pub(crate) fn check_tempered(self) -> Result<()> {
        match self {
            Self::DoublyReparameterized => Err(Error::setting(
                "estimator",
                "is DoublyReparameterized, which has a bias while latents warm up",
                "use another estimator, or no warm-up",
            )),
            _ => Ok(()),
        }
    }

    /// The factors of gradients that reach the encoder through z, in addition to the samples'
    /// shares; `None` for the standard estimator.
    pub(super) fn path(self, bound: &Bound, shares: &Tensor<2>) -> Option<Tensor<2>> {
        match self {
            Self::Standard => None,
            Self::StickingTheLanding => Some(shares.ones_like()),
            Self::DoublyReparameterized => {
                let alpha = order(bound)?;
                Some(shares.clone().mul_scalar(1.0 - alpha).add_scalar(alpha))
            }
            // E [w̃ᵢ ∇ log q(zᵢ)] at constant zᵢ equals the expectation of the gradient of w̃ᵢ
            // along zᵢ. That gradient is w̃ᵢ (1 − w̃ᵢ) ∇ log w̄ᵢ.
            Self::WakePhi => Some(shares.clone().neg().add_scalar(1.0)),
        }
    }
}

/// The order α of a bound that is a Rényi bound; `None` for other bounds.
fn order(bound: &Bound) -> Option<f64> {
    match bound {
        Bound::Iwae => Some(0.0),
        Bound::Vae => Some(1.0),
        Bound::Renyi { alpha } => Some(*alpha),
        _ => None,
    }
}
