//! Bernoulli rows whose logits are the output of a layer with random weights.

#[cfg(feature = "flex")]
mod flex;

use super::{
    bernoulli::bernoulli_log_prob,
    body::has_layers,
    random::Draw,
    random_linear::{Parameters, RandomWeights, bayesian_linear},
};
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};
use burn_bayes_cpu::Precision;

#[backend_extension(Flex: cfg(feature = "flex"))]
pub trait RandomBernoulliOperations: Backend {
    /// See [`bayesian_bernoulli_log_prob`](fn@bayesian_bernoulli_log_prob); without a backward
    /// pass.
    fn bayesian_bernoulli_log_prob(
        input: FloatTensor<Self>,
        #[extension_type] parameters: Parameters<Self>,
        draw: Draw,
        precision: Precision,
        x: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

/// [`bernoulli_log_prob`] of x with [`bayesian_linear`]'s draw as logits: `[samples, batch]`.
///
/// On Flex, without autodiff and with moments for each sample, logits are not stored as a tensor.
/// Each row is drawn and summed.
pub(crate) fn bayesian_bernoulli_log_prob(
    input: Tensor<3>,
    weights: RandomWeights,
    num_samples: usize,
    draw: Draw,
    x: Tensor<3>,
) -> Tensor<2> {
    let [samples, batch, _] = input.dims();
    let [_, features] = weights.loc.dims();
    let own_moments = samples == num_samples;
    // If one tensor is on a device with autodiff, all are moved there.
    let autodiff =
        input.device().is_autodiff() || x.device().is_autodiff() || weights.are_on_autodiff();
    let fits = [1, samples].contains(&x.dims()[0]) && x.dims()[1..] == [batch, features];
    if let Some(precision) = weights.fused(&input)
        && own_moments
        && fits
        && has_layers(&x)
        && !autodiff
    {
        draw.address.check(num_samples, batch);
        let parameters = weights.into_dispatch(&input);
        let output = Dispatch::bayesian_bernoulli_log_prob(
            input.into_dispatch(),
            parameters,
            draw,
            precision,
            x.into_dispatch(),
        );
        return Tensor::from_dispatch(output);
    }
    bernoulli_log_prob(bayesian_linear(input, weights, num_samples, draw, None), x)
}
