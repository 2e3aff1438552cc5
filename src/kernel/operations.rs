//! The operations as extensions of burn's backends. Those of other backends are never called: see
//! [`body`](super::body).
//!
//! A method that ends in `_backward` or is said to be part of a backward pass runs on plain
//! tensors.

use super::{AdamStep, Function, Parameter, Precision, random::Draw};
use burn::{
    backend::{Backend, backend_extension, tensor::FloatTensor},
    tensor::Shape,
};

/// `[samples, batch, features]` without features.
#[cfg_attr(not(feature = "cube"), allow(dead_code))]
fn rows(shape: &Shape) -> Shape {
    let [samples, batch, _] = shape.dims();
    Shape::new([samples, batch])
}

/// The shape with another number of samples.
#[cfg_attr(not(feature = "cube"), allow(dead_code))]
fn with_samples(shape: &Shape, samples: usize) -> Shape {
    let [_, batch, features] = shape.dims();
    Shape::new([samples, batch, features])
}

/// The shape with as many samples as any of them has.
#[cfg_attr(not(feature = "cube"), allow(dead_code))]
fn all_samples(shapes: [&Shape; 3]) -> Shape {
    let samples = shapes.map(|shape| shape[0]);
    with_samples(shapes[0], samples.into_iter().fold(1, usize::max))
}

/// Noise, and what is one number for a row or a column: fused for the CPU and for GPUs.
#[backend_extension(
    Flex: cfg(feature = "flex"),
    Cube: cfg(feature = "cube"),
    Fusion: cfg(feature = "cube"),
    Autodiff: cfg(feature = "autodiff")
)]
pub trait RowOperations: Backend {
    /// See [`super::normal`]; where `like` is.
    #[fusion(dtype = like, shape = Shape::new(*shape))]
    fn normal(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self>;

    /// See [`super::uniform`]; where `like` is.
    #[fusion(dtype = like, shape = Shape::new(*shape))]
    fn uniform(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self>;

    /// See [`super::bernoulli_log_prob`].
    #[fusion(dtype = logits, shape = rows(logits))]
    fn bernoulli_log_prob(logits: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// gradient · (x − sigmoid(logits)), the gradient being `[samples, batch]`.
    #[fusion(dtype = logits, shape = logits)]
    fn bernoulli_log_prob_backward(
        logits: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::gaussian_draw`].
    #[fusion(dtype = loc, shape = with_samples(loc, *num_samples))]
    fn gaussian_draw(
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self>;

    /// To the spread, summed over samples if there is one spread for all.
    #[fusion(dtype = spread, shape = spread)]
    fn gaussian_draw_backward(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        draw: Draw,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::log_prob_of_draw`].
    #[fusion(dtype = spread, shape = rows(&with_samples(spread, *num_samples)))]
    fn log_prob_of_draw(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self>;

    /// To the spread, summed over samples if there is one spread for all.
    #[fusion(dtype = spread, shape = spread)]
    fn log_prob_of_draw_backward(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::gaussian_log_prob`].
    #[fusion(dtype = x, shape = rows(&all_samples([x, loc, spread])))]
    fn gaussian_log_prob(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Part of a backward pass: gradient · (x − loc)/variance, of as many samples as `samples`
    /// says. That is the gradient of loc, and minus that of x.
    #[fusion(dtype = x, shape = with_samples(x, *samples))]
    fn gaussian_log_prob_to_loc(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self>;

    /// Part of a backward pass: the gradient of the spread.
    #[fusion(dtype = spread, shape = spread)]
    fn gaussian_log_prob_to_spread(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::log_mean_exp`].
    #[fusion(dtype = values, shape = Shape::new([values[1]]))]
    fn log_mean_exp(values: FloatTensor<Self>, negligible: f32) -> FloatTensor<Self>;

    /// gradient · shares.
    #[fusion(dtype = values, shape = values)]
    fn log_mean_exp_backward(
        values: FloatTensor<Self>,
        negligible: f32,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// Which gradients of a layer are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub input: bool,
    pub parameters: bool,
}

/// Layers, functions of each entry and the optimizer: fused for the CPU. On GPUs burn's own
/// products and fusion do these.
#[backend_extension(Flex: cfg(feature = "flex"), Autodiff: cfg(feature = "autodiff"))]
pub trait LayerOperations: Backend {
    /// See [`super::apply`].
    fn apply(function: Function, input: FloatTensor<Self>) -> FloatTensor<Self>;

    /// gradient · f′; `known` is what [`Function::keeps_output`] says.
    fn apply_backward(
        function: Function,
        known: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// The first or the second half of the features, see [`super::halves`].
    fn half(input: FloatTensor<Self>, half: usize) -> FloatTensor<Self>;

    /// The gradient of the whole: 0 in the other half.
    fn half_backward(half: usize, gradient: FloatTensor<Self>) -> FloatTensor<Self>;

    /// See [`super::linear`].
    fn affine(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        function: Option<Function>,
        precision: Precision,
    ) -> FloatTensor<Self>;

    /// The gradients of input, weight and bias; what is not wanted has no entries.
    fn affine_backward(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        wanted: Wanted,
        precision: Precision,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// See [`super::bayesian_linear`]. The second and third result are for the backward pass: the
    /// weights' variance, and what it needs to know of the output's if it is `differentiable`.
    #[allow(clippy::too_many_arguments)]
    fn bayesian_linear(
        input: FloatTensor<Self>,
        weight_loc: FloatTensor<Self>,
        weight_log_variance: FloatTensor<Self>,
        bias_loc: FloatTensor<Self>,
        bias_variance: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
        function: Option<Function>,
        precision: Precision,
        differentiable: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// See [`super::bayesian_bernoulli_log_prob`]; without a backward pass.
    #[allow(clippy::too_many_arguments)]
    fn bayesian_bernoulli_log_prob(
        input: FloatTensor<Self>,
        weight_loc: FloatTensor<Self>,
        weight_log_variance: FloatTensor<Self>,
        bias_loc: FloatTensor<Self>,
        bias_variance: FloatTensor<Self>,
        draw: Draw,
        precision: Precision,
        x: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// The gradients of input, weight_loc, weight_log_variance, bias_loc and bias_variance; what is
    /// not wanted has no entries. `after` is what [`Function::keeps_output`] says of the function
    /// after the layer; without one it is not looked at.
    #[allow(clippy::type_complexity, clippy::too_many_arguments)] // the macro does not see through an alias
    fn bayesian_linear_backward(
        input: FloatTensor<Self>,
        weight_loc: FloatTensor<Self>,
        weight_variance: FloatTensor<Self>,
        known: FloatTensor<Self>,
        draw: Draw,
        function: Option<Function>,
        after: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        wanted: Wanted,
        precision: Precision,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    );

    /// See [`super::adam`].
    fn adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}
