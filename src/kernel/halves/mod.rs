//! The halves of a head's features.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "flex")]
mod flex;

use super::body::has_layers;
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};

#[backend_extension(Flex: cfg(feature = "flex"), Autodiff: cfg(feature = "autodiff"))]
pub trait HalfOperations: Backend {
    /// The first or the second half of the features, see [`halves`](fn@halves).
    fn half(input: FloatTensor<Self>, half: usize) -> FloatTensor<Self>;
}

/// What the backward pass of a half needs.
pub trait HalfBackward: Backend {
    /// The gradient of the whole tensor, which is 0 in the other half.
    fn half_backward(half: usize, gradient: FloatTensor<Self>) -> FloatTensor<Self>;
}

/// The two halves of a head's features: `[samples, batch, 2·d]` → two of `[samples, batch, d]`.
pub(crate) fn halves(input: Tensor<3>) -> [Tensor<3>; 2] {
    let [_, _, features] = input.dims();
    assert!(features.is_multiple_of(2), "a head of {features} features");
    [0, 1].map(|half| {
        if has_layers(&input) {
            return Tensor::from_dispatch(Dispatch::half(input.clone().into_dispatch(), half));
        }
        input.clone().narrow(2, half * features / 2, features / 2)
    })
}
