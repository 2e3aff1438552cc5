//! Draws of Gaussians and their densities. Noise is recomputed and never stored.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
pub(super) mod flex;
pub(super) mod plain;

#[cfg(feature = "cube")]
use super::shapes;
use super::{body::have_rows, random::Draw};
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};
use burn_bayes_cpu::vector::Parameter;

#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube"),
    Autodiff: cfg(feature = "autodiff")
)]
pub trait GaussianDrawOperations: Backend {
    /// See [`gaussian_draw`](fn@gaussian_draw).
    #[fusion(dtype = loc, shape = shapes::with_samples(loc, *num_samples))]
    fn gaussian_draw(
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self>;

    /// See [`log_prob_of_draw`](fn@log_prob_of_draw).
    #[fusion(dtype = spread, shape = shapes::rows(&shapes::with_samples(spread, *num_samples)))]
    fn log_prob_of_draw(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self>;
}

#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube")
)]
pub trait GaussianDrawBackward: Backend {
    /// To the spread, summed over samples if there is one spread for all.
    #[fusion(dtype = spread, shape = spread)]
    fn gaussian_draw_backward(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        draw: Draw,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// To the spread, summed over samples if there is one spread for all.
    #[fusion(dtype = spread, shape = spread)]
    fn log_prob_of_draw_backward(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// loc + scale · ε with the standard normal ε of a draw: `[1 or samples, batch, features]`
/// parameters give `[samples, batch, features]`. ε is not stored: the backward pass recomputes it.
pub(crate) fn gaussian_draw(
    loc: Tensor<3>,
    parameter: Parameter,
    spread: Tensor<3>,
    num_samples: usize,
    draw: Draw,
) -> Tensor<3> {
    let [_, batch, features] = loc.dims();
    let entries = num_samples * batch * features;
    if loc.dims() == spread.dims() && have_rows([&loc, &spread], entries) {
        draw.address.check(num_samples, batch);
        let output = Dispatch::gaussian_draw(
            loc.into_dispatch(),
            parameter,
            spread.into_dispatch(),
            num_samples,
            draw,
        );
        return Tensor::from_dispatch(output);
    }
    plain::gaussian_draw(loc, parameter, spread, num_samples, draw)
}

/// The log-density of the result of [`gaussian_draw`] for the same draw, summed over features: `[1
/// or samples, batch, features]` → `[samples, batch]`. It depends only on the spread and the noise.
pub(crate) fn log_prob_of_draw(
    parameter: Parameter,
    spread: Tensor<3>,
    num_samples: usize,
    draw: Draw,
) -> Tensor<2> {
    let [_, batch, features] = spread.dims();
    if have_rows([&spread], num_samples * batch * features) {
        draw.address.check(num_samples, batch);
        let spread = spread.into_dispatch();
        let output = Dispatch::log_prob_of_draw(parameter, spread, num_samples, draw);
        return Tensor::from_dispatch(output);
    }
    plain::log_prob_of_draw(parameter, spread, num_samples, draw)
}
