//! Estimators of the encoder's gradient.

use crate::{
    bound::Bound,
    error::{Error, Result},
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// How the gradient of the encoder's parameters is estimated; the value of the bound, and the
/// gradients of decoder and prior, stay what they are.
///
/// With the standard estimator the signal-to-noise ratio of the encoder's gradient falls like 1/√k
/// (Rainforth et al. 2018). The others leave out a part of the gradient whose expectation is 0 or
/// known: they see log q with constant parameters, and let gradients reach these through z alone.
///
/// | estimator | encoder's gradient | bias |
/// | --- | --- | --- |
/// | `Standard` | Σ w̃ᵢ ∇ log wᵢ | none |
/// | `StickingTheLanding` | Σ w̃ᵢ ∇ log w̄ᵢ | none for the ELBO, else some |
/// | `DoublyReparameterized` | Σ w̃ᵢ (α + (1−α) w̃ᵢ) ∇ log w̄ᵢ | none |
///
/// w̃ᵢ are the bound's [shares](Bound::shares), and α is 0 for the IWAE's bound, 1 for the ELBO,
/// and the order of a Rényi bound. Both vanish where q is the exact posterior. For models of one
/// stochastic layer.
///
/// The gradient is taken in two passes, as by [`Replay`](super::Replay): a forward pass more than
/// the standard one.
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
}

/// What is said of a model that gives no gradients along the path of z.
pub(super) const NO_PATH: &str = "the estimator of the encoder's gradient needs a model with \
    `LatentVariableModel::log_weights_along_path`: use `Estimator::Standard`, or implement it";

impl Estimator {
    /// Refuses a bound that it is not for.
    pub(super) fn check(self, bound: &Bound) -> Result<()> {
        if self == Self::Standard || order(bound).is_some() {
            return Ok(());
        }
        Err(Error::setting(
            "estimator",
            format!(
                "is {self:?}, which there is not for the bound {}",
                bound.name()
            ),
            "use `Estimator::Standard`, or the bound Iwae, Vae or Renyi",
        ))
    }

    /// Refuses tempered log-weights where they would make a bias.
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

    /// By what gradients are multiplied that reach the encoder through z, beside the shares of the
    /// samples; `None` for the standard one.
    pub(super) fn path(self, bound: &Bound, shares: &Tensor<2>) -> Option<Tensor<2>> {
        match self {
            Self::Standard => None,
            Self::StickingTheLanding => Some(shares.ones_like()),
            Self::DoublyReparameterized => {
                let alpha = order(bound)?;
                Some(shares.clone().mul_scalar(1.0 - alpha).add_scalar(alpha))
            }
        }
    }
}

/// The order α of a bound as a Rényi bound.
fn order(bound: &Bound) -> Option<f64> {
    match bound {
        Bound::Iwae => Some(0.0),
        Bound::Vae => Some(1.0),
        Bound::Renyi { alpha } => Some(*alpha),
        _ => None,
    }
}
