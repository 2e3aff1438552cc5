//! Special functions for densities, with finite gradients.

use crate::{
    device::is_gpu,
    kernel::{self, Function},
};
use burn::tensor::{Bool, DType, Tensor};

/// log(1 + eˣ).
pub(super) fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    kernel::apply(Function::Softplus, x)
}

/// log(1 + x), with full relative accuracy near 0.
///
/// burn's `log1p` has that on a CPU. On a GPU it takes the logarithm of the rounded sum 1 + x.
pub(super) fn ln_1p<const D: usize>(x: Tensor<D>) -> Tensor<D> {
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
pub(super) fn exact_softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
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

/// log sigmoid(x) = −log(1 + e⁻ˣ).
pub(super) fn log_sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    softplus(x.neg()).neg()
}

/// One function where the mask is set, another elsewhere. Where a function is not used, its input
/// is `safe`: otherwise an infinite number could enter the gradient.
pub(super) fn either<const D: usize>(
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
pub(super) fn polynomial<const D: usize, const N: usize>(
    x: Tensor<D>,
    coefficients: [f64; N],
) -> Tensor<D> {
    let mut sum = x.full_like(coefficients[N - 1]);
    for coefficient in coefficients[..N - 1].iter().rev() {
        sum = sum * x.clone() + *coefficient;
    }
    sum
}

/// Stirling's series, log Γ(x) − ((x − ½) log x − x + ½ log 2π), for x of at least [`SHIFT`]. Its
/// error is below 3e-13.
fn stirling<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    const TERMS: [f64; 5] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
    ];
    let inverse = x.recip();
    polynomial(inverse.clone() * inverse.clone(), TERMS) * inverse
}

/// The number that is added to arguments of the gamma function, so that [Stirling's
/// series](stirling) is accurate.
const SHIFT: usize = 8;
/// ½ log 2π.
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;

/// log Γ(x) for x above 0.
pub(super) fn ln_gamma<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    // Γ(x) = Γ(x + 8) / (x (x + 1) ⋯ (x + 7)). Factors are multiplied in pairs, each of which is q
    // + a constant with q = x (x + 7).
    let q = x.clone() * x.clone().add_scalar(7.0);
    let factors = [0.0, 6.0, 10.0, 12.0].map(|more| q.clone().add_scalar(more).log());
    let [a, b, c, d] = factors;
    let shifted = x.add_scalar(SHIFT as f64);
    let whole = shifted.clone().sub_scalar(0.5) * shifted.clone().log() - shifted.clone();
    whole.add_scalar(HALF_LOG_TAU) + stirling(shifted) - (a + b + c + d)
}

/// log Γ(θ + x) − log Γ(θ) for θ above 0 and x of at least 0, without cancellation where θ is
/// large.
pub(super) fn ln_rising<const D: usize>(theta: Tensor<D>, x: Tensor<D>) -> Tensor<D> {
    let a = theta.clone().add_scalar(SHIFT as f64);
    let sum = a.clone() + x.clone();
    let mut value = a.clone().sub_scalar(0.5) * ln_1p(x.clone() / a.clone())
        + x.clone() * sum.clone().log()
        - x.clone()
        + stirling(sum)
        - stirling(a);
    for j in 0..SHIFT {
        value = value - ln_1p(x.clone() / theta.clone().add_scalar(j as f64));
    }
    value
}

/// log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b) for a and b above 0, without cancellation where
/// both are large.
pub(super) fn ln_beta<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    let shift = SHIFT as f64;
    let [high_a, high_b] = [a.clone(), b.clone()].map(|x| x.add_scalar(shift));
    let sum = high_a.clone() + high_b.clone();
    let mut value = (high_a.clone() * ln_1p(high_b.clone() / high_a.clone())
        + high_b.clone() * ln_1p(high_a.clone() / high_b.clone()))
    .neg()
        + (sum.clone().log() - high_a.clone().log() - high_b.clone().log()).mul_scalar(0.5)
        + (stirling(high_a) + stirling(high_b) - stirling(sum));
    value = value.add_scalar(HALF_LOG_TAU);
    // Γ(x + n) = Γ(x) x (x + 1) ⋯ (x + n − 1). The factors are taken as ratios: these are near 1,
    // so their logarithms are small.
    let total = a.clone() + b.clone();
    for j in 0..SHIFT {
        let even = total.clone().add_scalar((2 * j) as f64);
        let ratio = even.clone() / a.clone().add_scalar(j as f64) * even.add_scalar(1.0)
            / b.clone().add_scalar(j as f64);
        value = value + ratio.log();
    }
    value
}

/// log Γ(x) of one number above 0.
pub(super) fn ln_gamma_of(x: f64) -> f64 {
    let (mut shifted, mut product) = (x, 1.0);
    while shifted < 16.0 {
        product *= shifted;
        shifted += 1.0;
    }
    let square = 1.0 / (shifted * shifted);
    let terms = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0];
    let series = terms
        .iter()
        .rev()
        .fold(0.0, |sum, term| sum * square + term)
        / shifted;
    (shifted - 0.5) * shifted.ln() - shifted + HALF_LOG_TAU + series - f64::ln(product)
}
