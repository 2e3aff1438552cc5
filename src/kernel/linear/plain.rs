//! By burn's own operations.

use crate::kernel::function::plain::after;
use burn::tensor::{DType, Tensor, module};
use burn_bayes_cpu::vector::Function;

pub(in crate::kernel) fn linear(
    input: Tensor<3>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    product: Option<DType>,
    function: Option<Function>,
) -> Tensor<3> {
    let output = match product {
        Some(narrow) => narrow_linear(input, weight, bias, narrow),
        None => module::linear(input, weight, bias),
    };
    after(function, output)
}

/// A linear layer with the product in a narrower number type, and everything else in that of the
/// input.
fn narrow_linear(
    input: Tensor<3>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    narrow: DType,
) -> Tensor<3> {
    let wide = input.dtype();
    let product = module::linear(input.cast(narrow), weight.cast(narrow), None).cast(wide);
    match bias {
        Some(bias) => product + bias.unsqueeze(),
        None => product,
    }
}
