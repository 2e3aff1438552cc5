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

/// The settings of a layer, without its parameters.
#[derive(Clone, Debug)]
pub struct Layer {
    pub num_samples: usize,
    pub draw: Draw,
    /// The function that is applied to the draw.
    pub function: Option<Function>,
    pub precision: Precision,
    /// Whether there will be a backward pass.
    pub differentiable: bool,
}

/// A layer's output, and the tensors that its backward pass needs.
#[derive(ExtensionType)]
pub struct Drawn<B: Backend> {
    pub output: FloatTensor<B>,
    pub weight_variance: FloatTensor<B>,
    /// What is kept of the output's variance for the backward pass, if the layer is differentiable.
    /// If each sample has its own variance, it is the draw's derivative with respect to the
    /// variance, ε / (2√variance), in the variance's memory. If samples share a variance,
    /// derivatives would take more memory: it is the variance itself, and ε is recomputed.
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

/// The tensors of a layer that are kept for its backward pass.
#[derive(Clone, Debug)]
pub struct Kept<B: Backend> {
    pub input: FloatTensor<B>,
    pub weight_loc: FloatTensor<B>,
    pub weight_variance: FloatTensor<B>,
    /// See [`Drawn::known`].
    pub known: FloatTensor<B>,
    pub draw: Draw,
    /// The function after the draw, and its output, from which its derivative is computed.
    pub after: Option<(Function, FloatTensor<B>)>,
}

/// What the backward pass of a layer needs.
pub trait RandomLinearBackward: Backend {
    /// The gradients of input, weights' means and log-variances, and biases' means and variances. A
    /// gradient that is not wanted has no entries.
    fn bayesian_linear_backward(
        kept: Kept<Self>,
        gradient: FloatTensor<Self>,
        wanted: Wanted,
        precision: Precision,
    ) -> [FloatTensor<Self>; 5];
}

/// A draw of the output of a linear layer with random weights, by local reparametrization. The mean
/// is input · loc, and the variance is input² · e^log_variance, each plus that of the bias. The
/// function is applied to the draw, as in [`linear`]. `[1 or num_samples, batch, d_input]` →
/// `[num_samples, batch, d_output]`.
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
