//! Elementwise functions over slices, compiled for several vector widths and chosen at run time.
//!
//! As in the random numbers, nothing is fused and no library function is called, so every CPU gives
//! the same bits. Sums run over a fixed number of lanes for the same reason.

use multiversion::multiversion;

/// Partial sums of a row.
const LANES: usize = 16;

/// 1.5 · 2²³: adding it rounds a small number to an integer, which then stands in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// ln 2 in two parts, the first with few enough bits to be multiplied exactly (Cody and Waite 1980).
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// 2ⁿ and e^r − 1 with x = n ln 2 + r, for |x| < 88.
#[inline(always)]
fn exp_parts(x: f32) -> (f32, f32) {
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    let series = 1.0
        + r * (1.0 / 2.0
            + r * (1.0 / 6.0
                + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0))))));
    (power, r * series)
}

/// e^−|x|, at least 1e-38; NaN for NaN.
#[inline(always)]
fn exp_minus_abs(x: f32) -> f32 {
    let size = x.abs();
    let size = if size > 87.0 { 87.0 } else { size };
    let (power, tail) = exp_parts(-size);
    power + power * tail
}

/// log(1 + t) for t in [0, 1], as 2 artanh(t/(2 + t)).
#[inline(always)]
fn log_1_plus(t: f32) -> f32 {
    let s = t / (2.0 + t);
    let q = s * s;
    let series = 1.0
        + q * (1.0 / 3.0
            + q * (1.0 / 5.0
                + q * (1.0 / 7.0
                    + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q * (1.0 / 15.0)))))));
    2.0 * s * series
}

/// x·l − softplus(l).
#[inline(always)]
fn bernoulli_log_prob(logit: f32, x: f32) -> f32 {
    let positive = if logit > 0.0 { logit } else { 0.0 };
    x * logit - positive - log_1_plus(exp_minus_abs(logit))
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    let e = exp_minus_abs(x);
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// tanh x from e^{2|x|} − 1, which is small where tanh is.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let size = x.abs();
    // From here on tanh is 1 to rounding.
    let size = if size > 9.5 { 9.5 } else { size };
    let (power, tail) = exp_parts(2.0 * size);
    let expm1 = power * tail + (power - 1.0);
    (expm1 / (expm1 + 2.0)).copysign(x)
}

/// Σ x·l − softplus(l).
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn bernoulli_row(logits: &[f32], x: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (logits, logits_rest) = logits.as_chunks::<LANES>();
    let (x, x_rest) = x.as_chunks::<LANES>();
    for (logits, x) in logits.iter().zip(x) {
        for lane in 0..LANES {
            sums[lane] += bernoulli_log_prob(logits[lane], x[lane]);
        }
    }
    let mut sum = 0.0;
    for (&logit, &x) in logits_rest.iter().zip(x_rest) {
        sum += bernoulli_log_prob(logit, x);
    }
    sum + sums.iter().sum::<f32>()
}

/// gradient · (x − sigmoid(l)).
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn bernoulli_row_backward(logits: &[f32], x: &[f32], gradient: f32, out: &mut [f32]) {
    for ((&logit, &x), out) in logits.iter().zip(x).zip(out) {
        *out = gradient * (x - sigmoid(logit));
    }
}

/// tanh of each entry.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn tanh_slice(values: &mut [f32]) {
    for value in values {
        *value = tanh(*value);
    }
}

/// gradient · (1 − y²) with y = tanh x.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn tanh_slice_backward(output: &[f32], gradient: &mut [f32]) {
    for (gradient, &y) in gradient.iter_mut().zip(output) {
        *gradient *= 1.0 - y * y;
    }
}

/// loc + √variance · ε, where `values` holds ε before and the result after.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn draw_row(loc: &[f32], variance: &[f32], values: &mut [f32]) {
    for ((&loc, &variance), value) in loc.iter().zip(variance).zip(values) {
        *value = loc + variance.sqrt() * *value;
    }
}

/// The variance's gradient: adds gradient · ε to `sum`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn draw_row_backward(epsilon: &[f32], gradient: &[f32], sum: &mut [f32]) {
    for ((&epsilon, &gradient), sum) in epsilon.iter().zip(gradient).zip(sum) {
        *sum += gradient * epsilon;
    }
}

/// Divides each entry by 2√variance.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn divide_by_twice_root(variance: &[f32], values: &mut [f32]) {
    for (&variance, value) in variance.iter().zip(values) {
        *value *= 0.5 / variance.sqrt();
    }
}

/// Adds the entries of `values` to those of `sum`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn add_to(sum: &mut [f32], values: &[f32]) {
    for (sum, &value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
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

    /// The error in units of the f32 rounding of the exact value, which the standard library gives in
    /// f64.
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
    fn bernoulli_agrees_with_f64() {
        for logit in inputs() {
            for x in [0.0, 1.0, 0.25] {
                let l = f64::from(logit);
                let exact = f64::from(x) * l - l.max(0.0) - (-l.abs()).exp().ln_1p();
                // Terms of size |l| cancel to nothing for a well predicted pixel.
                let error = (f64::from(bernoulli_log_prob(logit, x)) - exact).abs();
                assert!(error <= 2e-7 * (1.0 + exact.abs()), "{logit}, {x}: {error}");
            }
        }
        assert!(bernoulli_log_prob(f32::NAN, 1.0).is_nan());
        let exact = -37.0 * std::f64::consts::LN_2;
        assert!((f64::from(bernoulli_row(&[0.0; 37], &[1.0; 37])) - exact).abs() < 1e-5);
    }
}
