//! Special functions for densities and bounds, with finite gradients.

mod gamma;

pub(crate) use gamma::{HALF_LOG_TAU, ln_beta, ln_gamma_of, stirling_error};

use crate::{
    device::is_gpu,
    kernel::{self, Function},
};
use burn::tensor::{Bool, DType, Tensor};

/// log(1 + eˣ).
pub(crate) fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    kernel::apply(Function::Softplus, x)
}

/// eˣ − 1, with full relative accuracy near 0.
pub(crate) fn exp_m1<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    kernel::apply(Function::ExpM1, x)
}

/// log(1 + x), with full relative accuracy near 0.
///
/// burn's `log1p` has that on a CPU. On a GPU it takes the logarithm of the rounded sum 1 + x.
pub(crate) fn ln_1p<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if x.dtype() == DType::F64 || !is_gpu(&x.device()) {
        return x.log1p();
    }
    let near = x.clone().without_autodiff().abs().lower_elem(0.25);
    either(
        near,
        &x,
        [0.0, 1.0],
        // log(1 + x) = 2 artanh(x/(2 + x)). The series ends where terms are below 4e-10 of the
        // first.
        |x| {
            let s = x.clone() / x.add_scalar(2.0);
            let terms = [2.0, 2.0 / 3.0, 2.0 / 5.0, 2.0 / 7.0, 2.0 / 9.0];
            polynomial(s.clone() * s.clone(), terms) * s
        },
        |x| x.add_scalar(1.0).log(),
    )
}

/// log(1 + eˣ), with full relative accuracy also where it is near 0, unlike [`softplus`] on a GPU.
pub(crate) fn exact_softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let positive = x.clone().without_autodiff().greater_elem(0.0);
    let small = |x: Tensor<D>| ln_1p(x.exp());
    either(
        positive,
        &x,
        [0.0, 0.0],
        |x| x.clone() + small(x.neg()),
        small,
    )
}

/// log(eᵃ + eᵇ).
pub(crate) fn ln_add_exp<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    let is_larger = b
        .clone()
        .without_autodiff()
        .greater(a.clone().without_autodiff());
    let larger = a.clone().mask_where(is_larger.clone(), b.clone());
    let smaller = b.mask_where(is_larger, a);
    larger.clone() + exact_softplus(smaller - larger)
}

/// log sigmoid(x) = −log(1 + e⁻ˣ).
pub(crate) fn log_sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    softplus(x.neg()).neg()
}

/// One function where the mask is set, another elsewhere. Where a function is not used, its input
/// is `safe`: otherwise an infinite number could enter the gradient.
pub(crate) fn either<const D: usize>(
    mask: Tensor<D, Bool>,
    x: &Tensor<D>,
    safe: [f64; 2],
    on: impl Fn(Tensor<D>) -> Tensor<D>,
    off: impl Fn(Tensor<D>) -> Tensor<D>,
) -> Tensor<D> {
    let elsewhere = mask.clone().bool_not();
    let on = on(x.clone().mask_fill(elsewhere, safe[0]));
    let off = off(x.clone().mask_fill(mask.clone(), safe[1]));
    off.mask_where(mask, on)
}

/// The polynomial with these coefficients, the constant one first.
pub(crate) fn polynomial<const D: usize, const N: usize>(
    x: Tensor<D>,
    coefficients: [f64; N],
) -> Tensor<D> {
    let mut sum = x.full_like(coefficients[N - 1]);
    for coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum * x.clone() + *coefficient;
    }
    sum
}
