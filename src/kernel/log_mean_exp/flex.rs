//! The body on the CPU.

use super::{LogMeanExpBackward, LogMeanExpOperations};
use crate::kernel::flex::{IntoTensor, contiguous};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{memory::Block, vector};

/// The largest value of each column, its shares e^(value − max) and their sum.
struct Columns {
    max: Vec<f32>,
    shares: Block,
    sums: Vec<f32>,
}

fn columns(values: &[f32], [samples, batch]: [usize; 2], negligible: f32) -> Columns {
    let mut max = vec![f32::NEG_INFINITY; batch];
    for row in values.chunks(batch) {
        vector::max_to(&mut max, row);
    }
    for max in &mut max {
        // An infinite maximum would give ∞ − ∞ = NaN.
        *max = if max.is_finite() { *max } else { 0.0 };
    }
    let mut shares = Block::new([samples, batch]);
    let mut sums = vec![0.0; batch];
    for (values, shares) in values.chunks(batch).zip(shares.chunks_mut(batch)) {
        vector::shares_to(values, &max, negligible, shares, &mut sums);
    }
    Columns { max, shares, sums }
}

impl LogMeanExpOperations for Flex {
    fn log_mean_exp(values: FlexTensor, negligible: f32) -> FlexTensor {
        let values = contiguous(values);
        let [samples, batch] = values.shape().dims::<2>();
        let mut output = Block::new([batch]);
        if batch > 0 {
            let Columns { max, sums, .. } = columns(values.storage(), [samples, batch], negligible);
            for ((output, max), sum) in output.iter_mut().zip(max).zip(sums) {
                *output = (sum / samples as f32).ln() + max;
            }
        }
        output.into_tensor([batch])
    }
}

impl LogMeanExpBackward for Flex {
    fn log_mean_exp_backward(
        values: FlexTensor,
        negligible: f32,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let (values, gradient) = (contiguous(values), contiguous(gradient));
        let shape @ [samples, batch] = values.shape().dims::<2>();
        if samples * batch == 0 {
            return values;
        }
        let Columns {
            mut shares, sums, ..
        } = columns(values.storage(), shape, negligible);
        let gradient = gradient.storage::<f32>();
        let per_share: Vec<f32> = gradient
            .iter()
            .zip(sums)
            // If all shares are 0, the gradient is 0 instead of NaN.
            .map(|(gradient, sum)| if sum == 0.0 { 0.0 } else { gradient / sum })
            .collect();
        for shares in shares.chunks_mut(batch) {
            vector::multiply_by(shares, 1.0, &per_share);
        }
        shares.into_tensor(shape)
    }
}
