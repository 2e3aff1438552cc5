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

/// burn's is x above a threshold: of 20, which is right to the last digit of `f32` only. log(1 +
/// e⁻⁴⁰) is below that of `f64`.
fn softplus<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    match input.dtype() {
        DType::F64 => activation::softplus_with_threshold(input, 1.0, 40.0),
        _ => activation::softplus(input, 1.0),
    }
}

/// The function, if there is one.
pub(in crate::kernel) fn after<const D: usize>(
    function: Option<Function>,
    output: Tensor<D>,
) -> Tensor<D> {
    match function {
        Some(function) => apply(function, output),
        None => output,
    }
}
