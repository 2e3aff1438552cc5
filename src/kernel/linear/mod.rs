//! Linear layers with fixed weights.

#[cfg(feature = "autodiff")]
pub(super) mod autodiff;
#[cfg(feature = "flex")]
mod flex;
pub(super) mod plain;

use super::body::has_layers;
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::{DType, Tensor},
};
use burn_bayes_cpu::{Precision, vector::Function};

#[backend_extension(Flex: cfg(feature = "flex"), Autodiff: cfg(feature = "autodiff"))]
pub trait LinearOperations: Backend {
    /// See [`linear`](fn@linear).
    fn affine(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        function: Option<Function>,
        precision: Precision,
    ) -> FloatTensor<Self>;
}

/// The gradients of a layer that are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub input: bool,
    pub parameters: bool,
}

/// What the backward pass of a layer needs.
pub trait LinearBackward: Backend {
    /// The gradients of input, weight and bias. A gradient that is not wanted has no entries.
    fn linear_backward(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        wanted: Wanted,
        precision: Precision,
    ) -> [FloatTensor<Self>; 3];
}

/// function(input · weight + bias): `[samples, batch, d_input]` → `[samples, batch, d_output]`. The
/// derivative of the function, if there is one, must be computable from its output.
pub(crate) fn linear(
    input: Tensor<3>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    product: Option<DType>,
    function: Option<Function>,
) -> Tensor<3> {
    if let Some(precision) = precision_of(product)
        && has_layers(&input)
        && has_layers(&weight)
        && bias.as_ref().is_none_or(has_layers)
    {
        let bias = bias.unwrap_or_else(|| zeros_like_columns(&weight));
        check(&input, &weight, &bias);
        let output = Dispatch::affine(
            input.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            function,
            precision,
        );
        return Tensor::from_dispatch(output);
    }
    plain::linear(input, weight, bias, product, function)
}

/// The rounding of factors for products in another number type; `None` if there is no fused body
/// for that type.
pub(super) fn precision_of(product: Option<DType>) -> Option<Precision> {
    match product {
        None => Some(Precision::Full),
        Some(DType::BF16) => Some(Precision::Bf16),
        Some(_) => None,
    }
}

/// A vector of zeros, one for each column, of the same number type.
pub(super) fn zeros_like_columns(weight: &Tensor<2>) -> Tensor<1> {
    let [_, columns] = weight.dims();
    Tensor::zeros([columns], (&weight.device(), weight.dtype()))
}

/// # Panics
///
/// If the parameters of a layer do not fit its input.
pub(super) fn check(input: &Tensor<3>, weight: &Tensor<2>, bias: &Tensor<1>) {
    let ([.., features], [d_input, d_output]) = (input.dims(), weight.dims());
    assert!(
        features == d_input && bias.dims() == [d_output],
        "an input of {features} features, weights {d_input} by {d_output} and {} biases do not fit",
        bias.dims()[0]
    );
}
