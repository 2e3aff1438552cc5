//! Densities of Gaussians.

use super::{
    loops::{map4, sum3},
    parameter::Parameter,
    scalar::{exp, log},
    vectorized::vectorized,
};
use std::f32::consts::TAU;

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
        -0.5 * (sum + x.len().min(loc.len()).min(spread.len()) as f32 * TAU.ln())
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
