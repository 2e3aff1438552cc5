//! The few operations that dominate time, fused, with backward passes written by hand.
//!
//! Each is a function of tensors that gives the same numbers everywhere: on Flex, in `f32`, by a
//! vectorized and threaded body; on GPUs by one CubeCL kernel for noise and for what is one number
//! a row; else by a composition of burn's own operations. Nothing outside this module knows which
//! one runs. Whether a fused one can run is a question of the tensors at hand, not of the crate's
//! features alone: another crate in the build may turn on backends and autodiff that this one does
//! not know of.

pub(crate) mod random;

#[cfg(feature = "autodiff")]
mod autodiff;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
mod flex;
mod layer;
// Without autodiff backward passes have no caller, without Flex layers have none.
#[cfg_attr(not(all(feature = "flex", feature = "autodiff")), allow(dead_code))]
#[cfg_attr(not(feature = "flex"), allow(unused_variables))]
mod operations;
mod plain;
#[cfg(all(test, any(feature = "flex", feature = "cube"), feature = "autodiff"))]
mod tests;

use burn::{
    backend::{Dispatch, tensor::FloatTensor},
    tensor::{DType, Device, Tensor, TensorData},
};
pub use burn_bayes_cpu::{
    Precision,
    vector::{AdamStep, Function, Parameter},
};
pub(crate) use layer::{RandomWeights, bayesian_bernoulli_log_prob, bayesian_linear, linear};
use operations::{LayerOperations, RowOperations};
use random::Draw;

/// Added to a variance before its square root: the slope of √v at 0 is infinite, and an all-zero
/// input row of a Bayesian layer without bias has variance 0. Smaller than any variance that counts
/// and, its root being 1e-8, than the rounding of `f32` activations of order 1.
pub(crate) const VARIANCE_GUARD: f64 = 1e-16;

/// How products in another number type round their factors, if there is a fused body for it.
fn precision_of(product: Option<DType>) -> Option<Precision> {
    match product {
        None => Some(Precision::Full),
        Some(DType::BF16) => Some(Precision::Bf16),
        Some(_) => None,
    }
}

/// Which fused bodies there are for a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Body {
    Plain,
    #[cfg_attr(not(feature = "flex"), allow(dead_code))]
    Flex,
    #[cfg_attr(not(feature = "cube"), allow(dead_code))]
    Cube,
}

fn body_on(device: &Device, dtype: DType) -> Body {
    let differentiable = cfg!(feature = "autodiff") || !device.is_autodiff();
    if !differentiable || dtype != DType::F32 {
        return Body::Plain;
    }
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "flex")]
        burn::backend::DispatchDevice::Flex(_) => Body::Flex,
        #[cfg(feature = "cube")]
        burn::backend::DispatchDevice::Cube(device) if cube::can_run(device) => Body::Cube,
        #[allow(unreachable_patterns)] // if Flex is the only backend
        _ => Body::Plain,
    }
}

fn body<const D: usize>(tensor: &Tensor<D>) -> Body {
    body_on(&tensor.device(), tensor.dtype())
}

/// Whether all tensors have [`RowOperations`] for so many entries, those of all samples.
fn have_rows<const N: usize>(tensors: [&Tensor<3>; N], entries: usize) -> bool {
    tensors
        .into_iter()
        .all(|tensor| can_count(body(tensor), entries))
}

/// Whether a body works on so many entries: kernels on GPUs count them in 32 bits, and have no cube
/// for nothing.
fn can_count(body: Body, entries: usize) -> bool {
    match body {
        Body::Plain => false,
        Body::Flex => true,
        Body::Cube => (1..1 << 31).contains(&entries),
    }
}

/// Whether tensors like this one have [`LayerOperations`].
fn has_layers<const D: usize>(tensor: &Tensor<D>) -> bool {
    body(tensor) == Body::Flex
}

/// Whether `[1 or samples, batch, features]` tensors fit each other.
fn samples_fit<const N: usize>(shapes: [[usize; 3]; N]) -> bool {
    let samples = shapes.map(|[samples, ..]| samples).into_iter().max();
    let [_, batch, features] = shapes[0];
    shapes.iter().all(|shape| {
        shape[1..] == [batch, features] && (shape[0] == 1 || Some(shape[0]) == samples)
    })
}

/// log Bernoulli(x; logits), summed over features: `[samples, batch, features]` logits and `[1 or
/// samples, batch, features]` x give `[samples, batch]`.
pub(crate) fn bernoulli_log_prob(logits: Tensor<3>, x: Tensor<3>) -> Tensor<2> {
    let fits = samples_fit([logits.dims(), x.dims()]) && logits.dims()[0] >= x.dims()[0];
    let entries = logits.dims().iter().product();
    if fits && have_rows([&logits, &x], entries) {
        let output = Dispatch::bernoulli_log_prob(logits.into_dispatch(), x.into_dispatch());
        return Tensor::from_dispatch(output);
    }
    plain::bernoulli_log_prob(logits, x)
}

/// A non-linearity of each entry.
pub(crate) fn apply<const D: usize>(function: Function, input: Tensor<D>) -> Tensor<D> {
    if has_layers(&input) {
        return Tensor::from_dispatch(Dispatch::apply(function, input.into_dispatch()));
    }
    plain::apply(function, input)
}

/// The halves of a head's features, of which there is an even number: `[samples, batch, 2·d]` → two
/// of `[samples, batch, d]`.
pub(crate) fn halves(input: Tensor<3>) -> [Tensor<3>; 2] {
    let [_, _, features] = input.dims();
    assert!(features.is_multiple_of(2), "a head of {features} features");
    [0, 1].map(|half| {
        if has_layers(&input) {
            return Tensor::from_dispatch(Dispatch::half(input.clone().into_dispatch(), half));
        }
        input.clone().narrow(2, half * features / 2, features / 2)
    })
}

/// loc + scale · ε with the standard normal ε of a draw, which is not stored but drawn again in the
/// backward pass: `[1 or samples, batch, features]` parameters give `[samples, batch, features]`.
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

/// The log-density of what [`gaussian_draw`] makes of the same draw, summed over features: it
/// depends on the spread and the noise alone. `[1 or samples, batch, features]` → `[samples,
/// batch]`.
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

/// log-mean-exp over samples, `[samples, batch]` → `[batch]`. Shares below e^`negligible` of the
/// largest count for nothing.
pub(crate) fn log_mean_exp(values: Tensor<2>, negligible: f64) -> Tensor<1> {
    if can_count(body(&values), values.dims().iter().product()) {
        let output = Dispatch::log_mean_exp(values.into_dispatch(), negligible as f32);
        return Tensor::from_dispatch(output);
    }
    plain::log_mean_exp(values, negligible)
}

/// A step of Adam: the parameter and both moments.
#[cfg_attr(not(feature = "autodiff"), allow(dead_code))]
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
        let (parameter, moment_1, moment_2) = Dispatch::adam(
            parameter.into_dispatch(),
            gradient.into_dispatch(),
            moment_1,
            moment_2,
            step,
        );
        let moments = [moment_1, moment_2].map(Tensor::from_dispatch);
        return (Tensor::from_dispatch(parameter), moments);
    }
    plain::adam(parameter, gradient, moments, step)
}

/// The standard normal numbers of a draw.
pub(crate) fn normal(draw: &Draw, shape: [usize; 3], device: &Device) -> Tensor<3> {
    noise(draw, shape, device, Dispatch::normal, random::normal)
}

/// The uniform numbers of a draw.
pub(crate) fn uniform(draw: &Draw, shape: [usize; 3], device: &Device) -> Tensor<3> {
    noise(draw, shape, device, Dispatch::uniform, random::uniform)
}

/// Made where they are needed, or on the host.
fn noise(
    draw: &Draw,
    shape: [usize; 3],
    device: &Device,
    on_device: fn(FloatTensor<Dispatch>, Draw, [usize; 3]) -> FloatTensor<Dispatch>,
    on_host: fn(&Draw, [usize; 3]) -> Vec<f32>,
) -> Tensor<3> {
    let like = Tensor::<1>::empty([1], device);
    let body = body(&like);
    if body == Body::Cube && can_count(body, shape.iter().product()) {
        let [samples, batch, _] = shape;
        draw.address.check(samples, batch);
        let numbers = on_device(like.into_dispatch(), draw.clone(), shape);
        return Tensor::from_dispatch(numbers);
    }
    Tensor::from_data(TensorData::new(on_host(draw, shape), shape), device)
}
