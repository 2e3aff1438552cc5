//! Jackknife variational inference (Nowozin 2018).

#[cfg(feature = "autodiff")]
use super::shares::normalized;
use super::{NEGLIGIBLE, log_mean_exp};
use burn::tensor::{Bool, Int, Tensor, activation};

/// The importance weighted bound with its bias of order 1/k removed by the jackknife (Nowozin 2018,
/// JVI of order 1).
///
/// ```math
/// J = k L_k - \frac{k - 1}{k} \sum_{i=1}^{k} L_{k-1}^{(i)}.
/// ```
///
/// Here Lₖ is [`iwae`](super::iwae) of all samples, and Lₖ₋₁⁽ⁱ⁾ that of all samples but the i-th.
/// As an estimate of log p(x), J has a bias that falls like 1/k², while that of Lₖ falls like 1/k.
///
/// J is no bound: its expectation may be above log p(x). It is far above where one weight is nearly
/// the whole sum.
///
/// The values without one sample are computed without cancellation. A column of −∞ gives −∞, and no
/// gradient. A column with a single weight above 0 gives +∞.
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Panics
///
/// If k is below 2.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let log_weights = Tensor::<2>::from_floats([[0.0], [3.0f32.ln()]], &Device::default());
/// let estimate = bound::jackknife(log_weights).into_scalar::<f32>();
/// let exact = 2.0 * 2.0f32.ln() - (0.0 + 3.0f32.ln()) / 2.0;
/// assert!((estimate - exact).abs() < 1e-6);
/// ```
pub fn jackknife(log_weights: Tensor<2>) -> Tensor<1> {
    let [k, _] = log_weights.dims();
    assert!(k > 1, "the jackknife needs at least 2 samples, k is {k}");
    let k = k as f64;
    let (max, impossible) = largest_weight(&log_weights);
    let everywhere = impossible.clone().expand(log_weights.dims());
    let relative = log_weights.mask_fill(everywhere, 0.0) - max.clone();
    let largest = is_largest(&relative);

    // log(1 − w̃ᵢ) for all samples but the largest: their w̃ᵢ are at most ½.
    let shares = shares_of_others(relative.clone(), &largest);
    let others: Tensor<1> = shares.neg().log1p().sum_dim(0).squeeze_dim(0);
    // For the largest, log(1 − w̃ᵢ) comes from the sum of the others.
    let all = log_mean_exp(relative.clone());
    let rest = log_mean_exp(relative.mask_fill(largest, f64::NEG_INFINITY));
    let left_out = others + (rest - all.clone());

    let constant = (k - 1.0) * (-1.0 / k).ln_1p();
    let value = all - left_out.mul_scalar((k - 1.0) / k) + max.squeeze_dim::<1>(0);
    (value.add_scalar(constant)).mask_fill(impossible.squeeze_dim::<1>(0), f64::NEG_INFINITY)
}

/// The derivatives of [`jackknife`] by the log-weights.
///
/// Let Qᵢ = w̃ᵢ/(1 − w̃ᵢ), m the largest share, and vⱼ the shares without it. The derivatives are
/// - w̃ⱼ (3 − 2/k − (k−1)/k Σ_{i ≠ j, m} Qᵢ) − (k−1)/k vⱼ for j ≠ m,
/// - w̃ₘ (2 − 1/k − (k−1)/k Σ_{i ≠ m} Qᵢ).
#[cfg(feature = "autodiff")]
pub(super) fn shares(log_weights: Tensor<2>) -> Tensor<2> {
    let [k, _] = log_weights.dims();
    assert!(k > 1, "the jackknife needs at least 2 samples, k is {k}");
    let k = k as f64;
    let (max, impossible) = largest_weight(&log_weights);
    let everywhere = impossible.expand(log_weights.dims());
    let relative = log_weights.mask_fill(everywhere.clone(), 0.0) - max;
    let largest = is_largest(&relative);

    let shares = shares_of_others(relative.clone(), &largest);
    let odds = shares.clone() / shares.neg().add_scalar(1.0);
    let others = odds.clone().sum_dim(0) - odds;
    let whole = others.full_like(3.0 - 2.0 / k);
    let whole = whole.mask_fill(largest.clone(), 2.0 - 1.0 / k);
    let without_largest = normalized(relative.clone().mask_fill(largest, f64::NEG_INFINITY), 1.0);
    let factor = (k - 1.0) / k;
    let counts = normalized(relative, 1.0) * (whole - others.mul_scalar(factor));
    (counts - without_largest.mul_scalar(factor)).mask_fill(everywhere, 0.0)
}

/// The largest log-weight of each column, outside of any graph, and which columns have none above
/// −∞; such have 0. `[1, batch]` each.
fn largest_weight(log_weights: &Tensor<2>) -> (Tensor<2>, Tensor<2, Bool>) {
    let max = log_weights.clone().without_autodiff().max_dim(0);
    let impossible = max.clone().equal_elem(f64::NEG_INFINITY);
    (max.mask_fill(impossible.clone(), 0.0), impossible)
}

/// Where each column has its largest entry, the first of several.
fn is_largest(values: &Tensor<2>) -> Tensor<2, Bool> {
    let values = values.clone().without_autodiff();
    let [k, batch] = values.dims();
    let places = Tensor::<1, Int>::arange(0..k as i64, &values.device());
    let places = places.unsqueeze_dim::<2>(1).expand([k, batch]);
    let largest = values.argmax(0).expand([k, batch]);
    places.cast(largest.dtype()).equal(largest)
}

/// The shares of all samples in the whole, 0 for the largest.
fn shares_of_others(relative: Tensor<2>, largest: &Tensor<2, Bool>) -> Tensor<2> {
    let shares = activation::softmax(relative, 0);
    let negligible = shares.clone().without_autodiff();
    let negligible = negligible.lower_elem(NEGLIGIBLE.exp());
    shares.mask_fill(negligible.bool_or(largest.clone()), 0.0)
}
