//! Means and variances of a layer's output, on the CPU.

use super::weights::Parameters;
use crate::kernel::{
    VARIANCE_GUARD,
    flex::{IntoTensor, TRANSCENDENTAL, contiguous, matrix},
};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    Precision,
    memory::Block,
    product::{Matrix, Product, multiply},
    rows::for_each2,
    vector,
};

/// The parameters that map an input to the mean and variance of the output.
pub(in crate::kernel) struct Moments {
    /// The weights' means.
    pub loc: FlexTensor,
    /// The weights' variances.
    pub variance: FlexTensor,
    pub bias_loc: FlexTensor,
    pub bias_variance: FlexTensor,
}

impl Moments {
    pub fn of(parameters: Parameters<Flex>) -> Self {
        let log_variance = contiguous(parameters.weight_log_variance);
        let shape = log_variance.shape().dims::<2>();
        let mut variance = Block::new(shape);
        for_each2(
            &mut variance,
            log_variance.storage(),
            TRANSCENDENTAL,
            |variance, log| vector::exp_to(log, variance),
        );
        Self {
            loc: contiguous(parameters.weight_loc),
            variance: variance.into_tensor(shape),
            bias_loc: contiguous(parameters.bias_loc),
            bias_variance: contiguous(parameters.bias_variance),
        }
    }

    pub fn d_output(&self) -> usize {
        self.bias_loc.shape()[0]
    }

    /// Means and variances of the output's rows, without biases.
    pub fn of_rows(
        &self,
        input: Matrix,
        loc: &mut [f32],
        variance: &mut [f32],
        precision: Precision,
    ) {
        let products = [
            Product::new(input.squared(), matrix(&self.variance), variance),
            Product::new(input, matrix(&self.loc), loc),
        ];
        multiply(products, precision);
    }

    /// The biases' variances plus the guard, which every variance needs before its square root.
    pub fn guarded_bias_variance(&self) -> Vec<f32> {
        let variances = self.bias_variance.storage::<f32>().iter();
        variances
            .map(|variance| variance + VARIANCE_GUARD as f32)
            .collect()
    }
}
