//! Rows of Bernoulli distributions.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
mod flex;
pub(super) mod plain;

use super::body::{have_rows, samples_fit};
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};

#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube"),
    Autodiff: cfg(feature = "autodiff")
)]
pub trait BernoulliOperations: Backend {
    /// See [`bernoulli_log_prob`](fn@bernoulli_log_prob).
    #[fusion(dtype = logits, shape = super::shapes::rows(logits))]
    fn bernoulli_log_prob(logits: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube")
)]
pub trait BernoulliBackward: Backend {
    /// gradient · (x − sigmoid(logits)), with a gradient `[samples, batch]`.
    #[fusion(dtype = logits, shape = logits)]
    fn bernoulli_log_prob_backward(
        logits: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// log Bernoulli(x; logits), summed over features: `[samples, batch, features]` logits and `[1 or
/// samples, batch, features]` x give `[samples, batch]`.
pub(crate) fn bernoulli_log_prob(logits: Tensor<3>, x: Tensor<3>) -> Tensor<2> {
    let fits = samples_fit([logits.dims(), x.dims()]) && logits.dims()[0] >= x.dims()[0];
    let entries = logits.dims().iter().product();
    if fits && have_rows([&logits, &x], entries) {
        let output = Dispatch::bernoulli_log_prob(logits.into_dispatch(), x.into_dispatch());
        return Tensor::from_dispatch(output);
    }
    plain::bernoulli_log_prob(logits, x)
}
