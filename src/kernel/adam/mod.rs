//! Steps of the optimizer.

#[cfg(feature = "flex")]
mod flex;
pub(super) mod plain;

use super::body::has_layers;
use burn::{
    backend::{Backend, Dispatch, ExtensionType, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};
use burn_bayes_cpu::vector::AdamStep;

/// A parameter and the moments of its gradient.
#[derive(ExtensionType)]
pub struct Moved<B: Backend> {
    pub parameter: FloatTensor<B>,
    pub moment_1: FloatTensor<B>,
    pub moment_2: FloatTensor<B>,
}

#[backend_extension(Flex: cfg(feature = "flex"))]
pub trait AdamOperations: Backend {
    /// See [`adam`](fn@adam).
    fn adam(
        #[extension_type] state: Moved<Self>,
        gradient: FloatTensor<Self>,
        step: AdamStep,
    ) -> Moved<Self>;
}

/// A step of Adam: the parameter and both moments.
pub(crate) fn adam<const D: usize>(
    parameter: Tensor<D>,
    gradient: Tensor<D>,
    moments: [Tensor<D>; 2],
    step: AdamStep,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let fused = [&parameter, &gradient, &moments[0], &moments[1]]
        .into_iter()
        .all(|tensor| {
            let plain = !tensor.device().is_autodiff();
            plain && has_layers(tensor) && tensor.dims() == parameter.dims()
        });
    if fused {
        let [moment_1, moment_2] = moments.map(Tensor::into_dispatch);
        let state = Moved {
            parameter: parameter.into_dispatch(),
            moment_1,
            moment_2,
        };
        let new = Dispatch::adam(state, gradient.into_dispatch(), step);
        let moments = [new.moment_1, new.moment_2].map(Tensor::from_dispatch);
        return (Tensor::from_dispatch(new.parameter), moments);
    }
    plain::adam(parameter, gradient, moments, step)
}
