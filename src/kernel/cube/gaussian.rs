//! Gaussian draws and densities.
//!
//! A tensor with one sample stands for all samples, so its entry is found modulo its length; its gradient
//! is the sum of theirs.

use super::{
    entries, new,
    noise::{Rows, Source, WORDS, normals, pick, source},
    rows,
    sum::sum,
};
use crate::kernel::{Parameter, random::Draw};
use burn::{backend::TensorMetadata, tensor::Shape};
use burn_cubecl::{
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

/// log 2π.
const LOG_TAU: f32 = 1.837_877_1;

#[cube]
fn scale(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => spread,
        Parameter::Variance => spread.sqrt(),
        Parameter::LogVariance => (0.5f32 * spread).exp(),
    }
}

/// d scale / d spread.
#[cube]
fn scale_derivative(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => 1.0f32.runtime(),
        Parameter::Variance => 0.5f32 / spread.sqrt(),
        Parameter::LogVariance => 0.5f32 * (0.5f32 * spread).exp(),
    }
}

#[cube]
fn log_variance(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => 2.0f32 * spread.ln(),
        Parameter::Variance => spread.ln(),
        Parameter::LogVariance => spread,
    }
}

/// d log-variance / d spread.
#[cube]
fn log_variance_derivative(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::Scale => 2.0f32 / spread,
        Parameter::Variance => 1.0f32 / spread,
        Parameter::LogVariance => 1.0f32.runtime(),
    }
}

/// 1 / scale.
#[cube]
fn inverse_scale(spread: f32, #[comptime] parameter: Parameter) -> f32 {
    match comptime!(parameter) {
        Parameter::LogVariance => (-0.5f32 * spread).exp(),
        _ => 1.0f32 / scale(spread, parameter),
    }
}

/// A unit for each four features of a row of all samples.
#[cube(launch)]
fn draw_kernel(
    loc: &[f32],
    spread: &[f32],
    output: &mut [f32],
    ids: &[u32],
    source: Source,
    features: u32,
    #[comptime] rows: Rows,
    #[comptime] parameter: Parameter,
) {
    let features = features as usize;
    let quads = features.div_ceil(WORDS);
    let row = ABSOLUTE_POS / quads;
    let quad = ABSOLUTE_POS % quads;
    if row * features >= output.len() {
        terminate!();
    }
    let epsilon = normals(&source, ids, row, quad, rows);
    #[unroll]
    for i in 0..WORDS {
        let feature = quad * WORDS + i;
        if feature < features {
            let at = row * features + feature;
            let scale = scale(spread[at % spread.len()], parameter);
            output[at] = loc[at % loc.len()] + scale * pick(&epsilon, i);
        }
    }
}

pub(super) fn draw(
    loc: CubeTensor,
    parameter: Parameter,
    spread: CubeTensor,
    num_samples: usize,
    draw: &Draw,
) -> CubeTensor {
    let [_, batch, features] = loc.shape().dims();
    let output = new(&loc, Shape::new([num_samples, batch, features]));
    let client = output.client.clone();
    let (count, dim) = entries(&client, num_samples * batch * features.div_ceil(WORDS));
    let (ids, rows, source) = source(draw, batch, &output);
    draw_kernel::launch(
        &client,
        count,
        dim,
        loc.into_buffer_arg(),
        spread.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        ids,
        source,
        features as u32,
        rows,
        parameter,
    );
    output
}

/// A unit for each four features of a row of the spread.
#[cube(launch)]
fn draw_backward_kernel(
    spread: &[f32],
    gradient: &[f32],
    output: &mut [f32],
    ids: &[u32],
    source: Source,
    features: u32,
    #[comptime] rows: Rows,
    #[comptime] parameter: Parameter,
) {
    let features = features as usize;
    let quads = features.div_ceil(WORDS);
    let row = ABSOLUTE_POS / quads;
    let quad = ABSOLUTE_POS % quads;
    if row * features >= output.len() {
        terminate!();
    }
    let mut a = 0.0f32;
    let mut b = 0.0f32;
    let mut c = 0.0f32;
    let mut d = 0.0f32;
    let first = row * features + quad * WORDS;
    // One row of all samples, or as many as the spread stands for.
    let samples = gradient.len() / output.len();
    for sample in 0..samples {
        let at = first + sample * output.len();
        let epsilon = normals(
            &source,
            ids,
            row + sample * (output.len() / features),
            quad,
            rows,
        );
        let left = features - quad * WORDS;
        a += gradient[at] * pick(&epsilon, 0usize);
        if left > 1 {
            b += gradient[at + 1] * pick(&epsilon, 1usize);
        }
        if left > 2 {
            c += gradient[at + 2] * pick(&epsilon, 2usize);
        }
        if left > 3 {
            d += gradient[at + 3] * pick(&epsilon, 3usize);
        }
    }
    let left = features - quad * WORDS;
    output[first] = a * scale_derivative(spread[first], parameter);
    if left > 1 {
        output[first + 1] = b * scale_derivative(spread[first + 1], parameter);
    }
    if left > 2 {
        output[first + 2] = c * scale_derivative(spread[first + 2], parameter);
    }
    if left > 3 {
        output[first + 3] = d * scale_derivative(spread[first + 3], parameter);
    }
}

pub(super) fn draw_backward(
    parameter: Parameter,
    spread: CubeTensor,
    draw: &Draw,
    gradient: CubeTensor,
) -> CubeTensor {
    let shape = spread.shape();
    let [spreads, batch, features] = shape.dims();
    let output = new(&spread, shape);
    let client = output.client.clone();
    let (count, dim) = entries(&client, spreads * batch * features.div_ceil(WORDS));
    let (ids, rows, source) = source(draw, batch, &output);
    draw_backward_kernel::launch(
        &client,
        count,
        dim,
        spread.into_buffer_arg(),
        gradient.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        ids,
        source,
        features as u32,
        rows,
        parameter,
    );
    output
}

/// A cube for each row of all samples.
#[cube(launch)]
fn log_prob_of_draw_kernel(
    spread: &[f32],
    output: &mut [f32],
    ids: &[u32],
    source: Source,
    features: u32,
    #[comptime] rows: Rows,
    #[comptime] parameter: Parameter,
    #[comptime] units: u32,
) {
    let features = features as usize;
    let row = CUBE_POS;
    let mut partial = 0.0f32;
    if row < output.len() {
        for quad in range_stepped(UNIT_POS as usize, features.div_ceil(WORDS), units as usize) {
            let epsilon = normals(&source, ids, row, quad, rows);
            #[unroll]
            for i in 0..WORDS {
                let feature = quad * WORDS + i;
                if feature < features {
                    let epsilon = pick(&epsilon, i);
                    let spread = spread[(row * features + feature) % spread.len()];
                    let log_variance = log_variance(spread, parameter);
                    partial -= 0.5f32 * (epsilon * epsilon + log_variance + LOG_TAU);
                }
            }
        }
    }
    let total = sum(partial, units);
    if row < output.len() && UNIT_POS == 0 {
        output[row] = total;
    }
}

pub(super) fn log_prob_of_draw(
    parameter: Parameter,
    spread: CubeTensor,
    num_samples: usize,
    draw: &Draw,
) -> CubeTensor {
    let [_, batch, features] = spread.shape().dims();
    let output = new(&spread, Shape::new([num_samples, batch]));
    let client = output.client.clone();
    let (count, dim, units) = rows(&client, num_samples * batch, features.div_ceil(WORDS));
    let (ids, rows, source) = source(draw, batch, &output);
    log_prob_of_draw_kernel::launch(
        &client,
        count,
        dim,
        spread.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        ids,
        source,
        features as u32,
        rows,
        parameter,
        units,
    );
    output
}

/// A unit for each entry of the spread.
#[cube(launch)]
fn log_prob_of_draw_backward_kernel(
    spread: &[f32],
    gradient: &[f32],
    output: &mut [f32],
    features: u32,
    #[comptime] parameter: Parameter,
) {
    let at = ABSOLUTE_POS;
    if at < output.len() {
        let rows = output.len() / features as usize;
        let mut total = 0.0f32;
        for row in range_stepped(at / features as usize, gradient.len(), rows) {
            total += gradient[row];
        }
        output[at] = -0.5f32 * total * log_variance_derivative(spread[at], parameter);
    }
}

pub(super) fn log_prob_of_draw_backward(
    parameter: Parameter,
    spread: CubeTensor,
    gradient: CubeTensor,
) -> CubeTensor {
    let shape = spread.shape();
    let output = new(&spread, shape.clone());
    let client = output.client.clone();
    let (count, dim) = entries(&client, shape.num_elements());
    log_prob_of_draw_backward_kernel::launch(
        &client,
        count,
        dim,
        spread.into_buffer_arg(),
        gradient.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        shape[2] as u32,
        parameter,
    );
    output
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

pub(super) fn log_prob(tensors: [CubeTensor; 3], parameter: Parameter) -> CubeTensor {
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

/// The shape with as many samples as any has.
fn largest(tensors: &[CubeTensor; 3]) -> [usize; 3] {
    let shapes = tensors.each_ref().map(|tensor| tensor.shape().dims::<3>());
    let [_, batch, features] = shapes[0];
    let samples = shapes
        .into_iter()
        .fold(1, |most, [samples, ..]| most.max(samples));
    [samples, batch, features]
}

/// What a density is differentiated by.
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

pub(super) fn log_prob_backward(
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
