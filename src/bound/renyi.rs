//! Rényi bounds (Li and Turner 2016).

use super::log_mean_exp;
use crate::special::{exp_m1, ln_1p};
use burn::tensor::Tensor;

/// For orders closer to 1 than this a quotient of small numbers gives the bound.
const NEAR_ONE: f64 = 0.1;

/// The variational Rényi bound of order α (Li and Turner 2016, VR-α).
///
/// ```math
/// L = \frac{1}{1 - \alpha} \log \frac{1}{k} \sum_{i=1}^{k} w_i^{1 - \alpha},
/// ```
///
/// the mean of log wᵢ at α = 1.
///
/// | α | L |
/// | --- | --- |
/// | 0 | equal to the IWAE's bound |
/// | between 0 and 1 | between the ELBO and the IWAE's bound: the VR-IWAE bound |
/// | 1 | the ELBO |
/// | above 1 | below the ELBO |
/// | below 0 | above the IWAE's bound, and in expectation possibly above log p(x): no bound |
///
/// For α from 0 to below 1 it is the VR-IWAE bound of Daudel, Benton, Shi and Doucet (2023). In
/// expectation it is a lower bound of log p(x) for every k.
/// [`Estimator::DoublyReparameterized`](crate::gradient::Estimator::DoublyReparameterized) is its
/// doubly reparameterized gradient.
///
/// For given log-weights L does not increase with α.
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Panics
///
/// If α is not finite, or k is 0.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let log_weights = Tensor::<2>::from_floats([[0.0], [9.0f32.ln()]], &Device::default());
/// let half = bound::renyi(log_weights, 0.5).into_scalar::<f32>(); // 2 log (√1 + √9)/2
/// assert!((half - 2.0 * 2.0f32.ln()).abs() < 1e-6);
/// ```
#[doc(alias = "VR-IWAE")]
pub fn renyi(log_weights: Tensor<2>, alpha: f64) -> Tensor<1> {
    assert!(alpha.is_finite(), "the order of a Rényi bound is {alpha}");
    let power = 1.0 - alpha;
    if power.abs() >= NEAR_ONE {
        return log_mean_exp(log_weights.mul_scalar(power)).mul_scalar(1.0 / power);
    }
    if power == 0.0 {
        return log_weights.mean_dim(0).squeeze_dim(0);
    }
    // Weights beside the one with the largest power: the mean of these powers is near 1, and its
    // distance from 1 is divided by 1 − α.
    let values = log_weights.clone().without_autodiff();
    let largest = match power > 0.0 {
        true => values.max_dim(0),
        false => values.min_dim(0),
    };
    let infinite = largest.clone().abs().equal_elem(f64::INFINITY);
    let largest = largest.mask_fill(infinite, 0.0);
    let excess = exp_m1((log_weights - largest.clone()).mul_scalar(power));
    let bound = ln_1p(excess.mean_dim(0)).mul_scalar(1.0 / power) + largest;
    bound.squeeze_dim(0)
}

/// The largest log-weight (Li and Turner 2016, VR-max).
///
/// It is the limit of [`renyi`] for α → −∞. It is no bound: its expectation may be above log p(x).
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let log_weights = Tensor::<2>::from_floats([[-3.0], [-5.0]], &Device::default());
/// assert_eq!(bound::vr_max(log_weights).into_scalar::<f32>(), -3.0);
/// ```
pub fn vr_max(log_weights: Tensor<2>) -> Tensor<1> {
    log_weights.max_dim(0).squeeze_dim(0)
}
