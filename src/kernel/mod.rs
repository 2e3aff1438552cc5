//! The few operations that dominate time, fused, with backward passes written by hand.
//!
//! Each is a function of tensors that gives the same numbers everywhere: on Flex, in `f32`, by a
//! vectorized and threaded body; else by a composition of burn's own operations. Nothing outside this
//! module knows which one runs. Whether the fused one can run is a question of the tensors at hand,
//! not of the crate's features alone: another crate in the build may turn on backends and autodiff that
//! this one does not know of.

pub(crate) mod random;

#[cfg(all(feature = "flex", feature = "autodiff"))]
mod autodiff;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
#[cfg_attr(not(feature = "autodiff"), allow(dead_code))] // backward passes have no caller
mod operations;
#[cfg(all(test, feature = "flex", feature = "autodiff"))]
mod tests;
#[cfg(feature = "flex")]
#[cfg_attr(not(feature = "autodiff"), allow(dead_code))]
mod vector;

use burn::tensor::{Device, Tensor, TensorData, activation};
use random::Draw;

#[cfg(feature = "flex")]
use burn::backend::{Dispatch, DispatchDevice};
#[cfg(feature = "flex")]
use operations::Operations;

/// Whether tensors like this one have the fused bodies.
#[cfg(feature = "flex")]
fn is_fused<const D: usize>(tensor: &Tensor<D>) -> bool {
    let device = tensor.device();
    let differentiable = cfg!(feature = "autodiff") || !device.is_autodiff();
    differentiable
        && tensor.dtype() == burn::tensor::DType::F32
        && matches!(
            device.without_autodiff().as_dispatch(),
            DispatchDevice::Flex(_)
        )
}

/// log Bernoulli(x; logits), summed over features: `[samples, batch, features]` logits and `[1 or
/// samples, batch, features]` x give `[samples, batch]`.
pub(crate) fn bernoulli_log_prob(logits: Tensor<3>, x: Tensor<3>) -> Tensor<2> {
    #[cfg(feature = "flex")]
    {
        let [samples, batch, features] = logits.dims();
        let fits = [1, samples]
            .map(|first| [first, batch, features])
            .contains(&x.dims());
        if fits && is_fused(&logits) && is_fused(&x) {
            let output = Dispatch::bernoulli_log_prob(logits.into_dispatch(), x.into_dispatch());
            return Tensor::from_dispatch(output);
        }
    }
    let log_prob = x * logits.clone() + activation::log_sigmoid(-logits);
    log_prob.sum_dim(2).squeeze_dim(2)
}

/// tanh of each entry.
pub(crate) fn tanh<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if is_fused(&input) {
        return Tensor::from_dispatch(Dispatch::fast_tanh(input.into_dispatch()));
    }
    activation::tanh(input)
}

/// loc + √variance · ε with the standard normal ε of a draw, which is not stored but drawn again in
/// the backward pass: `[1 or samples, batch, features]` parameters give `[samples, batch, features]`.
pub(crate) fn gaussian_draw(
    loc: Tensor<3>,
    variance: Tensor<3>,
    num_samples: usize,
    draw: Draw,
) -> Tensor<3> {
    #[cfg(feature = "flex")]
    if loc.dims() == variance.dims() && is_fused(&loc) && is_fused(&variance) {
        let output = Dispatch::gaussian_draw(
            loc.into_dispatch(),
            variance.into_dispatch(),
            num_samples,
            draw,
        );
        return Tensor::from_dispatch(output);
    }
    let [_, batch, features] = loc.dims();
    let epsilon = normal(&draw, [num_samples, batch, features], &loc.device());
    loc + variance.sqrt() * epsilon
}

/// The standard normal numbers of a draw.
pub(crate) fn normal(draw: &Draw, shape: [usize; 3], device: &Device) -> Tensor<3> {
    Tensor::from_data(TensorData::new(random::normal(draw, shape), shape), device)
}

/// The uniform numbers of a draw.
pub(crate) fn uniform(draw: &Draw, shape: [usize; 3], device: &Device) -> Tensor<3> {
    Tensor::from_data(TensorData::new(random::uniform(draw, shape), shape), device)
}
