//! Functions of each entry.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "flex")]
mod flex;
pub(super) mod plain;

use super::body::has_layers;
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};
use burn_bayes_cpu::vector::Function;

#[backend_extension(Flex: cfg(feature = "flex"), Autodiff: cfg(feature = "autodiff"))]
pub trait FunctionOperations: Backend {
    /// See [`apply`](fn@apply).
    fn apply(function: Function, input: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// What the backward pass of a function needs.
pub trait FunctionBackward: Backend {
    /// gradient · f′. `known` is the function's output or input, as [`Function::keeps_output`]
    /// says.
    fn apply_backward(
        function: Function,
        known: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// A non-linearity of each entry.
pub(crate) fn apply<const D: usize>(function: Function, input: Tensor<D>) -> Tensor<D> {
    if has_layers(&input) {
        return Tensor::from_dispatch(Dispatch::apply(function, input.into_dispatch()));
    }
    plain::apply(function, input)
}
