//! Noise from host memory.

use super::NoiseOperations;
use crate::kernel::random::{self, Draw};
use burn::{
    backend::{Flex, flex::FlexTensor},
    tensor::TensorData,
};

impl NoiseOperations for Flex {
    fn normal(_: FlexTensor, draw: Draw, shape: [usize; 3]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(random::normal(&draw, shape), shape))
    }

    fn uniform(_: FlexTensor, draw: Draw, shape: [usize; 3]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(random::uniform(&draw, shape), shape))
    }
}
