//! The body on a GPU: a cube for each column.

use super::{LogMeanExpBackward, LogMeanExpOperations};
use crate::kernel::cube::{
    dense, new, rows,
    sum::{max, sum},
};
use burn::{backend::TensorMetadata, tensor::Shape};
use burn_cubecl::{
    CubeBackend,
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

impl LogMeanExpOperations for CubeBackend {
    fn log_mean_exp(values: CubeTensor, negligible: f32) -> CubeTensor {
        forward(dense(values), negligible)
    }
}

impl LogMeanExpBackward for CubeBackend {
    fn log_mean_exp_backward(
        values: CubeTensor,
        negligible: f32,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [values, gradient] = [values, gradient].map(dense);
        backward(values, negligible, gradient)
    }
}

/// The reference that is subtracted from all values of a column: its largest value if that is
/// finite, otherwise 0.
#[cube]
fn reference(values: &[f32], column: usize, batch: usize, #[comptime] units: u32) -> f32 {
    let k = values.len() / batch;
    let mut largest = f32::min_value();
    for sample in range_stepped(UNIT_POS as usize, k, units as usize) {
        let value = values[sample * batch + column];
        if value > largest {
            largest = value;
        }
    }
    let largest = max(largest, units);
    // The largest value is +∞, or no value is above the smallest finite number: then the reference
    // is 0.
    let zero = 0.0f32;
    select(
        largest.is_inf() || largest == f32::min_value(),
        zero,
        largest,
    )
}

/// e^(value − reference), or 0 if that is negligible. NaN stays NaN.
#[cube]
fn share(value: f32, reference: f32, negligible: f32) -> f32 {
    let relative = value - reference;
    let zero = 0.0f32;
    select(relative < negligible, zero, relative.exp())
}

#[cube]
fn shares(
    values: &[f32],
    column: usize,
    batch: usize,
    reference: f32,
    negligible: f32,
    #[comptime] units: u32,
) -> f32 {
    let k = values.len() / batch;
    let mut partial = 0.0f32;
    for sample in range_stepped(UNIT_POS as usize, k, units as usize) {
        partial += share(values[sample * batch + column], reference, negligible);
    }
    sum(partial, units)
}

#[cube(launch)]
fn forward_kernel(values: &[f32], output: &mut [f32], negligible: f32, #[comptime] units: u32) {
    let batch = output.len();
    // There may be more cubes than columns; an extra cube repeats the last column.
    let column = CUBE_POS.min(batch - 1);
    let reference = reference(values, column, batch, units);
    let total = shares(values, column, batch, reference, negligible, units);
    if UNIT_POS == 0 && CUBE_POS < batch {
        let k = values.len() / batch;
        output[column] = (total / f32::cast_from(k as u32)).ln() + reference;
    }
}

fn forward(values: CubeTensor, negligible: f32) -> CubeTensor {
    let [k, batch] = values.shape().dims();
    let output = new(&values, Shape::new([batch]));
    let client = output.client.clone();
    let (count, dim, units) = rows(&client, batch, k);
    forward_kernel::launch(
        &client,
        count,
        dim,
        values.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        negligible,
        units,
    );
    output
}

#[cube(launch)]
fn backward_kernel(
    values: &[f32],
    gradient: &[f32],
    output: &mut [f32],
    negligible: f32,
    #[comptime] units: u32,
) {
    let batch = gradient.len();
    let column = CUBE_POS.min(batch - 1);
    let reference = reference(values, column, batch, units);
    let total = shares(values, column, batch, reference, negligible, units);
    if CUBE_POS < batch {
        let k = values.len() / batch;
        // If all shares are 0, the gradient is 0.
        let zero = 0.0f32;
        let scale = select(total == 0.0f32, zero, gradient[column] / total);
        for sample in range_stepped(UNIT_POS as usize, k, units as usize) {
            let at = sample * batch + column;
            output[at] = scale * share(values[at], reference, negligible);
        }
    }
}

fn backward(values: CubeTensor, negligible: f32, gradient: CubeTensor) -> CubeTensor {
    let [k, batch] = values.shape().dims();
    let output = new(&values, values.shape());
    let client = output.client.clone();
    let (count, dim, units) = rows(&client, batch, k);
    backward_kernel::launch(
        &client,
        count,
        dim,
        values.into_buffer_arg(),
        gradient.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        negligible,
        units,
    );
    output
}
