//! By burn's own operations.

use super::weights::RandomWeights;
use crate::kernel::{
    function::plain::after, gaussian_draw::plain::gaussian_draw, linear::plain::linear,
    random::Draw, variance_guard,
};
use burn::tensor::Tensor;
use burn_bayes_cpu::vector::{Function, Parameter};

pub(in crate::kernel) fn bayesian_linear(
    input: Tensor<3>,
    weights: RandomWeights,
    num_samples: usize,
    draw: Draw,
    function: Option<Function>,
) -> Tensor<3> {
    let product = |input, weight, bias| linear(input, weight, bias, weights.product, None);
    let weight_variance = weights.log_variance.exp();
    let variance = product(
        input.clone().square(),
        weight_variance,
        weights.bias_variance,
    );
    let loc = product(input, weights.loc, weights.bias_loc);
    let variance = variance.add_scalar(variance_guard(weights.product));
    let output = gaussian_draw(loc, Parameter::Variance, variance, num_samples, draw);
    after(function, output)
}
