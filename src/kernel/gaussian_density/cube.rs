//! The body on a GPU. A tensor with one sample is shared by all samples.

use super::{GaussianDensityBackward, GaussianDensityOperations};
use crate::kernel::cube::{
    dense, entries, new,
    parameter::{LOG_TAU, inverse_scale, log_variance, log_variance_derivative},
    rows,
    sum::sum,
};
use burn::{backend::TensorMetadata, tensor::Shape};
use burn_bayes_cpu::vector::Parameter;
use burn_cubecl::{
    CubeBackend,
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

impl GaussianDensityOperations for CubeBackend {
    fn gaussian_log_prob(
        x: CubeTensor,
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
    ) -> CubeTensor {
        log_prob([x, loc, spread].map(dense), parameter)
    }
}

impl GaussianDensityBackward for CubeBackend {
    fn gaussian_log_prob_to_loc(
        x: CubeTensor,
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
        gradient: CubeTensor,
        samples: usize,
    ) -> CubeTensor {
        let tensors = [x, loc, spread].map(dense);
        let gradient = dense(gradient);
        log_prob_backward(tensors, parameter, gradient, samples, Target::Loc)
    }

    fn gaussian_log_prob_to_spread(
        x: CubeTensor,
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let samples = spread.shape()[0];
        let tensors = [x, loc, spread].map(dense);
        let gradient = dense(gradient);
        log_prob_backward(tensors, parameter, gradient, samples, Target::Spread)
    }
}

/// A cube for each row of all samples.
#[cube(launch)]
fn log_prob_kernel(
    x: &[f32],
    loc: &[f32],
    spread: &[f32],
    output: &mut [f32],
    features: u32,
    #[comptime] parameter: Parameter,
    #[comptime] units: u32,
) {
    let features = features as usize;
    let row = CUBE_POS;
    let mut partial = 0.0f32;
    if row < output.len() {
        for feature in range_stepped(UNIT_POS as usize, features, units as usize) {
            let at = row * features + feature;
            let spread = spread[at % spread.len()];
            let epsilon =
                (x[at % x.len()] - loc[at % loc.len()]) * inverse_scale(spread, parameter);
            partial -= 0.5f32 * (epsilon * epsilon + log_variance(spread, parameter) + LOG_TAU);
        }
    }
    let total = sum(partial, units);
    if row < output.len() && UNIT_POS == 0 {
        output[row] = total;
    }
}

fn log_prob(tensors: [CubeTensor; 3], parameter: Parameter) -> CubeTensor {
    let [samples, batch, features] = largest(&tensors);
    let [x, loc, spread] = tensors;
    let output = new(&x, Shape::new([samples, batch]));
    let client = output.client.clone();
    let (count, dim, units) = rows(&client, samples * batch, features);
    log_prob_kernel::launch(
        &client,
        count,
        dim,
        x.into_buffer_arg(),
        loc.into_buffer_arg(),
        spread.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        features as u32,
        parameter,
        units,
    );
    output
}

/// The shape with the largest number of samples.
fn largest(tensors: &[CubeTensor; 3]) -> [usize; 3] {
    let shapes = tensors.each_ref().map(|tensor| tensor.shape().dims::<3>());
    let [_, batch, features] = shapes[0];
    let samples = shapes
        .into_iter()
        .fold(1, |most, [samples, ..]| most.max(samples));
    [samples, batch, features]
}

/// The parameter that a density is differentiated with respect to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target {
    Loc,
    Spread,
}

/// A unit for each entry of the gradient.
#[cube(launch)]
fn log_prob_backward_kernel(
    x: &[f32],
    loc: &[f32],
    spread: &[f32],
    gradient: &[f32],
    output: &mut [f32],
    features: u32,
    #[comptime] parameter: Parameter,
    #[comptime] target: Target,
) {
    let entry = ABSOLUTE_POS;
    if entry < output.len() {
        let features = features as usize;
        let mut total = 0.0f32;
        for at in range_stepped(entry, gradient.len() * features, output.len()) {
            let spread = spread[at % spread.len()];
            let inverse = inverse_scale(spread, parameter);
            let epsilon = (x[at % x.len()] - loc[at % loc.len()]) * inverse;
            let gradient = gradient[at / features];
            total += match comptime!(target) {
                Target::Loc => gradient * epsilon * inverse,
                Target::Spread => {
                    let derivative = log_variance_derivative(spread, parameter);
                    0.5f32 * gradient * (epsilon * epsilon - 1.0f32) * derivative
                }
            };
        }
        output[entry] = total;
    }
}

fn log_prob_backward(
    tensors: [CubeTensor; 3],
    parameter: Parameter,
    gradient: CubeTensor,
    samples: usize,
    target: Target,
) -> CubeTensor {
    let [_, batch, features] = largest(&tensors);
    let [x, loc, spread] = tensors;
    let output = new(&x, Shape::new([samples, batch, features]));
    let client = output.client.clone();
    let (count, dim) = entries(&client, samples * batch * features);
    log_prob_backward_kernel::launch(
        &client,
        count,
        dim,
        x.into_buffer_arg(),
        loc.into_buffer_arg(),
        spread.into_buffer_arg(),
        gradient.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        features as u32,
        parameter,
        target,
    );
    output
}
