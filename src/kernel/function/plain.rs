//! By burn's own operations.

use burn::tensor::{DType, Tensor, activation};
use burn_bayes_cpu::vector::Function;

pub(in crate::kernel) fn apply<const D: usize>(function: Function, input: Tensor<D>) -> Tensor<D> {
    match function {
        Function::Exp => input.exp(),
        Function::Tanh => activation::tanh(input),
        Function::Sigmoid => activation::sigmoid(input),
        Function::Softplus => softplus(input),
        Function::Silu => activation::silu(input),
        Function::Relu => activation::relu(input),
        Function::LeakyRelu => activation::leaky_relu(input, 0.01),
    }
}

/// burn's softplus is x above a threshold. Its default of 20 is exact up to rounding in `f32` only.
/// For `f64` the threshold is 40, since log(1 + e⁻⁴⁰) is below its rounding.
fn softplus<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    match input.dtype() {
        DType::F64 => activation::softplus_with_threshold(input, 1.0, 40.0),
        _ => activation::softplus(input, 1.0),
    }
}

/// Applies the function, if there is one.
pub(in crate::kernel) fn after<const D: usize>(
    function: Option<Function>,
    output: Tensor<D>,
) -> Tensor<D> {
    match function {
        Some(function) => apply(function, output),
        None => output,
    }
}
