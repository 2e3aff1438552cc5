//! Each sample's share in a bound's gradient.

use super::NEGLIGIBLE;
use burn::tensor::{Tensor, activation};

/// wᵢ^p / Σ w^p. A datapoint whose weights are all 0 gets shares of 0: its bound is −∞ and has no
/// gradient.
pub(super) fn normalized(log_weights: Tensor<2>, power: f64) -> Tensor<2> {
    let impossible = log_weights.clone().equal_elem(f64::NEG_INFINITY);
    let impossible = impossible.all_dim(0).expand(log_weights.dims());
    let powers = match power {
        1.0 => log_weights,
        power => log_weights.mul_scalar(power),
    };
    let shares = activation::softmax(powers, 0).mask_fill(impossible, 0.0);
    // Smaller shares would give subnormal gradients, which are slow.
    let negligible = shares.clone().lower_elem(NEGLIGIBLE.exp());
    shares.mask_fill(negligible, 0.0)
}

/// The derivatives of each datapoint's value with respect to its log-weights.
pub(super) fn by_autodiff(
    value: impl Fn(Tensor<2>) -> Tensor<1>,
    log_weights: Tensor<2>,
) -> Tensor<2> {
    let leaf = log_weights.without_autodiff().autodiff().require_grad();
    let gradients = value(leaf.clone()).sum().backward();
    match leaf.grad(&gradients) {
        Some(shares) => shares,
        None => leaf.without_autodiff().zeros_like(),
    }
}
