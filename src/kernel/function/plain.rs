//! By burn's own operations.

use burn::tensor::{DType, Tensor, activation};
use burn_bayes_cpu::vector::Function;

pub(in crate::kernel) fn apply<const D: usize>(function: Function, input: Tensor<D>) -> Tensor<D> {
    match function {
        Function::Exp => input.exp(),
        Function::ExpM1 => exp_m1(input),
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

/// Near 0 the series: terms that it leaves out are below 1e-16 of the first.
fn exp_m1<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    const NEAR: f64 = 0.25;
    const TERMS: i32 = 12;
    let near = input.clone().without_autodiff().abs().lower_elem(NEAR);
    // Zeros where the series is not used: large numbers would be infinite in gradients.
    let small = input.clone().mask_fill(near.clone().bool_not(), 0.0);
    // x (1 + x/2 (1 + x/3 (1 + ..))).
    let mut series = small.full_like(1.0);
    for n in (2..=TERMS).rev() {
        series = (series * small.clone())
            .mul_scalar(1.0 / f64::from(n))
            .add_scalar(1.0);
    }
    input.exp().sub_scalar(1.0).mask_where(near, series * small)
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
