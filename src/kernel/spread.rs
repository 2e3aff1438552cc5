//! The scale and log-variance of a Gaussian from its spread parameter, by burn's own operations.

use burn::tensor::Tensor;
use burn_bayes_cpu::vector::Parameter;
use std::f64::consts::TAU;

pub(super) fn scale(parameter: Parameter, spread: Tensor<3>) -> Tensor<3> {
    match parameter {
        Parameter::Scale => spread,
        Parameter::Variance => spread.sqrt(),
        Parameter::LogVariance => spread.mul_scalar(0.5).exp(),
    }
}

/// log N(x; loc, scale²) summed over features, from the squares of (x − loc)/scale.
pub(super) fn log_density(
    squares: Tensor<3>,
    parameter: Parameter,
    spread: Tensor<3>,
) -> Tensor<2> {
    let values = squares + log_variance(parameter, spread);
    let values = values.add_scalar(TAU.ln()).mul_scalar(-0.5);
    values.sum_dim(2).squeeze_dim(2)
}

fn log_variance(parameter: Parameter, spread: Tensor<3>) -> Tensor<3> {
    match parameter {
        Parameter::Scale => spread.log().mul_scalar(2.0),
        Parameter::Variance => spread.log(),
        Parameter::LogVariance => spread,
    }
}
