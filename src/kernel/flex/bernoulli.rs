//! Bernoulli rows.

use super::{Block, contiguous, owned, rows_per_task};
use crate::kernel::vector;
use burn::backend::{TensorMetadata, flex::FlexTensor};
use rayon::prelude::*;

pub(super) fn log_prob(logits: FlexTensor, x: FlexTensor) -> FlexTensor {
    let (logits, x) = (contiguous(logits), contiguous(x));
    let [samples, batch, features] = logits.shape().dims::<3>();
    let mut sums = Block::zeros(samples * batch);
    if features > 0 {
        let (logits, x) = (logits.storage::<f32>(), x.storage::<f32>());
        sums.par_iter_mut()
            .with_min_len(rows_per_task(features))
            .zip(logits.par_chunks(features))
            .enumerate()
            .for_each(|(row, (sum, logits))| {
                let x = &x[row * features % x.len()..][..features];
                *sum = vector::bernoulli_row(logits, x);
            });
    }
    sums.into_tensor([samples, batch])
}

pub(super) fn backward(logits: FlexTensor, x: FlexTensor, gradient: FlexTensor) -> FlexTensor {
    let (mut logits, x) = (owned(logits), contiguous(x));
    let gradient = contiguous(gradient);
    let [_, _, features] = logits.shape().dims::<3>();
    if features > 0 {
        let (x, gradient) = (x.storage::<f32>(), gradient.storage::<f32>());
        let rows = logits.storage_mut::<f32>().par_chunks_mut(features);
        rows.with_min_len(rows_per_task(features))
            .enumerate()
            .for_each(|(row, logits)| {
                let x = &x[row * features % x.len()..][..features];
                vector::bernoulli_row_backward(logits, x, gradient[row]);
            });
    }
    logits
}
