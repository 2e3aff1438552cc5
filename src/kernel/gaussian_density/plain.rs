//! By burn's own operations.

use crate::kernel::spread::{log_density, scale};
use burn::tensor::Tensor;
use burn_bayes_cpu::vector::Parameter;

pub(in crate::kernel) fn gaussian_log_prob(
    x: Tensor<3>,
    loc: Tensor<3>,
    parameter: Parameter,
    spread: Tensor<3>,
) -> Tensor<2> {
    let centred = x - loc;
    let epsilon = match parameter {
        Parameter::LogVariance => centred * spread.clone().mul_scalar(-0.5).exp(),
        _ => centred / scale(parameter, spread.clone()),
    };
    log_density(epsilon.square(), parameter, spread)
}
