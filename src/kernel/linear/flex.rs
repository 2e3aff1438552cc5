//! The body on the CPU.

use super::{LinearBackward, LinearOperations, Wanted};
use crate::kernel::flex::{IntoTensor, contiguous, if_wanted, matrix, rows};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    Precision,
    memory::Block,
    product::{Epilogue, Product, Start, multiply},
    vector::Function,
};

impl LinearOperations for Flex {
    fn affine(
        input: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        function: Option<Function>,
        precision: Precision,
    ) -> FlexTensor {
        let (input, weight, bias) = (contiguous(input), contiguous(weight), contiguous(bias));
        let [samples, batch, _] = input.shape().dims::<3>();
        let bias = bias.storage::<f32>();
        let shape = [samples, batch, bias.len()];
        let mut output = Block::new(shape);
        let product = Product {
            start: Start::Row(bias),
            epilogue: function.map_or(Epilogue::Leave, Epilogue::Apply),
            ..Product::new(rows(&input), matrix(&weight), &mut output)
        };
        multiply([product], precision);
        output.into_tensor(shape)
    }
}

impl LinearBackward for Flex {
    fn linear_backward(
        input: FlexTensor,
        weight: FlexTensor,
        gradient: FlexTensor,
        wanted: Wanted,
        precision: Precision,
    ) -> [FlexTensor; 3] {
        let [input, weight, gradient] = [input, weight, gradient].map(contiguous);
        let input_shape = if_wanted(wanted.input, input.shape().dims::<3>());
        let weight_shape = if_wanted(wanted.parameters, weight.shape().dims::<2>());
        let (mut to_input, mut to_weight) = (Block::new(input_shape), Block::new(weight_shape));
        let mut to_bias = Block::new([weight_shape[1]]);
        let products = [
            wanted.parameters.then(|| Product {
                sums: Some(&mut to_bias),
                ..Product::new(rows(&input).transposed(), rows(&gradient), &mut to_weight)
            }),
            wanted.input.then(|| {
                let weight = matrix(&weight).transposed();
                Product::new(rows(&gradient), weight, &mut to_input)
            }),
        ];
        multiply(products.into_iter().flatten(), precision);
        [
            to_input.into_tensor(input_shape),
            to_weight.into_tensor(weight_shape),
            to_bias.into_tensor([weight_shape[1]]),
        ]
    }
}
