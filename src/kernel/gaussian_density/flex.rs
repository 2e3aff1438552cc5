//! The body on the CPU.
//!
//! A tensor with one sample is shared by all samples. Its gradient is the sum over samples.

use super::{GaussianDensityBackward, GaussianDensityOperations};
use crate::kernel::flex::{IntoTensor, TRANSCENDENTAL, contiguous, row_of};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    memory::Block,
    rows::for_each_row,
    vector::{self, Parameter},
};

impl GaussianDensityOperations for Flex {
    fn gaussian_log_prob(
        x: FlexTensor,
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
    ) -> FlexTensor {
        let tensors = [x, loc, spread].map(contiguous);
        let [_, batch, features] = tensors[0].shape().dims::<3>();
        let samples = num_samples(&tensors);
        let [x, loc, spread] = tensors.each_ref().map(|tensor| tensor.storage::<f32>());
        let mut sums = Block::zeros([samples, batch]);
        if features > 0 {
            for_each_row(&mut sums, 1, TRANSCENDENTAL * features, |row, sum| {
                let [x, loc, spread] = [x, loc, spread].map(|all| row_of(all, row, features));
                sum[0] = vector::gaussian_row(x, loc, parameter, spread);
            });
        }
        sums.into_tensor([samples, batch])
    }
}

impl GaussianDensityBackward for Flex {
    fn gaussian_log_prob_to_loc(
        x: FlexTensor,
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
        gradient: FlexTensor,
        samples: usize,
    ) -> FlexTensor {
        let add = vector::gaussian_row_to_loc;
        log_prob_backward([x, loc, spread], parameter, gradient, samples, add)
    }

    fn gaussian_log_prob_to_spread(
        x: FlexTensor,
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let [samples, ..] = spread.shape().dims::<3>();
        let add = vector::gaussian_row_to_spread;
        log_prob_backward([x, loc, spread], parameter, gradient, samples, add)
    }
}

fn num_samples(tensors: &[FlexTensor; 3]) -> usize {
    let samples = tensors
        .each_ref()
        .map(|tensor| tensor.shape().dims::<3>()[0]);
    if samples.contains(&0) {
        return 0;
    }
    samples.into_iter().max().unwrap_or(1)
}

/// Adds a row's part of a density's gradient. Arguments: x, loc, parameter, spread, the row's
/// gradient, the sum.
type RowBackward = fn(&[f32], &[f32], Parameter, &[f32], f32, &mut [f32]);

/// The gradient of a tensor with `samples` samples, 1 or all.
fn log_prob_backward(
    tensors: [FlexTensor; 3],
    parameter: Parameter,
    gradient: FlexTensor,
    samples: usize,
    add: RowBackward,
) -> FlexTensor {
    let (tensors, gradient) = (tensors.map(contiguous), contiguous(gradient));
    let [_, batch, features] = tensors[0].shape().dims::<3>();
    let samples_per_row = if samples == 1 {
        num_samples(&tensors)
    } else {
        1
    };
    let mut output = Block::zeros([samples, batch, features]);
    let [x, loc, spread] = tensors.each_ref().map(|tensor| tensor.storage::<f32>());
    let gradient = gradient.storage::<f32>();
    let cost = TRANSCENDENTAL * features * samples_per_row;
    for_each_row(&mut output, features, cost, |row, sum| {
        for i in 0..samples_per_row {
            let row = row + i * batch;
            let [x, loc, spread] = [x, loc, spread].map(|all| row_of(all, row, features));
            add(x, loc, parameter, spread, gradient[row], sum);
        }
    });
    output.into_tensor([samples, batch, features])
}
