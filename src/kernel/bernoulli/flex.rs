//! The body on the CPU.

use super::{BernoulliBackward, BernoulliOperations};
use crate::kernel::flex::{IntoTensor, TRANSCENDENTAL, contiguous, owned, row_of};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{memory::Block, rows::for_each_row, vector};

impl BernoulliOperations for Flex {
    fn bernoulli_log_prob(logits: FlexTensor, x: FlexTensor) -> FlexTensor {
        let (logits, x) = (contiguous(logits), contiguous(x));
        let [samples, batch, features] = logits.shape().dims::<3>();
        let mut sums = Block::zeros([samples, batch]);
        if features > 0 {
            let (logits, x) = (logits.storage::<f32>(), x.storage::<f32>());
            for_each_row(&mut sums, 1, TRANSCENDENTAL * features, |row, sum| {
                let logits = &logits[row * features..][..features];
                sum[0] = vector::bernoulli_row(logits, row_of(x, row, features));
            });
        }
        sums.into_tensor([samples, batch])
    }
}

impl BernoulliBackward for Flex {
    fn bernoulli_log_prob_backward(
        logits: FlexTensor,
        x: FlexTensor,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let (mut logits, x) = (owned(logits), contiguous(x));
        let gradient = contiguous(gradient);
        let [_, _, features] = logits.shape().dims::<3>();
        if features > 0 {
            let (x, gradient) = (x.storage::<f32>(), gradient.storage::<f32>());
            let cost = TRANSCENDENTAL * features;
            for_each_row(logits.storage_mut(), features, cost, |row, logits| {
                vector::bernoulli_row_backward(logits, row_of(x, row, features), gradient[row]);
            });
        }
        logits
    }
}
