//! Bernoulli rows.

use super::{TRANSCENDENTAL, contiguous, memory::IntoTensor, owned};
use burn::backend::{TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{memory::Block, rows::for_each_row, vector};

pub(super) fn log_prob(logits: FlexTensor, x: FlexTensor) -> FlexTensor {
    let (logits, x) = (contiguous(logits), contiguous(x));
    let [samples, batch, features] = logits.shape().dims::<3>();
    let mut sums = Block::zeros([samples, batch]);
    if features > 0 {
        let (logits, x) = (logits.storage::<f32>(), x.storage::<f32>());
        for_each_row(&mut sums, 1, TRANSCENDENTAL * features, |row, sum| {
            let x = &x[row * features % x.len()..][..features];
            sum[0] = vector::bernoulli_row(&logits[row * features..][..features], x);
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
        let cost = TRANSCENDENTAL * features;
        for_each_row(logits.storage_mut(), features, cost, |row, logits| {
            let x = &x[row * features % x.len()..][..features];
            vector::bernoulli_row_backward(logits, x, gradient[row]);
        });
    }
    logits
}
