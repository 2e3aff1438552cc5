//! Densities of Gaussians.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
mod flex;
pub(super) mod plain;

use super::body::{have_rows, samples_fit};
#[cfg(feature = "cube")]
use super::shapes;
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
pub trait GaussianDensityOperations: Backend {
    /// See [`gaussian_log_prob`](fn@gaussian_log_prob).
    #[fusion(dtype = x, shape = shapes::rows(&shapes::all_samples([x, loc, spread])))]
    fn gaussian_log_prob(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube")
)]
pub trait GaussianDensityBackward: Backend {
    /// gradient · (x − loc)/variance, with `samples` samples, 1 or all. That is the gradient of
    /// loc, and minus that of x.
    #[fusion(dtype = x, shape = shapes::with_samples(x, *samples))]
    fn gaussian_log_prob_to_loc(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self>;

    /// The gradient of the spread.
    #[fusion(dtype = spread, shape = spread)]
    fn gaussian_log_prob_to_spread(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// log N(x; loc, scale²), summed over features: `[1 or samples, batch, features]` tensors give
/// `[samples, batch]`.
pub(crate) fn gaussian_log_prob(
    x: Tensor<3>,
    loc: Tensor<3>,
    parameter: Parameter,
    spread: Tensor<3>,
) -> Tensor<2> {
    let fits = samples_fit([x.dims(), loc.dims(), spread.dims()]);
    let entries = [&x, &loc, &spread].map(|tensor| tensor.dims().iter().product());
    let entries = entries.into_iter().fold(0, usize::max);
    if fits && have_rows([&x, &loc, &spread], entries) {
        let output = Dispatch::gaussian_log_prob(
            x.into_dispatch(),
            loc.into_dispatch(),
            parameter,
            spread.into_dispatch(),
        );
        return Tensor::from_dispatch(output);
    }
    plain::gaussian_log_prob(x, loc, parameter, spread)
}
