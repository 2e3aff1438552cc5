//! Noise is a constant.

use super::NoiseOperations;
use crate::kernel::random::Draw;
use burn::backend::{
    autodiff::{Autodiff, checkpoint::strategy::CheckpointStrategy},
    tensor::FloatTensor,
};

impl<B: NoiseOperations, C: CheckpointStrategy> NoiseOperations for Autodiff<B, C> {
    fn normal(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::normal(like.into_primitive(), draw, shape))
    }

    fn uniform(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::uniform(like.into_primitive(), draw, shape))
    }
}
