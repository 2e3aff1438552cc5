//! Functions of slices, compiled for several vector widths and chosen at run time.
//!
//! Sums run over a fixed number of lanes, so every CPU gives the same bits.

mod loops;
mod scalar;

use super::{Function, Parameter};
use loops::{LANES, by_lanes, map, map2, map3, map4, sum2, sum3, total};
use multiversion::multiversion;
pub(super) use scalar::to_bf16;
use scalar::{bf16_pair, exp, exp_minus_abs, log, sigmoid, softplus, tanh};
use std::f32::consts::TAU;

/// Functions with bodies for AVX-512, AVX2 and, unchanged, whatever else the target has (NEON on
/// 64-bit ARM).
macro_rules! vectorized {
    ($($(#[$meta:meta])* fn $name:ident($($arguments:tt)*) $(-> $output:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma"))]
        pub(super) fn $name($($arguments)*) $(-> $output)? $body
    )*};
}

// Elementwise.
vectorized! {
    /// out = eˣ.
    fn exp_to(input: &[f32], out: &mut [f32]) {
        map2(out, input, |_, x| exp(x));
    }

    /// out = x².
    fn square_to(input: &[f32], out: &mut [f32]) {
        map2(out, input, |_, x| x * x);
    }

    fn round_to_bf16(values: &mut [f32]) {
        map(values, to_bf16);
    }

    /// Pairs of `bf16`, the first one's in the lower half; where there is no second number it is 0.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    fn pair(first: &[f32], second: &[f32], squared: bool, pairs: &mut [f32]) {
        let value = |x: f32| if squared { x * x } else { x };
        let (whole, rest) = pairs.split_at_mut(second.len());
        map3(whole, first, second, |_, a, b| bf16_pair(value(a), value(b)));
        map2(rest, &first[second.len()..], |_, a| bf16_pair(value(a), 0.0));
    }

    /// The same of neighbours; the last one may be alone.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    fn pair_neighbours(values: &[f32], squared: bool, pairs: &mut [f32]) {
        let value = |x: f32| if squared { x * x } else { x };
        let (values, last) = values.as_chunks::<2>();
        let (pairs, rest) = pairs.split_at_mut(values.len());
        for (pair, &[a, b]) in pairs.iter_mut().zip(values) {
            *pair = bf16_pair(value(a), value(b));
        }
        map2(rest, last, |_, a| bf16_pair(value(a), 0.0));
    }

    /// Adds the entries of `values` to those of `sum`.
    fn add_to(sum: &mut [f32], values: &[f32]) {
        map2(sum, values, |sum, value| sum + value);
    }

    /// Multiplies each entry by `factor · other`.
    fn multiply_by(values: &mut [f32], factor: f32, other: &[f32]) {
        map2(values, other, |value, other| value * (factor * other));
    }

    /// A non-linearity of each entry.
    fn apply(function: Function, values: &mut [f32]) {
        match function {
            Function::Exp => map(values, exp),
            Function::Tanh => map(values, tanh),
            Function::Sigmoid => map(values, sigmoid),
            Function::Softplus => map(values, softplus),
            Function::Silu => map(values, |x| x * sigmoid(x)),
        }
    }

    /// gradient · f′, from the output y or the input x; see `keeps_output`.
    fn apply_backward(function: Function, known: &[f32], gradient: &mut [f32]) {
        match function {
            Function::Exp => map2(gradient, known, |g, y| g * y),
            Function::Tanh => map2(gradient, known, |g, y| g * (1.0 - y * y)),
            Function::Sigmoid => map2(gradient, known, |g, y| g * (y * (1.0 - y))),
            Function::Softplus => map2(gradient, known, |g, x| g * sigmoid(x)),
            Function::Silu => map2(gradient, known, |g, x| {
                let s = sigmoid(x);
                g * (s + x * s * (1.0 - s))
            }),
        }
    }

    /// A step of Adam, which replaces the gradient by the new parameter.
    fn adam(
        values: &mut [f32],
        old: &[f32],
        moment_1: &mut [f32],
        moment_2: &mut [f32],
        step: &super::AdamStep,
    ) {
        let super::AdamStep { beta_1, beta_2, size, epsilon } = *step;
        let [beta_1, beta_2] = [beta_1 as f32, beta_2 as f32];
        let [size, epsilon] = [size as f32, epsilon as f32];
        let (rest_1, rest_2) = (1.0 - beta_1, 1.0 - beta_2);
        let moments = moment_1.iter_mut().zip(moment_2);
        for ((value, old), (m, v)) in values.iter_mut().zip(old).zip(moments) {
            let g = *value;
            *m = beta_1 * *m + rest_1 * g;
            *v = beta_2 * *v + rest_2 * (g * g);
            *value = old - size * *m / (v.sqrt() + epsilon);
        }
    }
}

// Bernoulli.
vectorized! {
    /// Σ x·l − softplus(l).
    ///
    /// With softplus(l) = max(l, 0) + log(1 + e^−|l|), and one logarithm of the product of many 1 +
    /// e^−|l| instead of many logarithms: none is above 2, so dozens of factors are far from too
    /// large.
    fn bernoulli_row(logits: &[f32], x: &[f32]) -> f32 {
        const AT_ONCE: usize = 64 * LANES;
        let mut sum = 0.0;
        for (logits, x) in logits.chunks(AT_ONCE).zip(x.chunks(AT_ONCE)) {
            let (mut sums, mut products) = ([0.0f32; LANES], [1.0f32; LANES]);
            by_lanes(logits, x, x, |lane, logit, x, _| {
                let positive = if logit > 0.0 { logit } else { 0.0 };
                sums[lane] += x * logit - positive;
                products[lane] *= 1.0 + exp_minus_abs(logit);
            });
            for (sum, product) in sums.iter_mut().zip(products) {
                *sum -= log(product);
            }
            sum += total(sums);
        }
        sum
    }

    /// gradient · (x − sigmoid(l)), in place of the logits l.
    fn bernoulli_row_backward(logits: &mut [f32], x: &[f32], gradient: f32) {
        map2(logits, x, |logit, x| gradient * (x - sigmoid(logit)));
    }
}

// Gaussian draws.
vectorized! {
    /// loc + scale · ε.
    fn draw_row(
        loc: &[f32],
        parameter: Parameter,
        spread: &[f32],
        epsilon: &[f32],
        values: &mut [f32],
    ) {
        match parameter {
            Parameter::Scale => map4(values, loc, spread, epsilon, |_, loc, s, e| loc + s * e),
            Parameter::Variance => {
                map4(values, loc, spread, epsilon, |_, loc, v, e| loc + v.sqrt() * e);
            }
            Parameter::LogVariance => {
                map4(values, loc, spread, epsilon, |_, loc, l, e| loc + exp(0.5 * l) * e);
            }
        }
    }

    /// Adds shift + √(variance + more) · ε to the means in `values`.
    fn draw_only(
        values: &mut [f32],
        shift: &[f32],
        variance: &[f32],
        more: &[f32],
        epsilon: &[f32],
    ) {
        let moments = values.iter_mut().zip(shift).zip(variance).zip(more);
        for ((((value, &shift), &variance), &more), &e) in moments.zip(epsilon) {
            *value += shift + (variance + more).sqrt() * e;
        }
    }

    /// The same numbers, but in the place of the noise.
    fn draw_in_place(
        epsilon: &mut [f32],
        loc: &[f32],
        shift: &[f32],
        variance: &[f32],
        more: &[f32],
    ) {
        let moments = epsilon.iter_mut().zip(loc).zip(shift).zip(variance);
        for ((((e, &loc), &shift), &variance), &more) in moments.zip(more) {
            *e = loc + (shift + (variance + more).sqrt() * *e);
        }
    }

    /// As [`draw_only`], and makes of the variance the result's derivative by it, ε / (2√(variance
    /// + more)).
    fn draw_and_derive(
        values: &mut [f32],
        shift: &[f32],
        variance: &mut [f32],
        more: &[f32],
        epsilon: &[f32],
    ) {
        let moments = values.iter_mut().zip(shift).zip(variance).zip(more);
        for ((((value, &shift), variance), &more), &e) in moments.zip(epsilon) {
            let scale = (*variance + more).sqrt();
            *value += shift + scale * e;
            *variance = 0.5 * e / scale;
        }
    }

    /// Multiplies derivatives, or noise, by the gradient; adds the gradient and the products to
    /// sums.
    fn draw_backward_row(
        derivative: &mut [f32],
        gradient: &[f32],
        sum: &mut [f32],
        sum_of_products: &mut [f32],
    ) {
        let sums = sum.iter_mut().zip(sum_of_products);
        for ((derivative, &gradient), (sum, of_products)) in
            derivative.iter_mut().zip(gradient).zip(sums)
        {
            *derivative *= gradient;
            *sum += gradient;
            *of_products += *derivative;
        }
    }

    /// Adds gradient · ε to `sum`.
    fn add_product(sum: &mut [f32], epsilon: &[f32], gradient: &[f32]) {
        map3(sum, epsilon, gradient, |sum, epsilon, gradient| sum + epsilon * gradient);
    }

    /// Multiplies each value by the scale's derivative with respect to its parameter.
    fn scale_backward(parameter: Parameter, spread: &[f32], values: &mut [f32]) {
        match parameter {
            Parameter::Scale => {}
            Parameter::Variance => map2(values, spread, |value, v| value * (0.5 / v.sqrt())),
            Parameter::LogVariance => map2(values, spread, |value, l| value * (0.5 * exp(0.5 * l))),
        }
    }

    /// log N(loc + scale · ε; loc, scale²), summed.
    fn log_prob_of_noise_row(epsilon: &[f32], parameter: Parameter, spread: &[f32]) -> f32 {
        let sum = match parameter {
            Parameter::Scale => sum2(epsilon, spread, |e, s| e * e + 2.0 * log(s)),
            Parameter::Variance => sum2(epsilon, spread, |e, v| e * e + log(v)),
            Parameter::LogVariance => sum2(epsilon, spread, |e, l| e * e + l),
        };
        -0.5 * (sum + epsilon.len() as f32 * TAU.ln())
    }

    /// Adds factor · the derivative of log variance with respect to its parameter.
    fn add_log_variance_derivative(
        sum: &mut [f32],
        parameter: Parameter,
        spread: &[f32],
        factor: f32,
    ) {
        match parameter {
            Parameter::Scale => map2(sum, spread, |sum, s| sum + factor * 2.0 / s),
            Parameter::Variance => map2(sum, spread, |sum, v| sum + factor / v),
            Parameter::LogVariance => map2(sum, spread, |sum, _| sum + factor),
        }
    }
}

// Gaussian densities.
vectorized! {
    /// log N(x; loc, scale²), summed.
    fn gaussian_row(x: &[f32], loc: &[f32], parameter: Parameter, spread: &[f32]) -> f32 {
        let sum = match parameter {
            Parameter::Scale => sum3(x, loc, spread, |x, loc, s| {
                let z = (x - loc) / s;
                z * z + 2.0 * log(s)
            }),
            Parameter::Variance => sum3(x, loc, spread, |x, loc, v| {
                let z = (x - loc) / v.sqrt();
                z * z + log(v)
            }),
            Parameter::LogVariance => sum3(x, loc, spread, |x, loc, l| {
                let z = (x - loc) * exp(-0.5 * l);
                z * z + l
            }),
        };
        -0.5 * (sum + x.len() as f32 * TAU.ln())
    }

    /// Adds gradient · (x − loc)/variance, which is the gradient of loc and minus that of x.
    fn gaussian_row_to_loc(
        x: &[f32],
        loc: &[f32],
        parameter: Parameter,
        spread: &[f32],
        gradient: f32,
        sum: &mut [f32],
    ) {
        match parameter {
            Parameter::Scale => map4(sum, x, loc, spread, |sum, x, loc, s| {
                sum + gradient * ((x - loc) / s / s)
            }),
            Parameter::Variance => map4(sum, x, loc, spread, |sum, x, loc, v| {
                sum + gradient * ((x - loc) / v)
            }),
            Parameter::LogVariance => map4(sum, x, loc, spread, |sum, x, loc, l| {
                let inverse = exp(-0.5 * l);
                sum + gradient * ((x - loc) * inverse * inverse)
            }),
        }
    }

    /// Adds gradient · ½ ((x − loc)²/variance − 1) times the derivative of log variance with
    /// respect to its parameter.
    fn gaussian_row_to_spread(
        x: &[f32],
        loc: &[f32],
        parameter: Parameter,
        spread: &[f32],
        gradient: f32,
        sum: &mut [f32],
    ) {
        match parameter {
            Parameter::Scale => map4(sum, x, loc, spread, |sum, x, loc, s| {
                let z = (x - loc) / s;
                sum + gradient * ((z * z - 1.0) / s)
            }),
            Parameter::Variance => map4(sum, x, loc, spread, |sum, x, loc, v| {
                let z = (x - loc) / v.sqrt();
                sum + 0.5 * gradient * ((z * z - 1.0) / v)
            }),
            Parameter::LogVariance => map4(sum, x, loc, spread, |sum, x, loc, l| {
                let z = (x - loc) * exp(-0.5 * l);
                sum + 0.5 * gradient * (z * z - 1.0)
            }),
        }
    }
}

// Log-mean-exp, column by column.
vectorized! {
    /// The larger of each pair; that of `values` if one is NaN.
    fn max_to(max: &mut [f32], values: &[f32]) {
        map2(max, values, |max, value| if value <= max { max } else { value });
    }

    /// shares = e^(values − max), or 0 where that is below e^`negligible`; adds them to `sums`.
    fn shares_to(values: &[f32], max: &[f32], negligible: f32, shares: &mut [f32], sums: &mut [f32]) {
        for (((&value, &max), share), sum) in values.iter().zip(max).zip(shares).zip(sums) {
            let relative = value - max;
            *share = if relative < negligible { 0.0 } else { exp(relative) };
            *sum += *share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ x·l − softplus(l) in f64, and what rounding may add to it: to each factor 1 + e^−|l|, each
    /// term and the sum.
    fn exact(logits: &[f32], x: &[f32]) -> (f64, f64) {
        let (mut sum, mut size) = (0.0, 0.0);
        for (&logit, &x) in logits.iter().zip(x) {
            let (logit, x) = (f64::from(logit), f64::from(x));
            sum += x * logit - logit.max(0.0) - (-logit.abs()).exp().ln_1p();
            size += 1.0 + (x * logit).abs() + logit.abs();
        }
        (sum, 1.2e-7 * size)
    }

    /// Rows of all sizes, among them more than are multiplied at once, all of whose factors are 2
    /// if logits are 0.
    #[test]
    fn bernoulli_rows_agree_with_f64() {
        for len in [1, 7, 8, 15, 16, 40, 401, 784, 1023, 1024, 1039, 1040, 5000] {
            for scale in [0.0, 1e-3, 1.0, 5.0, 100.0, 1e30] {
                let logits: Vec<f32> = (0..len).map(|i| scale * (i as f32).sin()).collect();
                let x: Vec<f32> = (0..len).map(|i| (i % 3) as f32 / 2.0).collect();
                let (exact, tolerance) = exact(&logits, &x);
                let error = (f64::from(bernoulli_row(&logits, &x)) - exact).abs();
                assert!(error <= tolerance, "{len} logits of size {scale}: {error}");
            }
        }
    }

    #[test]
    fn a_bernoulli_row_with_a_nan_is_nan() {
        for at in [0, 17, 1038] {
            let mut logits = vec![1.0; 1039];
            logits[at] = f32::NAN;
            assert!(bernoulli_row(&logits, &vec![0.0; 1039]).is_nan());
        }
        assert_eq!(bernoulli_row(&[], &[]), 0.0);
    }
}
