//! By burn's own operations.

use burn::tensor::Tensor;

pub(in crate::kernel) fn log_mean_exp(values: Tensor<2>, negligible: f64) -> Tensor<1> {
    // The maximum is a constant, since its gradient would cancel. So the backward pass contains
    // only exp(values − max), and no infinite numbers.
    let max = values.clone().without_autodiff().max_dim(0);
    let finite = max.clone().is_finite();
    let max = max.zeros_like().mask_where(finite, max);
    let relative = values - max.clone();
    let below = relative.clone().without_autodiff().lower_elem(negligible);
    let shares = relative.mask_fill(below, f64::NEG_INFINITY).exp();
    (shares.mean_dim(0).log() + max).squeeze_dim(0)
}
