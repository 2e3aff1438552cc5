//! The operations on Flex: rows shared out over threads, each row by vector instructions.
//!
//! Tasks are whole rows, so a result does not depend on how many threads there are.

mod adam;
mod bernoulli;
mod elementwise;
mod gaussian;
mod halves;
mod linear;
mod log_mean_exp;
mod memory;
mod random_linear;

use super::{
    AdamStep, Function, Parameter, Precision,
    operations::{LayerOperations, RowOperations, Wanted},
    random::{self, Draw},
};
use burn::{
    backend::{Flex, TensorMetadata, flex::FlexTensor},
    tensor::TensorData,
};
use burn_bayes_cpu::memory::Block;
use memory::IntoTensor;

/// What an exponential or a logarithm costs, in numbers that are merely read and written.
const TRANSCENDENTAL: usize = 4;

/// The tensor with its numbers in order and nothing else in its buffer; not copied if it is so.
fn contiguous(tensor: FlexTensor) -> FlexTensor {
    let bytes = tensor.shape().num_elements() * size_of::<f32>();
    let whole = tensor.layout().start_offset() == 0 && tensor.bytes().len() == bytes;
    if whole && tensor.is_contiguous() {
        tensor
    } else {
        tensor.to_contiguous()
    }
}

/// The same, and nobody else's: its memory may become that of a result.
fn owned(tensor: FlexTensor) -> FlexTensor {
    let tensor = contiguous(tensor);
    if tensor.is_unique() {
        return tensor;
    }
    let values = tensor.storage::<f32>();
    let mut copy = Block::new([values.len()]);
    copy.copy_from_slice(values);
    copy.into_tensor([values.len()])
        .with_layout(tensor.layout().clone())
}

impl RowOperations for Flex {
    fn normal(_: FlexTensor, draw: Draw, shape: [usize; 3]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(random::normal(&draw, shape), shape))
    }

    fn uniform(_: FlexTensor, draw: Draw, shape: [usize; 3]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(random::uniform(&draw, shape), shape))
    }

    fn bernoulli_log_prob(logits: FlexTensor, x: FlexTensor) -> FlexTensor {
        bernoulli::log_prob(logits, x)
    }

    fn bernoulli_log_prob_backward(
        logits: FlexTensor,
        x: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        bernoulli::backward(logits, x, gradient)
    }

    fn gaussian_draw(
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
        num_samples: usize,
        draw: Draw,
    ) -> FlexTensor {
        gaussian::draw(loc, parameter, spread, num_samples, &draw, None)
    }

    fn gaussian_draw_backward(
        parameter: Parameter,
        spread: FlexTensor,
        draw: Draw,
        gradient: FlexTensor,
    ) -> FlexTensor {
        gaussian::draw_backward(parameter, spread, &draw, gradient)
    }

    fn log_prob_of_draw(
        parameter: Parameter,
        spread: FlexTensor,
        num_samples: usize,
        draw: Draw,
    ) -> FlexTensor {
        gaussian::log_prob_of_draw(parameter, spread, num_samples, &draw)
    }

    fn log_prob_of_draw_backward(
        parameter: Parameter,
        spread: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        gaussian::log_prob_of_draw_backward(parameter, spread, gradient)
    }

    fn gaussian_log_prob(
        x: FlexTensor,
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
    ) -> FlexTensor {
        gaussian::log_prob(x, loc, parameter, spread)
    }

    fn gaussian_log_prob_to_loc(
        x: FlexTensor,
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
        gradient: FlexTensor,
        samples: usize,
    ) -> FlexTensor {
        gaussian::log_prob_to_loc(x, loc, parameter, spread, gradient, samples)
    }

    fn gaussian_log_prob_to_spread(
        x: FlexTensor,
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        gaussian::log_prob_to_spread(x, loc, parameter, spread, gradient)
    }

    fn log_mean_exp(values: FlexTensor, negligible: f32) -> FlexTensor {
        log_mean_exp::forward(values, negligible)
    }

    fn log_mean_exp_backward(
        values: FlexTensor,
        negligible: f32,
        gradient: FlexTensor,
    ) -> FlexTensor {
        log_mean_exp::backward(values, negligible, gradient)
    }
}

impl LayerOperations for Flex {
    fn apply(function: Function, input: FlexTensor) -> FlexTensor {
        elementwise::apply(function, input)
    }

    fn apply_backward(function: Function, known: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        elementwise::apply_backward(function, known, gradient)
    }

    fn half(input: FlexTensor, half: usize) -> FlexTensor {
        halves::forward(input, half)
    }

    fn half_backward(half: usize, gradient: FlexTensor) -> FlexTensor {
        halves::backward(half, gradient)
    }

    fn affine(
        input: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        function: Option<Function>,
        precision: Precision,
    ) -> FlexTensor {
        linear::forward(input, weight, bias, function, precision)
    }

    fn affine_backward(
        input: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        wanted: Wanted,
        precision: Precision,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        linear::backward(input, weight, gradient, wanted, precision)
    }

    fn bayesian_linear(
        input: FlexTensor,
        weight_loc: FlexTensor,
        weight_log_variance: FlexTensor,
        bias_loc: FlexTensor,
        bias_variance: FlexTensor,
        num_samples: usize,
        draw: Draw,
        function: Option<Function>,
        precision: Precision,
        differentiable: bool,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let weights = random_linear::Weights {
            loc: weight_loc,
            log_variance: weight_log_variance,
            bias_loc,
            bias_variance,
        };
        let kind = random_linear::Kind {
            function,
            precision,
            differentiable,
        };
        random_linear::forward(input, weights, num_samples, &draw, kind)
    }

    fn bayesian_bernoulli_log_prob(
        input: FlexTensor,
        weight_loc: FlexTensor,
        weight_log_variance: FlexTensor,
        bias_loc: FlexTensor,
        bias_variance: FlexTensor,
        draw: Draw,
        precision: Precision,
        x: FlexTensor,
    ) -> FlexTensor {
        let weights = random_linear::Weights {
            loc: weight_loc,
            log_variance: weight_log_variance,
            bias_loc,
            bias_variance,
        };
        random_linear::bernoulli_log_prob(input, weights, &draw, precision, x)
    }

    fn bayesian_linear_backward(
        input: FlexTensor,
        weight_loc: FlexTensor,
        weight_variance: FlexTensor,
        known: FlexTensor,
        draw: Draw,
        function: Option<Function>,
        after: FlexTensor,
        gradient: FlexTensor,
        wanted: Wanted,
        precision: Precision,
    ) -> (FlexTensor, FlexTensor, FlexTensor, FlexTensor, FlexTensor) {
        let weights = [weight_loc, weight_variance];
        let gradient = random_linear::OutputGradient {
            known,
            draw: &draw,
            after: function.map(|function| (function, after)),
            gradient,
        };
        random_linear::backward(input, weights, gradient, wanted, precision).into()
    }

    fn adam(
        parameter: FlexTensor,
        gradient: FlexTensor,
        moment_1: FlexTensor,
        moment_2: FlexTensor,
        step: AdamStep,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        adam::step(parameter, gradient, moment_1, moment_2, step)
    }
}
