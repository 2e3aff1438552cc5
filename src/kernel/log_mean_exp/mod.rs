//! log-mean-exp over samples.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
mod flex;
pub(super) mod plain;

use super::body::{body, can_count};
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
pub trait LogMeanExpOperations: Backend {
    /// See [`log_mean_exp`](fn@log_mean_exp).
    #[fusion(dtype = values, shape = burn::tensor::Shape::new([values[1]]))]
    fn log_mean_exp(values: FloatTensor<Self>, negligible: f32) -> FloatTensor<Self>;
}

#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube")
)]
pub trait LogMeanExpBackward: Backend {
    /// gradient · shares.
    #[fusion(dtype = values, shape = values)]
    fn log_mean_exp_backward(
        values: FloatTensor<Self>,
        negligible: f32,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// log-mean-exp over samples, `[samples, batch]` → `[batch]`. Terms below e^`negligible` of the
/// largest are taken as 0.
pub(crate) fn log_mean_exp(values: Tensor<2>, negligible: f64) -> Tensor<1> {
    if can_count(body(&values), values.dims().iter().product()) {
        let output = Dispatch::log_mean_exp(values.into_dispatch(), negligible as f32);
        return Tensor::from_dispatch(output);
    }
    plain::log_mean_exp(values, negligible)
}
