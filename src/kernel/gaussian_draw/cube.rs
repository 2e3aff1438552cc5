//! The body on a GPU.
//!
//! A tensor with one sample is shared by all samples, so its entries are indexed modulo its length.
//! Its gradient is the sum over samples.

use super::{GaussianDrawBackward, GaussianDrawOperations};
use crate::kernel::{
    cube::{
        dense, entries,
        generator::{Rows, Source, WORDS, normals, quad, source},
        new,
        parameter::{LOG_TAU, log_variance, log_variance_derivative, scale, scale_derivative},
        rows,
        sum::sum,
    },
    random::Draw,
};
use burn::{backend::TensorMetadata, tensor::Shape};
use burn_bayes_cpu::vector::Parameter;
use burn_cubecl::{
    CubeBackend,
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

impl GaussianDrawOperations for CubeBackend {
    fn gaussian_draw(
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
        num_samples: usize,
        noise: Draw,
    ) -> CubeTensor {
        let [loc, spread] = [loc, spread].map(dense);
        draw(loc, parameter, spread, num_samples, &noise)
    }

    fn log_prob_of_draw(
        parameter: Parameter,
        spread: CubeTensor,
        num_samples: usize,
        draw: Draw,
    ) -> CubeTensor {
        log_prob_of_draw(parameter, dense(spread), num_samples, &draw)
    }
}

impl GaussianDrawBackward for CubeBackend {
    fn gaussian_draw_backward(
        parameter: Parameter,
        spread: CubeTensor,
        draw: Draw,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [spread, gradient] = [spread, gradient].map(dense);
        draw_backward(parameter, spread, &draw, gradient)
    }

    fn log_prob_of_draw_backward(
        parameter: Parameter,
        spread: CubeTensor,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [spread, gradient] = [spread, gradient].map(dense);
        log_prob_of_draw_backward(parameter, spread, gradient)
    }
}

/// A unit for each quad of all samples.
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
    let quad = quad(ABSOLUTE_POS, features);
    if quad.first >= output.len() {
        terminate!();
    }
    let epsilon = normals(&source, ids, &quad, rows);
    #[unroll]
    for i in 0..WORDS {
        if i < quad.len {
            let at = quad.first + i;
            let scale = scale(spread[at % spread.len()], parameter);
            output[at] = loc[at % loc.len()] + scale * epsilon[i];
        }
    }
}

fn draw(
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

/// A unit for each quad of the spread.
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
    let mut quad = quad(ABSOLUTE_POS, features);
    let first = quad.first;
    if first >= output.len() {
        terminate!();
    }
    let mut totals = Array::<f32>::new(WORDS);
    #[unroll]
    for i in 0..WORDS {
        totals[i] = 0.0f32;
    }
    // Loops over all samples that share this entry of the spread.
    let rows_of_spread = output.len() / features as usize;
    for at in range_stepped(first, gradient.len(), output.len()) {
        let epsilon = normals(&source, ids, &quad, rows);
        #[unroll]
        for i in 0..WORDS {
            if i < quad.len {
                totals[i] += gradient[at + i] * epsilon[i];
            }
        }
        quad.row += rows_of_spread;
    }
    #[unroll]
    for i in 0..WORDS {
        if i < quad.len {
            output[first + i] = totals[i] * scale_derivative(spread[first + i], parameter);
        }
    }
}

fn draw_backward(
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
    let row = CUBE_POS;
    let quads = (features as usize).div_ceil(WORDS);
    let mut partial = 0.0f32;
    if row < output.len() {
        for index in range_stepped(UNIT_POS as usize, quads, units as usize) {
            let quad = quad(row * quads + index, features);
            let epsilon = normals(&source, ids, &quad, rows);
            #[unroll]
            for i in 0..WORDS {
                if i < quad.len {
                    let spread = spread[(quad.first + i) % spread.len()];
                    let square = epsilon[i] * epsilon[i];
                    partial -= 0.5f32 * (square + log_variance(spread, parameter) + LOG_TAU);
                }
            }
        }
    }
    let total = sum(partial, units);
    if row < output.len() && UNIT_POS == 0 {
        output[row] = total;
    }
}

fn log_prob_of_draw(
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

fn log_prob_of_draw_backward(
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
