//! Linear layers with random weights.

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "flex")]
mod flex;
#[cfg(feature = "flex")]
pub(super) mod moments;
#[cfg(feature = "flex")]
mod output_gradient;
pub(super) mod plain;
mod weights;

use super::{linear::Wanted, random::Draw};
use burn::{
    backend::{Backend, Dispatch, ExtensionType, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};
use burn_bayes_cpu::{Precision, vector::Function};
pub(super) use weights::Parameters;
pub(crate) use weights::RandomWeights;

/// What a layer is apart from its parameters.
#[derive(Clone, Debug)]
pub struct Layer {
    pub num_samples: usize,
    pub draw: Draw,
    /// What is applied to the draw.
    pub function: Option<Function>,
    pub precision: Precision,
    /// Whether there will be a backward pass.
    pub differentiable: bool,
}

/// A layer's output, and what its backward pass needs.
#[derive(ExtensionType)]
pub struct Drawn<B: Backend> {
    pub output: FloatTensor<B>,
    pub weight_variance: FloatTensor<B>,
    /// What is kept of the output's variance, if the layer is differentiable. Where each sample has
    /// a variance of its own, it is the draw's derivative by it, ε / (2√variance), in the
    /// variance's memory. Where samples share a variance, the derivatives would take more memory:
    /// it is the variance, and ε is recomputed.
    pub known: FloatTensor<B>,
}

#[backend_extension(Flex: cfg(feature = "flex"), Autodiff: cfg(feature = "autodiff"))]
pub trait RandomLinearOperations: Backend {
    /// See [`bayesian_linear`](fn@bayesian_linear).
    fn bayesian_linear(
        input: FloatTensor<Self>,
        #[extension_type] parameters: Parameters<Self>,
        layer: Layer,
    ) -> Drawn<Self>;
}

/// What is kept of a layer for its backward pass.
#[derive(Clone, Debug)]
pub struct Kept<B: Backend> {
    pub input: FloatTensor<B>,
    pub weight_loc: FloatTensor<B>,
    pub weight_variance: FloatTensor<B>,
    /// See [`Drawn::known`].
    pub known: FloatTensor<B>,
    pub draw: Draw,
    /// The function after the draw, and its output, from which it is differentiated.
    pub after: Option<(Function, FloatTensor<B>)>,
}

/// What the backward pass of a layer needs.
pub trait RandomLinearBackward: Backend {
    /// The gradients of input, weights' means and log-variances, and biases' means and variances;
    /// what is not wanted has no entries.
    fn bayesian_linear_backward(
        kept: Kept<Self>,
        gradient: FloatTensor<Self>,
        wanted: Wanted,
        precision: Precision,
    ) -> [FloatTensor<Self>; 5];
}

/// A draw of the output of a linear layer with random weights, by local reparametrization. The mean
/// is input · loc, the variance input² · e^log_variance, biases added. `[1 or num_samples, batch,
/// d_input]` → `[num_samples, batch, d_output]`. Then the function, as in [`linear`].
pub(crate) fn bayesian_linear(
    input: Tensor<3>,
    weights: RandomWeights,
    num_samples: usize,
    draw: Draw,
    function: Option<Function>,
) -> Tensor<3> {
    if let Some(precision) = weights.fused(&input) {
        draw.address.check(num_samples, input.dims()[1]);
        let parameters = weights.into_dispatch(&input);
        let layer = Layer {
            num_samples,
            draw,
            function,
            precision,
            differentiable: false, // autodiff, if on, says otherwise
        };
        let drawn = Dispatch::bayesian_linear(input.into_dispatch(), parameters, layer);
        return Tensor::from_dispatch(drawn.output);
    }
    plain::bayesian_linear(input, weights, num_samples, draw, function)
}
