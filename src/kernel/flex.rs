//! The operations on Flex: rows shared out over threads, each row by vector instructions.
//!
//! Tasks are whole rows, so a result does not depend on how many threads there are.

use super::{
    operations::Operations,
    random::{Draw, normal_row},
    vector,
};
use burn::{
    backend::{Flex, TensorMetadata, flex::FlexTensor},
    tensor::{DType, Shape},
};
use rayon::prelude::*;

/// A task smaller than this is not worth a thread.
const MIN_NUMBERS_PER_TASK: usize = 1 << 14;

fn rows_per_task(features: usize) -> usize {
    MIN_NUMBERS_PER_TASK.div_ceil(features.max(1))
}

fn zeros<const D: usize>(shape: [usize; D]) -> FlexTensor {
    FlexTensor::zeros(Shape::new(shape), DType::F32)
}

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

impl Operations for Flex {
    fn bernoulli_log_prob(logits: FlexTensor, x: FlexTensor) -> FlexTensor {
        let (logits, x) = (contiguous(logits), contiguous(x));
        let [samples, batch, features] = logits.shape().dims::<3>();
        let mut output = zeros([samples, batch]);
        let (logits, x) = (logits.storage::<f32>(), x.storage::<f32>());
        let sums = output.storage_mut::<f32>();
        sums.par_iter_mut()
            .with_min_len(rows_per_task(features))
            .enumerate()
            .for_each(|(row, sum)| {
                let start = row * features;
                let x_start = start % x.len();
                *sum =
                    vector::bernoulli_row(&logits[start..][..features], &x[x_start..][..features]);
            });
        output
    }

    fn bernoulli_log_prob_backward(
        logits: FlexTensor,
        x: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let (logits, x) = (contiguous(logits), contiguous(x));
        let gradient = contiguous(gradient);
        let [samples, batch, features] = logits.shape().dims::<3>();
        let mut output = zeros([samples, batch, features]);
        let (logits, x) = (logits.storage::<f32>(), x.storage::<f32>());
        let gradient = gradient.storage::<f32>();
        let rows = output.storage_mut::<f32>().par_chunks_mut(features.max(1));
        rows.with_min_len(rows_per_task(features))
            .enumerate()
            .for_each(|(row, out)| {
                let start = row * features;
                let x = &x[start % x.len()..][..features];
                vector::bernoulli_row_backward(&logits[start..][..features], x, gradient[row], out);
            });
        output
    }

    fn fast_tanh(input: FlexTensor) -> FlexTensor {
        let mut output = contiguous(input);
        let chunks = output
            .storage_mut::<f32>()
            .par_chunks_mut(MIN_NUMBERS_PER_TASK);
        chunks.for_each(vector::tanh_slice);
        output
    }

    fn fast_tanh_backward(output: FlexTensor, gradient: FlexTensor) -> FlexTensor {
        let (output, mut gradient) = (contiguous(output), contiguous(gradient));
        let chunks = gradient
            .storage_mut::<f32>()
            .par_chunks_mut(MIN_NUMBERS_PER_TASK);
        let outputs = output.storage::<f32>().par_chunks(MIN_NUMBERS_PER_TASK);
        chunks
            .zip(outputs)
            .for_each(|(gradient, output)| vector::tanh_slice_backward(output, gradient));
        gradient
    }

    fn gaussian_draw(
        loc: FlexTensor,
        variance: FlexTensor,
        num_samples: usize,
        draw: Draw,
    ) -> FlexTensor {
        let (loc, variance) = (contiguous(loc), contiguous(variance));
        let [_, batch, features] = loc.shape().dims::<3>();
        draw.address.check(num_samples, batch);
        let mut output = zeros([num_samples, batch, features]);
        let (loc, variance) = (loc.storage::<f32>(), variance.storage::<f32>());
        let rows = output.storage_mut::<f32>().par_chunks_mut(features.max(1));
        rows.with_min_len(rows_per_task(features))
            .enumerate()
            .for_each(|(row, values)| {
                normal_row(&draw, row / batch, row % batch, values);
                let start = row * features % loc.len();
                vector::draw_row(
                    &loc[start..][..features],
                    &variance[start..][..features],
                    values,
                );
            });
        output
    }

    fn gaussian_draw_backward(
        variance: FlexTensor,
        draw: Draw,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let (variance, gradient) = (contiguous(variance), contiguous(gradient));
        let [samples, batch, features] = gradient.shape().dims::<3>();
        let [variances, ..] = variance.shape().dims::<3>();
        // One variance for all samples: its gradient is the sum of theirs.
        let samples_per_row = if variances == 1 { samples } else { 1 };
        let mut output = zeros([variances, batch, features]);
        let (variance, gradient) = (variance.storage::<f32>(), gradient.storage::<f32>());
        let rows = output.storage_mut::<f32>().par_chunks_mut(features.max(1));
        rows.with_min_len(rows_per_task(features * samples_per_row))
            .enumerate()
            .for_each_init(
                || vec![0.0; features],
                |epsilon, (row, sum)| {
                    for i in 0..samples_per_row {
                        let (sample, datapoint) = (row / batch + i, row % batch);
                        normal_row(&draw, sample, datapoint, epsilon);
                        let gradient =
                            &gradient[(sample * batch + datapoint) * features..][..features];
                        vector::draw_row_backward(epsilon, gradient, sum);
                    }
                    vector::divide_by_twice_root(&variance[row * features..][..features], sum);
                },
            );
        output
    }
}
