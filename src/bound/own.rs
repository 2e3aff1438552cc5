//! User-defined bounds.

#[cfg(feature = "autodiff")]
use super::shares::by_autodiff;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, sync::Arc};

/// A user-defined bound of log p(x), or any other objective, that is a function of log-weights.
///
/// [`Bound::own`](super::Bound::own) makes it trainable like the built-in bounds, with either
/// backward pass.
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
    /// The bound's name, including its parameters. Settings and resumed runs compare bounds by
    /// name.
    fn name(&self) -> String;

    /// The bound of each datapoint, in nats.
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[batch]`.
    fn value(&self, log_weights: Tensor<2>) -> Tensor<1>;

    /// The derivatives of each datapoint's bound with respect to its log-weights: each sample's
    /// share in the gradient.
    ///
    /// The log-weights given are outside of any graph. By default autodiff computes the
    /// derivatives.
    ///
    /// # Shapes
    ///
    /// `[k, batch]` → `[k, batch]`.
    #[cfg(feature = "autodiff")]
    fn shares(&self, log_weights: Tensor<2>) -> Tensor<2> {
        by_autodiff(|log_weights| self.value(log_weights), log_weights)
    }
}

/// A user-defined bound. It equals any other one of the same name. A file holds only the name, so a
/// bound that was read from a file cannot be computed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct OwnBound {
    pub(super) name: String,
    pub(super) bound: Option<Arc<dyn LogWeightBound>>,
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
    pub(super) fn bound(&self) -> &dyn LogWeightBound {
        match &self.bound {
            Some(bound) => bound.as_ref(),
            None => panic!(
                "the bound `{}` is only a name from a file: set it by `Bound::own`",
                self.name
            ),
        }
    }

    /// How the shares differ from the derivatives of the value on a few log-weights; `None` if they
    /// do not.
    #[cfg(feature = "autodiff")]
    pub(super) fn wrong_shares(&self, device: &burn::tensor::Device) -> Option<String> {
        let own = self.bound.as_ref()?;
        let log_weights = [[-3.0, 0.5], [-1.0, 0.25], [-2.5, -4.0]];
        let log_weights = Tensor::<2>::from_floats(log_weights, device);
        let given = own.shares(log_weights.clone());
        if given.dims() != [3, 2] {
            let dims = given.dims();
            return Some(format!("have the shape {dims:?} for log-weights [3, 2]"));
        }
        let exact = by_autodiff(|log_weights| own.value(log_weights), log_weights);
        let read = |tensor: Tensor<2>| tensor.into_data().iter::<f64>().collect::<Vec<_>>();
        // The tolerance is for rounding in `f32`; a mistake would be far larger. NaN counts as
        // wrong.
        let right = |given: f64, exact: f64| (given - exact).abs() <= 1e-3 * exact.abs().max(1e-2);
        let pairs = read(given).into_iter().zip(read(exact)).enumerate();
        let wrong = { pairs }.find(|&(_, (given, exact))| !right(given, exact));
        wrong.map(|(i, (given, exact))| {
            let (sample, row) = (i / 2, i % 2);
            format!("are not its derivatives: {given} for sample {sample} of row {row}, by autodiff {exact}")
        })
    }
}
