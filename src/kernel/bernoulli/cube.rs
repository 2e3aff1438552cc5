//! The body on a GPU.

use super::{BernoulliBackward, BernoulliOperations};
use crate::kernel::cube::{dense, entries, new, rows, sum::sum};
use burn::{backend::TensorMetadata, tensor::Shape};
use burn_cubecl::{
    CubeBackend,
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

impl BernoulliOperations for CubeBackend {
    fn bernoulli_log_prob(logits: CubeTensor, x: CubeTensor) -> CubeTensor {
        log_prob(dense(logits), dense(x))
    }
}

impl BernoulliBackward for CubeBackend {
    fn bernoulli_log_prob_backward(
        logits: CubeTensor,
        x: CubeTensor,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [logits, x, gradient] = [logits, x, gradient].map(dense);
        backward(logits, x, gradient)
    }
}

/// A cube for each row.
#[cube(launch)]
fn log_prob_kernel(
    logits: &[f32],
    x: &[f32],
    output: &mut [f32],
    features: u32,
    #[comptime] units: u32,
) {
    let features = features as usize;
    let row = CUBE_POS;
    let mut partial = 0.0f32;
    if row < output.len() {
        for feature in range_stepped(UNIT_POS as usize, features, units as usize) {
            let at = row * features + feature;
            let logit = logits[at];
            let zero = 0.0f32;
            let softplus = logit.max(zero) + (-logit.abs()).exp().log1p();
            partial += x[at % x.len()] * logit - softplus;
        }
    }
    let total = sum(partial, units);
    if row < output.len() && UNIT_POS == 0 {
        output[row] = total;
    }
}

fn log_prob(logits: CubeTensor, x: CubeTensor) -> CubeTensor {
    let [samples, batch, features] = logits.shape().dims();
    let output = new(&logits, Shape::new([samples, batch]));
    let client = output.client.clone();
    let (count, dim, units) = rows(&client, samples * batch, features);
    log_prob_kernel::launch(
        &client,
        count,
        dim,
        logits.into_buffer_arg(),
        x.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        features as u32,
        units,
    );
    output
}

/// A unit for each entry.
#[cube(launch)]
fn backward_kernel(logits: &[f32], x: &[f32], gradient: &[f32], output: &mut [f32], features: u32) {
    let at = ABSOLUTE_POS;
    if at < output.len() {
        let logit = logits[at];
        // The exponent is never positive, so nothing overflows.
        let small = (-logit.abs()).exp();
        let one = 1.0f32;
        let sigmoid = select(logit >= 0.0f32, one, small) / (one + small);
        output[at] = gradient[at / features as usize] * (x[at % x.len()] - sigmoid);
    }
}

fn backward(logits: CubeTensor, x: CubeTensor, gradient: CubeTensor) -> CubeTensor {
    let shape = logits.shape();
    let output = new(&logits, shape.clone());
    let client = output.client.clone();
    let (count, dim) = entries(&client, shape.num_elements());
    backward_kernel::launch(
        &client,
        count,
        dim,
        logits.into_buffer_arg(),
        x.into_buffer_arg(),
        gradient.into_buffer_arg(),
        output.clone().into_buffer_arg(),
        shape[2] as u32,
    );
    output
}
