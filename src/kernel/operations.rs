//! The operations as an extension of burn's backends.

use super::{AdamStep, Function, Parameter, random::Draw};
use burn::backend::{Backend, backend_extension, tensor::FloatTensor};

/// Operations of backends with fused bodies. Those of other backends are never called: see
/// `is_fused`.
///
/// A method that ends in `_backward` or is said to be part of a backward pass runs on plain tensors.
#[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait Operations: Backend {
    /// See [`super::bernoulli_log_prob`].
    fn bernoulli_log_prob(logits: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// gradient · (x − sigmoid(logits)), the gradient being `[samples, batch]`.
    fn bernoulli_log_prob_backward(
        logits: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::apply`].
    fn apply(function: Function, input: FloatTensor<Self>) -> FloatTensor<Self>;

    /// gradient · f′; `known` is what [`Function::keeps_output`] says.
    fn apply_backward(
        function: Function,
        known: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::linear`].
    fn affine(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Part of a backward pass: gradient · weightᵀ.
    fn affine_to_input(weight: FloatTensor<Self>, gradient: FloatTensor<Self>)
    -> FloatTensor<Self>;

    /// Part of a backward pass: inputᵀ · gradient, summed over samples and rows.
    fn affine_to_weight(input: FloatTensor<Self>, gradient: FloatTensor<Self>)
    -> FloatTensor<Self>;

    /// Part of a backward pass: the gradient summed over samples and rows.
    fn affine_to_bias(gradient: FloatTensor<Self>) -> FloatTensor<Self>;

    /// See [`super::bayesian_linear`]. The second and third result are for the backward pass: the
    /// weights' variance, and the output's without samples that only the noise tells apart.
    fn bayesian_linear(
        input: FloatTensor<Self>,
        weight_loc: FloatTensor<Self>,
        weight_log_variance: FloatTensor<Self>,
        bias_loc: FloatTensor<Self>,
        bias_variance: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// Part of a backward pass: to loc and variance of [`super::gaussian_draw`] from a variance.
    fn gaussian_draw_to_loc_and_variance(
        variance: FloatTensor<Self>,
        draw: Draw,
        gradient: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// Part of a backward pass: to_loc · weight_locᵀ + 2 input · (to_variance · weight_varianceᵀ).
    fn bayesian_linear_to_input(
        input: FloatTensor<Self>,
        weight_loc: FloatTensor<Self>,
        weight_variance: FloatTensor<Self>,
        to_loc: FloatTensor<Self>,
        to_variance: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Part of a backward pass: ((input²)ᵀ · to_variance) · weight_variance.
    fn bayesian_linear_to_log_variance(
        input: FloatTensor<Self>,
        weight_variance: FloatTensor<Self>,
        to_variance: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::gaussian_draw`].
    fn gaussian_draw(
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self>;

    /// To the spread, summed over samples if there is one spread for all.
    fn gaussian_draw_backward(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        draw: Draw,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::log_prob_of_draw`].
    fn log_prob_of_draw(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self>;

    /// To the spread, summed over samples if there is one spread for all.
    fn log_prob_of_draw_backward(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::gaussian_log_prob`].
    fn gaussian_log_prob(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// Part of a backward pass: gradient · (x − loc)/variance, of as many samples as `samples` says.
    /// That is the gradient of loc, and minus that of x.
    fn gaussian_log_prob_to_loc(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        samples: usize,
    ) -> FloatTensor<Self>;

    /// Part of a backward pass: the gradient of the spread.
    fn gaussian_log_prob_to_spread(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::log_mean_exp`].
    fn log_mean_exp(values: FloatTensor<Self>, negligible: f32) -> FloatTensor<Self>;

    /// gradient · shares.
    fn log_mean_exp_backward(
        values: FloatTensor<Self>,
        negligible: f32,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::adam`].
    fn adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}
