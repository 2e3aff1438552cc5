//! Draws of Gaussians, given standard normal noise ε.

use super::{
    loops::{map2, map3, map4, sum2},
    parameter::Parameter,
    scalar::{exp, log},
    vectorized::vectorized,
};
use std::f32::consts::TAU;

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

    /// The same numbers, written over the noise.
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

    /// The same as [`draw_only`]; it also replaces the variance by the draw's derivative with
    /// respect to it, ε / (2√(variance + more)).
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
        -0.5 * (sum + epsilon.len().min(spread.len()) as f32 * TAU.ln())
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
