//! Which body of an operation a tensor takes.
//!
//! That depends on the tensors at hand, not on the crate's features alone. Another crate in the
//! build may turn on backends and autodiff that this one does not know of.

#[cfg(feature = "cube")]
use super::cube;
use burn::tensor::{DType, Device, Tensor};

/// Which fused bodies there are for a tensor.
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

/// Whether all tensors have a body for noise and rows, of so many entries, those of all samples.
pub(super) fn have_rows<const N: usize>(tensors: [&Tensor<3>; N], entries: usize) -> bool {
    tensors
        .into_iter()
        .all(|tensor| can_count(body(tensor), entries))
}

/// Whether a body works on so many entries: kernels on GPUs count them in 32 bits, and have no cube
/// for nothing.
pub(super) fn can_count(body: Body, entries: usize) -> bool {
    match body {
        Body::Plain => false,
        Body::Flex => true,
        Body::Cube => (1..1 << 31).contains(&entries),
    }
}

/// Whether tensors like this one have fused layers, functions of entries and optimizers. On GPUs
/// burn's own products and fusion do these.
pub(super) fn has_layers<const D: usize>(tensor: &Tensor<D>) -> bool {
    body(tensor) == Body::Flex
}

/// Whether `[1 or samples, batch, features]` tensors fit each other.
pub(super) fn samples_fit<const N: usize>(shapes: [[usize; 3]; N]) -> bool {
    let samples = shapes.map(|[samples, ..]| samples).into_iter().max();
    let [_, batch, features] = shapes[0];
    shapes.iter().all(|shape| {
        shape[1..] == [batch, features] && (shape[0] == 1 || Some(shape[0]) == samples)
    })
}
