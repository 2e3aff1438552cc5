//! Functions of one number, written so that loops over them become vector instructions.
//!
//! The only library functions are square roots and `mul_add`. Products and sums are fused only by
//! `mul_add`, so every CPU gives the same bits. On CPUs without such an instruction, as x86-64
//! before AVX2, a slow function computes it. Random numbers use no fused operations.

use crate::random::ln;
use std::f32::consts::{LN_2, LOG2_E};

/// 1.5 · 2²³. Adding it rounds a small number to an integer, which is then in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts, the first with few enough bits to be multiplied exactly (Cody and Waite
/// 1980).
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// a·b + c, rounded once.
#[inline(always)]
fn fused(a: f32, b: f32, c: f32) -> f32 {
    a.mul_add(b, c)
}

/// The polynomial with these coefficients, the constant one first.
#[inline(always)]
fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for &coefficient in coefficients[..N - 1].iter().rev() {
        sum = fused(sum, x, coefficient);
    }
    sum
}

/// 2ⁿ and e^r − 1 with x = n ln 2 + r, for |x| < 88.4.
#[inline(always)]
pub(super) fn exp_parts(x: f32) -> (f32, f32) {
    const SERIES: [f32; 7] = [
        1.0,
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
    ];
    let shifted = fused(x, LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = fused(-n, LN_2_LOW, fused(-n, LN_2_HIGH, x));
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    (power, r * polynomial(r, SERIES))
}

/// e^−|x|, at least 1e-38; NaN for NaN.
#[inline(always)]
pub(super) fn exp_minus_abs(x: f32) -> f32 {
    let size = x.abs();
    let size = if size > 87.0 { 87.0 } else { size };
    let (power, tail) = exp_parts(-size);
    fused(power, tail, power)
}

/// log(1 + t) for t in [0, 1], as 2 artanh(t/(2 + t)).
#[inline(always)]
pub(super) fn log_1_plus(t: f32) -> f32 {
    const SERIES: [f32; 8] = [
        1.0,
        1.0 / 3.0,
        1.0 / 5.0,
        1.0 / 7.0,
        1.0 / 9.0,
        1.0 / 11.0,
        1.0 / 13.0,
        1.0 / 15.0,
    ];
    let s = t / (2.0 + t);
    2.0 * s * polynomial(s * s, SERIES)
}

#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    let e = exp_minus_abs(x);
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// tanh x from e^{2|x|} − 1, which is small where tanh is.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    let size = x.abs();
    // For larger |x| tanh is 1 up to rounding.
    let size = if size > 9.5 { 9.5 } else { size };
    let (power, tail) = exp_parts(2.0 * size);
    let expm1 = fused(power, tail, power - 1.0);
    (expm1 / (expm1 + 2.0)).copysign(x)
}

/// 2ⁿ, e^r − 1 and a factor f with eˣ = f 2ⁿ e^r for x from −87 to 89, and beyond as at these.
#[inline(always)]
fn bounded_exp_parts(x: f32) -> (f32, f32, f32) {
    let bounded = if x > 89.0 { 89.0 } else { x };
    let bounded = if bounded < -87.0 { -87.0 } else { bounded };
    // 2¹²⁸ is not an `f32`, but half of it is.
    let large = if bounded > 80.0 { 1 } else { 0 };
    let (power, tail) = exp_parts(bounded - large as f32 * LN_2_HIGH - large as f32 * LN_2_LOW);
    (power, tail, (1 + large) as f32)
}

/// eˣ, at least e^−87.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let (power, tail, factor) = bounded_exp_parts(x);
    fused(power, tail, power) * factor
}

/// eˣ − 1, with full relative accuracy near 0.
#[inline(always)]
pub(super) fn exp_m1(x: f32) -> f32 {
    let (power, tail, factor) = bounded_exp_parts(x);
    // Where the factor is not 1, this 1 is nothing beside the power.
    fused(power, tail, power - 1.0) * factor
}

/// log x; −∞ for 0, NaN below.
#[inline(always)]
pub(super) fn log(x: f32) -> f32 {
    // The exponent field of subnormal numbers does not give their size, so they are scaled first.
    const SCALE: f32 = 8_388_608.0;
    let small = x < f32::MIN_POSITIVE;
    let value = ln(if small { x * SCALE } else { x }) - if small { 23.0 * LN_2 } else { 0.0 };
    let value = if x > 0.0 { value } else { f32::NAN };
    let value = if x == 0.0 { f32::NEG_INFINITY } else { value };
    if x == f32::INFINITY { x } else { value }
}

/// log(1 + eˣ).
#[inline(always)]
pub(super) fn softplus(x: f32) -> f32 {
    let positive = if x > 0.0 { x } else { 0.0 };
    positive + log_1_plus(exp_minus_abs(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every 997th of all `f32`, and the numbers where something changes.
    fn inputs() -> impl Iterator<Item = f32> {
        let edges = [
            0.0, -0.0, 1e-45, -1e-45, 1e-38, 9.5, 87.0, 88.0, 1e3, -1e3, 1e30, -1e30,
        ];
        (0..u32::MAX / 997)
            .map(|i| f32::from_bits(i * 997))
            .filter(|x| x.is_finite())
            .chain(edges)
    }

    /// The error in units of the f32 rounding of the exact value, which the standard library gives
    /// in f64.
    fn ulps(value: f32, exact: f64) -> f64 {
        let unit = (exact.abs() * f64::from(f32::EPSILON)).max(f64::from(f32::MIN_POSITIVE));
        (f64::from(value) - exact).abs() / unit
    }

    #[test]
    fn tanh_agrees_with_f64() {
        for x in inputs() {
            let error = ulps(tanh(x), f64::from(x).tanh());
            assert!(error <= 3.0, "tanh({x}) = {} is {error} units off", tanh(x));
        }
        assert!(tanh(f32::NAN).is_nan());
        assert_eq!((tanh(f32::INFINITY), tanh(f32::NEG_INFINITY)), (1.0, -1.0));
    }

    #[test]
    fn sigmoid_agrees_with_f64() {
        // Below −87 the exact value falls under 1e-38, and this one stays there.
        for x in inputs().filter(|x| *x > -87.0) {
            let error = ulps(sigmoid(x), 1.0 / (1.0 + (-f64::from(x)).exp()));
            assert!(error <= 3.0, "sigmoid({x}) is {error} units off");
        }
        assert!(inputs().all(|x| (0.0..=1.0).contains(&sigmoid(x))));
        assert!(sigmoid(f32::NAN).is_nan());
    }

    #[test]
    fn exp_agrees_with_f64() {
        for x in inputs().filter(|x| (-87.0..88.72).contains(x)) {
            let error = ulps(exp(x), f64::from(x).exp());
            // Above 80 the argument is rounded once more.
            assert!(
                error <= if x > 80.0 { 70.0 } else { 3.0 },
                "exp({x}) = {} is {error} units off",
                exp(x)
            );
        }
        assert_eq!(
            (exp(f32::INFINITY), exp(89.0)),
            (f32::INFINITY, f32::INFINITY)
        );
        assert!(exp(f32::NEG_INFINITY) < 2e-38 && exp(f32::NAN).is_nan());
    }

    #[test]
    fn exp_m1_agrees_with_f64() {
        for x in inputs().filter(|x| *x < 88.72) {
            let error = ulps(exp_m1(x), f64::from(x).exp_m1());
            // Above 80 the argument is rounded once more.
            assert!(
                error <= if x > 80.0 { 70.0 } else { 3.0 },
                "exp_m1({x}) = {} is {error} units off",
                exp_m1(x)
            );
        }
        let ends = [f32::NEG_INFINITY, f32::INFINITY].map(exp_m1);
        assert_eq!(ends, [-1.0, f32::INFINITY]);
        assert!(exp_m1(f32::NAN).is_nan());
    }

    #[test]
    fn softplus_agrees_with_f64() {
        for x in inputs() {
            let wide = f64::from(x);
            let exact = wide.max(0.0) + (-wide.abs()).exp().ln_1p();
            // Below −87 it stays at 1e-38.
            let error = (f64::from(softplus(x)) - exact).abs();
            assert!(
                error <= 4e-7 * exact + 2e-38,
                "softplus({x}) is {error} off"
            );
        }
        assert!(softplus(f32::NAN).is_nan());
    }

    #[test]
    fn log_agrees_with_f64() {
        for x in inputs().filter(|x| *x > 0.0) {
            let error = ulps(log(x), f64::from(x).ln());
            assert!(error <= 4.0, "log({x}) = {} is {error} units off", log(x));
        }
        assert_eq!(
            (log(0.0), log(f32::INFINITY)),
            (f32::NEG_INFINITY, f32::INFINITY)
        );
        assert!(log(-1.0).is_nan() && log(f32::NAN).is_nan());
    }
}
