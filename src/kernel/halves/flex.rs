//! The body on the CPU.

use super::{HalfBackward, HalfOperations};
use crate::kernel::flex::{IntoTensor, contiguous};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{memory::Block, rows::for_each_row};

impl HalfOperations for Flex {
    fn half(input: FlexTensor, half: usize) -> FlexTensor {
        let input = contiguous(input);
        let [samples, batch, features] = input.shape().dims::<3>();
        let width = features / 2;
        let input = input.storage::<f32>();
        let mut output = Block::new([samples, batch, width]);
        for_each_row(&mut output, width, width, |i, row| {
            row.copy_from_slice(&input[i * features + half * width..][..width]);
        });
        output.into_tensor([samples, batch, width])
    }
}

impl HalfBackward for Flex {
    fn half_backward(half: usize, gradient: FlexTensor) -> FlexTensor {
        let gradient = contiguous(gradient);
        let [samples, batch, width] = gradient.shape().dims::<3>();
        let gradient = gradient.storage::<f32>();
        let mut output = Block::new([samples, batch, 2 * width]);
        for_each_row(&mut output, 2 * width, 2 * width, |i, row| {
            let (first, second) = row.split_at_mut(width);
            let [own, other] = match half {
                0 => [first, second],
                _ => [second, first],
            };
            own.copy_from_slice(&gradient[i * width..][..width]);
            other.fill(0.0);
        });
        output.into_tensor([samples, batch, 2 * width])
    }
}
