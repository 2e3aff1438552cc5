//! Linear layers.

use super::{contiguous, memory::IntoTensor};
use crate::kernel::operations::Wanted;
use burn::backend::{TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    Precision,
    memory::Block,
    product::{Epilogue, Matrix, Product, Start, multiply},
    vector::Function,
};

/// The rows of a `[samples, batch, features]` tensor.
pub(super) fn rows(tensor: &FlexTensor) -> Matrix<'_> {
    let [samples, batch, features] = tensor.shape().dims::<3>();
    Matrix::new(tensor.storage(), [samples * batch, features])
}

pub(super) fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    Matrix::new(tensor.storage(), tensor.shape().dims::<2>())
}

/// function(input · weight + bias).
pub(super) fn forward(
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

/// The gradients of input, weight and bias; what is not wanted has no entries.
pub(super) fn backward(
    input: FlexTensor,
    weight: FlexTensor,
    gradient: FlexTensor,
    wanted: Wanted,
    precision: Precision,
) -> (FlexTensor, FlexTensor, FlexTensor) {
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
    (
        to_input.into_tensor(input_shape),
        to_weight.into_tensor(weight_shape),
        to_bias.into_tensor([weight_shape[1]]),
    )
}

pub(super) fn if_wanted<const D: usize>(wanted: bool, shape: [usize; D]) -> [usize; D] {
    if wanted { shape } else { [0; D] }
}
