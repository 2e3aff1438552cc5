//! The scale and log-variance of a Gaussian from its spread parameter.

use burn_bayes_cpu::vector::Parameter;
use burn_cubecl::cubecl::{self, prelude::*};

/// log 2π.
pub(in crate::kernel) const LOG_TAU: f32 = 1.837_877;

#[cube]
pub(in crate::kernel) fn scale(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => spread,
        Parameter::Variance => spread.sqrt(),
        Parameter::LogVariance => (0.5f32 * spread).exp(),
    }
}

/// d scale / d spread.
#[cube]
pub(in crate::kernel) fn scale_derivative(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => 1.0f32.runtime(),
        Parameter::Variance => 0.5f32 / spread.sqrt(),
        Parameter::LogVariance => 0.5f32 * (0.5f32 * spread).exp(),
    }
}

#[cube]
pub(in crate::kernel) fn log_variance(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => 2.0f32 * spread.ln(),
        Parameter::Variance => spread.ln(),
        Parameter::LogVariance => spread,
    }
}

/// d log-variance / d spread.
#[cube]
pub(in crate::kernel) fn log_variance_derivative(
    spread: f32,
    #[comptime] parameter: Parameter,
) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => 2.0f32 / spread,
        Parameter::Variance => 1.0f32 / spread,
        Parameter::LogVariance => 1.0f32.runtime(),
    }
}

/// 1 / scale.
#[cube]
pub(in crate::kernel) fn inverse_scale(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::LogVariance => (-0.5f32 * spread).exp(),
        _ => 1.0f32 / scale(spread, parameter),
    }
}
