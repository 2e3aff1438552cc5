//! The choice of a bound as a value: the built-in ones, and user-defined ones.

#[cfg(feature = "autodiff")]
use super::shares::normalized;
use super::{LogWeightBound, OwnBound, iwae, jackknife, renyi, vae, vr_max};
#[cfg(feature = "autodiff")]
use burn::tensor::IndexingUpdateOp;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, sync::Arc};

/// Which bound of log p(x) is maximized.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Bound {
    /// [`vae`](super::vae).
    Vae,
    /// [`vae_analytic`](super::vae_analytic): for models whose latent has a divergence in closed
    /// form.
    VaeAnalytic,
    /// [`iwae`](super::iwae).
    Iwae,
    /// [`renyi`](super::renyi). For 0 ≤ α < 1 it is also called VR-IWAE. For α < 0 it is no bound.
    #[doc(alias = "VR-IWAE")]
    Renyi {
        /// α, the order.
        alpha: f64,
    },
    /// [`vr_max`](super::vr_max), which is no bound.
    VrMax,
    /// [`jackknife`](super::jackknife), which is no bound and needs at least two samples.
    Jackknife,
    /// A user-defined bound: [`Bound::own`].
    Own(OwnBound),
}

impl Bound {
    /// A user-defined bound.
    pub fn own(bound: impl LogWeightBound) -> Self {
        Self::Own(OwnBound {
            name: bound.name(),
            bound: Some(Arc::new(bound)),
        })
    }

    /// The bound's name. It says so if this is no bound of log p(x).
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Vae => "VAE".into(),
            Self::VaeAnalytic => "VAE, divergence in closed form".into(),
            Self::Iwae => "IWAE".into(),
            Self::Renyi { alpha } if *alpha < 0.0 => {
                format!("Rényi, α = {alpha} (no bound)").into()
            }
            Self::Renyi { alpha } => format!("Rényi, α = {alpha}").into(),
            Self::VrMax => "VR-max (no bound)".into(),
            Self::Jackknife => "JVI (no bound)".into(),
            Self::Own(bound) => bound.name.as_str().into(),
        }
    }

    /// Whether this is known to be a lower bound of log p(x) in expectation. It is `false` for a
    /// user-defined bound, about which nothing is known.
    pub fn is_lower_bound(&self) -> bool {
        match self {
            Self::Vae | Self::VaeAnalytic | Self::Iwae => true,
            Self::Renyi { alpha } => *alpha >= 0.0,
            Self::VrMax | Self::Jackknife | Self::Own(_) => false,
        }
    }

    /// Why the bound cannot be computed with k samples, and the cure; `None` if it can.
    #[cfg(feature = "autodiff")]
    pub(crate) fn problem(&self, k: usize) -> Option<(String, &'static str)> {
        match self {
            Self::Own(OwnBound { name, bound: None }) => Some((
                format!("`{name}` is only a name from a file"),
                "set it by `Bound::own`",
            )),
            Self::Renyi { alpha } if !alpha.is_finite() => Some((
                format!("has the order {alpha}"),
                "give a number; the limit for −∞ is `Bound::VrMax`",
            )),
            Self::Jackknife if k < 2 => Some((
                format!("is JVI, which leaves samples out, but k is {k}"),
                "give at least 2 samples, or use the bound Iwae",
            )),
            _ => None,
        }
    }

    /// The bound of each datapoint, in nats; `None` for [`Bound::VaeAnalytic`], which is not a
    /// function of log-weights.
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[batch]`.
    ///
    /// # Panics
    ///
    /// If the bound was read from a file and is of a user's own, or is
    /// [`Jackknife`](Self::Jackknife) and k is 1.
    pub fn value(&self, log_weights: Tensor<2>) -> Option<Tensor<1>> {
        match self {
            Self::Vae => Some(vae(log_weights)),
            Self::VaeAnalytic => None,
            Self::Iwae => Some(iwae(log_weights)),
            Self::Renyi { alpha } => Some(renyi(log_weights, *alpha)),
            Self::VrMax => Some(vr_max(log_weights)),
            Self::Jackknife => Some(jackknife(log_weights)),
            Self::Own(own) => Some(own.bound().value(log_weights)),
        }
    }

    /// The derivatives of each datapoint's bound with respect to its log-weights, outside of any
    /// graph; `None` for [`Bound::VaeAnalytic`].
    ///
    /// | bound | shares |
    /// | --- | --- |
    /// | [`Vae`](Self::Vae) | 1/k each |
    /// | [`Iwae`](Self::Iwae) | the normalized weights wᵢ/Σw; those below e⁻⁶⁰ are 0, as in the bound itself |
    /// | [`Renyi`](Self::Renyi) | the same for wᵢ^(1−α) in place of wᵢ |
    /// | [`VrMax`](Self::VrMax) | 1 for the largest log-weight (the first one if several are equal), 0 for the others |
    /// | [`Jackknife`](Self::Jackknife) | k w̃ᵢ − (k−1)/k Σ_{j≠i} w̃ᵢ⁽ʲ⁾, with w̃ᵢ⁽ʲ⁾ the share of i when sample j is left out |
    /// | [`Own`](Self::Own) | [`LogWeightBound::shares`] |
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[k, batch]`.
    ///
    /// # Panics
    ///
    /// If the bound was read from a file and is of a user's own, or is
    /// [`Jackknife`](Self::Jackknife) and k is 1.
    #[cfg(feature = "autodiff")]
    pub fn shares(&self, log_weights: Tensor<2>) -> Option<Tensor<2>> {
        match self {
            Self::Vae => {
                let [k, _] = log_weights.dims();
                Some(log_weights.full_like(1.0 / k as f64))
            }
            Self::VaeAnalytic => None,
            Self::Iwae => Some(normalized(log_weights, 1.0)),
            Self::Renyi { alpha } => Some(normalized(log_weights, 1.0 - alpha)),
            Self::VrMax => {
                let largest = log_weights.clone().argmax(0);
                let ones = largest
                    .clone()
                    .float()
                    .cast(log_weights.dtype())
                    .ones_like();
                let none = log_weights.zeros_like();
                Some(none.scatter(0, largest, ones, IndexingUpdateOp::Add))
            }
            Self::Jackknife => Some(super::jackknife::shares(log_weights)),
            Self::Own(own) => Some(own.bound().shares(log_weights)),
        }
    }

    /// How the shares of a user-defined bound differ from the derivatives of its value on a few
    /// log-weights; `None` if they do not.
    #[cfg(feature = "autodiff")]
    pub(crate) fn wrong_shares(&self, device: &burn::tensor::Device) -> Option<String> {
        match self {
            Self::Own(own) => own.wrong_shares(device),
            _ => None,
        }
    }
}
