//! By burn's own operations.

use crate::kernel::{
    noise::normal,
    random::Draw,
    spread::{log_density, scale},
};
use burn::tensor::Tensor;
use burn_bayes_cpu::vector::Parameter;

pub(in crate::kernel) fn gaussian_draw(
    loc: Tensor<3>,
    parameter: Parameter,
    spread: Tensor<3>,
    num_samples: usize,
    draw: Draw,
) -> Tensor<3> {
    let [_, batch, features] = loc.dims();
    let epsilon = normal(&draw, [num_samples, batch, features], &loc.device()).cast(loc.dtype());
    loc + scale(parameter, spread) * epsilon
}

pub(in crate::kernel) fn log_prob_of_draw(
    parameter: Parameter,
    spread: Tensor<3>,
    num_samples: usize,
    draw: Draw,
) -> Tensor<2> {
    let [_, batch, features] = spread.dims();
    let epsilon =
        normal(&draw, [num_samples, batch, features], &spread.device()).cast(spread.dtype());
    log_density(epsilon.square(), parameter, spread)
}
