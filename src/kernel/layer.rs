//! Linear layers, of fixed and of random weights.

use super::{
    Function, Precision, bernoulli_log_prob, has_layers, operations::LayerOperations, plain,
    precision_of, random::Draw,
};
use burn::{
    backend::{Dispatch, tensor::FloatTensor},
    tensor::{DType, Tensor},
};

/// function(input · weight + bias): `[samples, batch, d_input]` → `[samples, batch, d_output]`. The
/// function, if any, is one whose derivative is computed from its output.
pub(crate) fn linear(
    input: Tensor<3>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    product: Option<DType>,
    function: Option<Function>,
) -> Tensor<3> {
    if let Some(precision) = precision_of(product)
        && has_layers(&input)
        && has_layers(&weight)
        && bias.as_ref().is_none_or(has_layers)
    {
        let bias = bias.unwrap_or_else(|| zeros_like_columns(&weight));
        check(&input, &weight, &bias);
        let output = Dispatch::affine(
            input.into_dispatch(),
            weight.into_dispatch(),
            bias.into_dispatch(),
            function,
            precision,
        );
        return Tensor::from_dispatch(output);
    }
    plain::linear(input, weight, bias, product, function)
}

/// The parameters of a linear layer with random weights, and the number type of its products if
/// that is another than theirs.
pub(crate) struct RandomWeights {
    pub loc: Tensor<2>,
    pub log_variance: Tensor<2>,
    pub bias_loc: Option<Tensor<1>>,
    pub bias_variance: Option<Tensor<1>>,
    pub product: Option<DType>,
}

impl RandomWeights {
    /// What a fused body multiplies by, if there is one for these and the input.
    fn fused(&self, input: &Tensor<3>) -> Option<Precision> {
        let all = has_layers(input)
            && has_layers(&self.loc)
            && has_layers(&self.log_variance)
            && self.bias_loc.as_ref().is_none_or(has_layers)
            && self.bias_variance.as_ref().is_none_or(has_layers);
        precision_of(self.product).filter(|_| all)
    }

    /// Whether any of them is on a device with autodiff.
    fn are_on_autodiff(&self) -> bool {
        let biases = [&self.bias_loc, &self.bias_variance].into_iter().flatten();
        self.loc.device().is_autodiff()
            || self.log_variance.device().is_autodiff()
            || biases.into_iter().any(|bias| bias.device().is_autodiff())
    }

    /// Weights' means and log-variances, biases' means and variances, zeros for those that are not
    /// there.
    ///
    /// # Panics
    ///
    /// If they do not fit each other or the input.
    fn into_dispatch(self, input: &Tensor<3>) -> [FloatTensor<Dispatch>; 4] {
        let zeros = || zeros_like_columns(&self.loc);
        let bias_loc = self.bias_loc.unwrap_or_else(zeros);
        let bias_variance = self.bias_variance.unwrap_or_else(zeros);
        check(input, &self.loc, &bias_loc);
        check(input, &self.log_variance, &bias_variance);
        [
            self.loc.into_dispatch(),
            self.log_variance.into_dispatch(),
            bias_loc.into_dispatch(),
            bias_variance.into_dispatch(),
        ]
    }
}

/// A draw of the output of a linear layer with random weights by local reparametrization: the mean
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
        let [loc, log_variance, bias_loc, bias_variance] = weights.into_dispatch(&input);
        let (output, ..) = Dispatch::bayesian_linear(
            input.into_dispatch(),
            loc,
            log_variance,
            bias_loc,
            bias_variance,
            num_samples,
            draw,
            function,
            precision,
            false, // autodiff, if on, says otherwise
        );
        return Tensor::from_dispatch(output);
    }
    plain::bayesian_linear(input, weights, num_samples, draw, function)
}

/// [`bernoulli_log_prob`] of x, [`bayesian_linear`]'s draw being the logits: `[samples, batch]`. On
/// Flex, without autodiff and with moments for each sample, logits take the place of no tensor: a
/// row of them is drawn and summed up.
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
    // One of them on such a device is enough for all to be taken there.
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
        let [loc, log_variance, bias_loc, bias_variance] = weights.into_dispatch(&input);
        let output = Dispatch::bayesian_bernoulli_log_prob(
            input.into_dispatch(),
            loc,
            log_variance,
            bias_loc,
            bias_variance,
            draw,
            precision,
            x.into_dispatch(),
        );
        return Tensor::from_dispatch(output);
    }
    bernoulli_log_prob(bayesian_linear(input, weights, num_samples, draw, None), x)
}

/// A zero for each column, of the same number type.
fn zeros_like_columns(weight: &Tensor<2>) -> Tensor<1> {
    let [_, columns] = weight.dims();
    Tensor::zeros([columns], (&weight.device(), weight.dtype()))
}

fn check(input: &Tensor<3>, weight: &Tensor<2>, bias: &Tensor<1>) {
    let ([.., features], [d_input, d_output]) = (input.dims(), weight.dims());
    assert!(
        features == d_input && bias.dims() == [d_output],
        "an input of {features} features, weights {d_input} by {d_output} and {} biases do not fit",
        bias.dims()[0]
    );
}
