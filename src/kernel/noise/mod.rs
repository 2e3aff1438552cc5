//! The numbers of a draw. GPUs compute them on the device, other backends in host memory.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
mod flex;

use super::{
    body::{Body, body, can_count},
    random::{self, Draw},
};
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::{Device, Tensor, TensorData},
};

#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube"),
    Autodiff: cfg(feature = "autodiff")
)]
pub trait NoiseOperations: Backend {
    /// See [`normal`](fn@normal). The result is on the device of `like`.
    #[fusion(dtype = like, shape = burn::tensor::Shape::new(*shape))]
    fn normal(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self>;

    /// See [`uniform`](fn@uniform). The result is on the device of `like`.
    #[fusion(dtype = like, shape = burn::tensor::Shape::new(*shape))]
    fn uniform(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self>;
}

/// The standard normal numbers of a draw.
pub(crate) fn normal(draw: &Draw, shape: [usize; 3], device: &Device) -> Tensor<3> {
    make(draw, shape, device, Dispatch::normal, random::normal)
}

/// The uniform numbers of a draw.
pub(crate) fn uniform(draw: &Draw, shape: [usize; 3], device: &Device) -> Tensor<3> {
    make(draw, shape, device, Dispatch::uniform, random::uniform)
}

fn make(
    draw: &Draw,
    shape: [usize; 3],
    device: &Device,
    on_device: fn(FloatTensor<Dispatch>, Draw, [usize; 3]) -> FloatTensor<Dispatch>,
    on_host: fn(&Draw, [usize; 3]) -> Vec<f32>,
) -> Tensor<3> {
    let like = Tensor::<1>::empty([1], device);
    let body = body(&like);
    if body == Body::Cube && can_count(body, shape.iter().product()) {
        let [samples, batch, _] = shape;
        draw.address.check(samples, batch);
        let numbers = on_device(like.into_dispatch(), draw.clone(), shape);
        return Tensor::from_dispatch(numbers);
    }
    Tensor::from_data(TensorData::new(on_host(draw, shape), shape), device)
}
