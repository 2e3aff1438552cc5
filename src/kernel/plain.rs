//! The operations as compositions of burn's own: for every backend and number type, and the
//! reference that the fused bodies are held to.

use super::{AdamStep, Function, Parameter, RandomWeights, VARIANCE_GUARD, normal, random::Draw};
use burn::tensor::{DType, Tensor, activation, module};
use std::f64::consts::TAU;

pub(super) fn bernoulli_log_prob(logits: Tensor<3>, x: Tensor<3>) -> Tensor<2> {
    let log_prob = x * logits.clone() + activation::log_sigmoid(-logits);
    log_prob.sum_dim(2).squeeze_dim(2)
}

pub(super) fn apply<const D: usize>(function: Function, input: Tensor<D>) -> Tensor<D> {
    match function {
        Function::Exp => input.exp(),
        Function::Tanh => activation::tanh(input),
        Function::Sigmoid => activation::sigmoid(input),
        Function::Softplus => softplus(input),
        Function::Silu => activation::silu(input),
    }
}

/// burn's is x above a threshold: of 20, which is right to the last digit of `f32` only. log(1 +
/// e⁻⁴⁰) is below that of `f64`.
fn softplus<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    match input.dtype() {
        DType::F64 => activation::softplus_with_threshold(input, 1.0, 40.0),
        _ => activation::softplus(input, 1.0),
    }
}

pub(super) fn linear(
    input: Tensor<3>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    product: Option<DType>,
    function: Option<Function>,
) -> Tensor<3> {
    let output = match product {
        Some(narrow) => narrow_linear(input, weight, bias, narrow),
        None => module::linear(input, weight, bias),
    };
    after(function, output)
}

fn after<const D: usize>(function: Option<Function>, output: Tensor<D>) -> Tensor<D> {
    match function {
        Some(function) => apply(function, output),
        None => output,
    }
}

/// The product in a narrower number type, everything else in that of the input.
fn narrow_linear(
    input: Tensor<3>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    narrow: DType,
) -> Tensor<3> {
    let wide = input.dtype();
    let product = module::linear(input.cast(narrow), weight.cast(narrow), None).cast(wide);
    match bias {
        Some(bias) => product + bias.unsqueeze(),
        None => product,
    }
}

pub(super) fn bayesian_linear(
    input: Tensor<3>,
    weights: RandomWeights,
    num_samples: usize,
    draw: Draw,
    function: Option<Function>,
) -> Tensor<3> {
    let linear = |input, weight, bias| linear(input, weight, bias, weights.product, None);
    let weight_variance = weights.log_variance.exp();
    let variance = linear(
        input.clone().square(),
        weight_variance,
        weights.bias_variance,
    );
    let loc = linear(input, weights.loc, weights.bias_loc);
    let variance = variance.add_scalar(VARIANCE_GUARD);
    let output = gaussian_draw(loc, Parameter::Variance, variance, num_samples, draw);
    after(function, output)
}

fn scale(parameter: Parameter, spread: Tensor<3>) -> Tensor<3> {
    match parameter {
        Parameter::Scale => spread,
        Parameter::Variance => spread.sqrt(),
        Parameter::LogVariance => spread.mul_scalar(0.5).exp(),
    }
}

fn log_variance(parameter: Parameter, spread: Tensor<3>) -> Tensor<3> {
    match parameter {
        Parameter::Scale => spread.log().mul_scalar(2.0),
        Parameter::Variance => spread.log(),
        Parameter::LogVariance => spread,
    }
}

pub(super) fn gaussian_draw(
    loc: Tensor<3>,
    parameter: Parameter,
    spread: Tensor<3>,
    num_samples: usize,
    draw: Draw,
) -> Tensor<3> {
    let [_, batch, features] = loc.dims();
    let epsilon = normal(&draw, [num_samples, batch, features], &loc.device()).cast(loc.dtype());
    loc + scale(parameter, spread) * epsilon
}

pub(super) fn log_prob_of_draw(
    parameter: Parameter,
    spread: Tensor<3>,
    num_samples: usize,
    draw: Draw,
) -> Tensor<2> {
    let [_, batch, features] = spread.dims();
    let epsilon =
        normal(&draw, [num_samples, batch, features], &spread.device()).cast(spread.dtype());
    normalize(epsilon.square() + log_variance(parameter, spread))
}

pub(super) fn gaussian_log_prob(
    x: Tensor<3>,
    loc: Tensor<3>,
    parameter: Parameter,
    spread: Tensor<3>,
) -> Tensor<2> {
    let centred = x - loc;
    let epsilon = match parameter {
        Parameter::LogVariance => centred * spread.clone().mul_scalar(-0.5).exp(),
        _ => centred / scale(parameter, spread.clone()),
    };
    normalize(epsilon.square() + log_variance(parameter, spread))
}

/// Σ −½ (value + log 2π).
fn normalize(values: Tensor<3>) -> Tensor<2> {
    let values = values.add_scalar(TAU.ln()).mul_scalar(-0.5);
    values.sum_dim(2).squeeze_dim(2)
}

pub(super) fn log_mean_exp(values: Tensor<2>, negligible: f64) -> Tensor<1> {
    // The maximum is a constant: its gradient would cancel. The backward pass holds exp(values −
    // max) only, and nothing of infinite size.
    let max = values.clone().without_autodiff().max_dim(0);
    let finite = max.clone().is_finite();
    let max = max.zeros_like().mask_where(finite, max);
    let relative = values - max.clone();
    let below = relative.clone().without_autodiff().lower_elem(negligible);
    let shares = relative.mask_fill(below, f64::NEG_INFINITY).exp();
    (shares.mean_dim(0).log() + max).squeeze_dim(0)
}

pub(super) fn adam<const D: usize>(
    parameter: Tensor<D>,
    gradient: Tensor<D>,
    [moment_1, moment_2]: [Tensor<D>; 2],
    step: AdamStep,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let AdamStep {
        beta_1,
        beta_2,
        size,
        epsilon,
    } = step;
    let moment_1 = moment_1.mul_scalar(beta_1) + gradient.clone().mul_scalar(1.0 - beta_1);
    let moment_2 = moment_2.mul_scalar(beta_2) + gradient.square().mul_scalar(1.0 - beta_2);
    let direction = moment_1.clone() / moment_2.clone().sqrt().add_scalar(epsilon);
    (parameter - direction.mul_scalar(size), [moment_1, moment_2])
}
