//! The choice of an operation's body for a tensor.
//!
//! The choice depends on the tensors, not only on the crate's features: another crate in the build
//! may enable backends and autodiff that this crate was compiled without.

#[cfg(feature = "cube")]
use super::cube;
use burn::tensor::{DType, Device, Tensor};

/// The body of operations on a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Body {
    Plain,
    Flex,
    Cube,
}

fn body_on(device: &Device, dtype: DType) -> Body {
    let differentiable = cfg!(feature = "autodiff") || !device.is_autodiff();
    if !differentiable || dtype != DType::F32 {
        return Body::Plain;
    }
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "flex")]
        burn::backend::DispatchDevice::Flex(_) => Body::Flex,
        #[cfg(feature = "cube")]
        burn::backend::DispatchDevice::Cube(device) if cube::can_run(device) => Body::Cube,
        #[allow(unreachable_patterns)] // if Flex is the only backend
        _ => Body::Plain,
    }
}

pub(super) fn body<const D: usize>(tensor: &Tensor<D>) -> Body {
    body_on(&tensor.device(), tensor.dtype())
}

/// Whether all tensors have a fused body for noise and rows, for `entries` entries over all
/// samples.
pub(super) fn have_rows<const N: usize>(tensors: [&Tensor<3>; N], entries: usize) -> bool {
    tensors
        .into_iter()
        .all(|tensor| can_count(body(tensor), entries))
}

/// Whether a fused body works on this number of entries. Kernels on GPUs count entries in 32 bits,
/// and cannot be launched for 0 entries.
pub(super) fn can_count(body: Body, entries: usize) -> bool {
    match body {
        Body::Plain => false,
        Body::Flex => true,
        Body::Cube => (1..1 << 31).contains(&entries),
    }
}

/// Whether tensors like this one have fused layers, elementwise functions and optimizers. On GPUs
/// these are left to burn's own products and fusion.
pub(super) fn has_layers<const D: usize>(tensor: &Tensor<D>) -> bool {
    body(tensor) == Body::Flex
}

/// Whether shapes `[1 or samples, batch, features]` fit each other.
pub(super) fn samples_fit<const N: usize>(shapes: [[usize; 3]; N]) -> bool {
    let samples = shapes.map(|[samples, ..]| samples).into_iter().max();
    let [_, batch, features] = shapes[0];
    shapes.iter().all(|shape| {
        shape[1..] == [batch, features] && (shape[0] == 1 || Some(shape[0]) == samples)
    })
}
