//! Which bound: the built-in ones, and those of a user's own.

#[cfg(feature = "autodiff")]
use super::NEGLIGIBLE;
use super::{iwae, renyi, vae, vr_max};
use burn::tensor::Tensor;
#[cfg(feature = "autodiff")]
use burn::tensor::{IndexingUpdateOp, activation};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt::Debug, sync::Arc};

/// A bound of log p(x), or any other objective, that is a function of log-weights.
///
/// It can be trained like the built-in ones ([`Bound::own`]), by either backward pass.
///
/// # Example
///
/// The mean of the ELBO and the IWAE's bound.
///
/// ```
/// use burn_bayes::{bound::{self, Bound, LogWeightBound}, prelude::*, train::Objective};
///
/// #[derive(Debug)]
/// struct Halfway;
///
/// impl LogWeightBound for Halfway {
///     fn name(&self) -> String {
///         "halfway from the ELBO to the IWAE's".into()
///     }
///
///     fn value(&self, log_weights: Tensor<2>) -> Tensor<1> {
///         (bound::vae(log_weights.clone()) + bound::iwae(log_weights)).mul_scalar(0.5)
///     }
///
///     // The derivatives, (1/k + wᵢ / Σ w)/2. Left out, they are found by autodiff.
///     fn shares(&self, log_weights: Tensor<2>) -> Tensor<2> {
///         let [k, _] = log_weights.dims();
///         bound::normalized_weights(log_weights).add_scalar(1.0 / k as f64).mul_scalar(0.5)
///     }
/// }
///
/// let objective = Objective::new(Bound::own(Halfway), 25);
/// assert!(objective.validate().is_ok());
/// ```
pub trait LogWeightBound: Debug + Send + Sync + 'static {
    /// Its name, parameters included: settings and resumed runs tell it by its name from others.
    fn name(&self) -> String;

    /// The bound of each datapoint, in nats.
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[batch]`.
    fn value(&self, log_weights: Tensor<2>) -> Tensor<1>;

    /// The derivatives of each datapoint's bound by its log-weights: how much each sample counts in
    /// the gradient. They are asked for outside of any graph.
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[k, batch]`.
    #[cfg(feature = "autodiff")]
    fn shares(&self, log_weights: Tensor<2>) -> Tensor<2> {
        shares_by_autodiff(|log_weights| self.value(log_weights), log_weights)
    }
}

/// Which bound of log p(x) is maximized.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Bound {
    /// [`vae`](super::vae).
    Vae,
    /// [`vae_analytic`](super::vae_analytic): for models whose latent has a divergence in closed
    /// form.
    VaeAnalytic,
    /// [`iwae`](super::iwae).
    Iwae,
    /// [`renyi`](super::renyi); for an α below 0 no bound.
    Renyi {
        /// The order.
        alpha: f64,
    },
    /// [`vr_max`](super::vr_max), which is no bound.
    VrMax,
    /// One of a user's own: [`Bound::own`].
    Own(OwnBound),
}

/// A bound of a user's own. It equals another of the same name. What a file says of it is its name,
/// so one that was read from a file cannot be computed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct OwnBound {
    name: String,
    bound: Option<Arc<dyn LogWeightBound>>,
}

impl PartialEq for OwnBound {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl From<String> for OwnBound {
    fn from(name: String) -> Self {
        Self { name, bound: None }
    }
}

impl From<OwnBound> for String {
    fn from(bound: OwnBound) -> Self {
        bound.name
    }
}

impl OwnBound {
    /// The bound.
    ///
    /// # Panics
    ///
    /// If it was read from a file.
    fn bound(&self) -> &dyn LogWeightBound {
        match &self.bound {
            Some(bound) => bound.as_ref(),
            None => panic!(
                "the bound `{}` is only a name from a file: set it by `Bound::own`",
                self.name
            ),
        }
    }
}

impl Bound {
    /// A bound of one's own.
    pub fn own(bound: impl LogWeightBound) -> Self {
        Self::Own(OwnBound {
            name: bound.name(),
            bound: Some(Arc::new(bound)),
        })
    }

    /// Its name; what is no bound of log p(x) says so.
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
            Self::Own(bound) => bound.name.as_str().into(),
        }
    }

    /// Whether it is known to be a lower bound of log p(x) in expectation; nothing is known of
    /// those of a user's own.
    pub fn is_lower_bound(&self) -> bool {
        match self {
            Self::Vae | Self::VaeAnalytic | Self::Iwae => true,
            Self::Renyi { alpha } => *alpha >= 0.0,
            Self::VrMax | Self::Own(_) => false,
        }
    }

    /// Why it cannot be computed, if it cannot, and the cure.
    #[cfg(feature = "autodiff")]
    pub(crate) fn problem(&self) -> Option<(String, &'static str)> {
        match self {
            Self::Own(OwnBound { name, bound: None }) => Some((
                format!("`{name}` is only a name from a file"),
                "set it by `Bound::own`",
            )),
            Self::Renyi { alpha } if !alpha.is_finite() => Some((
                format!("has the order {alpha}"),
                "give a number; the limit for −∞ is `Bound::VrMax`",
            )),
            _ => None,
        }
    }

    /// The bound of each datapoint, in nats; `None` for [`Bound::VaeAnalytic`], which is no
    /// function of log-weights.
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[batch]`.
    ///
    /// # Panics
    ///
    /// If the bound was read from a file and is of a user's own.
    pub fn value(&self, log_weights: Tensor<2>) -> Option<Tensor<1>> {
        match self {
            Self::Vae => Some(vae(log_weights)),
            Self::VaeAnalytic => None,
            Self::Iwae => Some(iwae(log_weights)),
            Self::Renyi { alpha } => Some(renyi(log_weights, *alpha)),
            Self::VrMax => Some(vr_max(log_weights)),
            Self::Own(own) => Some(own.bound().value(log_weights)),
        }
    }

    /// The derivatives of each datapoint's bound by its log-weights, outside of any graph; `None`
    /// for [`Bound::VaeAnalytic`].
    ///
    /// | bound | shares |
    /// | --- | --- |
    /// | [`Vae`](Self::Vae) | 1/k each |
    /// | [`Iwae`](Self::Iwae) | the normalized weights wᵢ/Σw; those below e⁻⁶⁰ are 0, as in the bound itself |
    /// | [`Renyi`](Self::Renyi) | the same of wᵢ^(1−α) |
    /// | [`VrMax`](Self::VrMax) | 1 for the largest log-weight, the first of several |
    /// | [`Own`](Self::Own) | [`LogWeightBound::shares`] |
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[k, batch]`.
    ///
    /// # Panics
    ///
    /// If the bound was read from a file and is of a user's own.
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
            Self::Own(own) => Some(own.bound().shares(log_weights)),
        }
    }

    /// In what the shares of a bound of one's own are not the derivatives of its value, on a few
    /// log-weights.
    #[cfg(feature = "autodiff")]
    pub(crate) fn wrong_shares(&self, device: &burn::tensor::Device) -> Option<String> {
        let Self::Own(OwnBound {
            bound: Some(own), ..
        }) = self
        else {
            return None;
        };
        let log_weights = [[-3.0, 0.5], [-1.0, 0.25], [-2.5, -4.0]];
        let log_weights = Tensor::<2>::from_floats(log_weights, device);
        let given = own.shares(log_weights.clone());
        if given.dims() != [3, 2] {
            let dims = given.dims();
            return Some(format!("have the shape {dims:?} for log-weights [3, 2]"));
        }
        let exact = shares_by_autodiff(|log_weights| own.value(log_weights), log_weights);
        let read = |tensor: Tensor<2>| tensor.into_data().iter::<f64>().collect::<Vec<_>>();
        // Roundings of `f32`, far below any mistake. What is not a number is wrong.
        let right = |given: f64, exact: f64| (given - exact).abs() <= 1e-3 * exact.abs().max(1e-2);
        let pairs = read(given).into_iter().zip(read(exact)).enumerate();
        let wrong = { pairs }.find(|&(_, (given, exact))| !right(given, exact));
        wrong.map(|(i, (given, exact))| {
            let (sample, row) = (i / 2, i % 2);
            format!("are not its derivatives: {given} for sample {sample} of row {row}, by autodiff {exact}")
        })
    }
}

/// wᵢ^p / Σ w^p. A datapoint whose weights are all 0 has a bound of −∞ and no gradient, as in the
/// bound itself.
#[cfg(feature = "autodiff")]
fn normalized(log_weights: Tensor<2>, power: f64) -> Tensor<2> {
    let impossible = log_weights.clone().equal_elem(f64::NEG_INFINITY);
    let impossible = impossible.all_dim(0).expand(log_weights.dims());
    let powers = match power {
        1.0 => log_weights,
        power => log_weights.mul_scalar(power),
    };
    let shares = activation::softmax(powers, 0).mask_fill(impossible, 0.0);
    // What is smaller ends as subnormal gradients, which are slow.
    let negligible = shares.clone().lower_elem(NEGLIGIBLE.exp());
    shares.mask_fill(negligible, 0.0)
}

/// The derivatives of each row's value by its log-weights.
#[cfg(feature = "autodiff")]
fn shares_by_autodiff(value: impl Fn(Tensor<2>) -> Tensor<1>, log_weights: Tensor<2>) -> Tensor<2> {
    let leaf = log_weights.without_autodiff().autodiff().require_grad();
    let gradients = value(leaf.clone()).sum().backward();
    match leaf.grad(&gradients) {
        Some(shares) => shares,
        None => leaf.without_autodiff().zeros_like(),
    }
}
