//! The gamma function and its relatives.

use super::{either, ln_1p, polynomial};
use burn::tensor::Tensor;

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
pub(crate) const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;

/// log Γ(x) for x above 0.
fn ln_gamma<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    // Γ(x) = Γ(x + 8) / (x (x + 1) ⋯ (x + 7)). Factors are multiplied in pairs, each of which is q
    // + a constant with q = x (x + 7).
    let q = x.clone() * x.clone().add_scalar(7.0);
    let factors = [0.0, 6.0, 10.0, 12.0].map(|more| q.clone().add_scalar(more).log());
    let [a, b, c, d] = factors;
    let shifted = x.add_scalar(SHIFT as f64);
    let whole = shifted.clone().sub_scalar(0.5) * shifted.clone().log() - shifted.clone();
    whole.add_scalar(HALF_LOG_TAU) + stirling(shifted) - (a + b + c + d)
}

/// The error of Stirling's formula for the factorial, log Γ(x+1) − ((x + ½) log x − x + ½ log 2π),
/// for x above 0.
pub(crate) fn stirling_error<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let shift = SHIFT as f64;
    let large = x.clone().without_autodiff().greater_equal_elem(shift);
    either(large, &x, [shift, 1.0], stirling, |x| {
        let formula = x.clone().add_scalar(0.5) * x.clone().log() - x.clone();
        ln_gamma(x.add_scalar(1.0)) - formula.add_scalar(HALF_LOG_TAU)
    })
}

/// log B(a, b) = log Γ(a) + log Γ(b) − log Γ(a + b) for a and b above 0, without cancellation where
/// both are large.
pub(crate) fn ln_beta<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
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
pub(crate) fn ln_gamma_of(x: f64) -> f64 {
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
