//! Shared parts of samplers: shapes, and rejection sampling in host memory.

use crate::{noise::Noise, special::ln_gamma_of};
use burn::tensor::{Tensor, TensorData};

/// The parameters, repeated for all samples.
///
/// # Panics
///
/// If their first axis is neither 1 nor `num_samples`.
pub(super) fn for_samples(parameter: Tensor<3>, num_samples: usize) -> Tensor<3> {
    let [samples, batch, features] = parameter.dims();
    assert!(
        samples == 1 || samples == num_samples,
        "the parameters are those of {samples} samples, {num_samples} were asked for"
    );
    parameter.expand([num_samples, batch, features])
}

/// Both tensors in their common shape, so that every entry has its own noise and entropy.
pub(super) fn broadcast<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> [Tensor<D>; 2] {
    let (l, r) = (left.dims(), right.dims());
    if l == r {
        return [left, right];
    }
    let shape: [usize; D] =
        std::array::from_fn(|axis| if l[axis] == 1 { r[axis] } else { l[axis] });
    [left.expand(shape), right.expand(shape)]
}

/// Uniform numbers of the shape of `like`, a parameter that was [repeated for all
/// samples](for_samples).
pub(super) fn uniform(like: &Tensor<3>, noise: &mut Noise) -> Tensor<3> {
    noise
        .uniform(like.dims(), &like.device())
        .cast(like.dtype())
}

/// Separate noise for rejection sampling. So later draws do not depend on the number of rejections.
fn tries(noise: &mut Noise) -> Noise {
    let [own] = noise.split();
    own
}

/// Calls `propose` for every entry that has no value yet, with two uniform numbers and a standard
/// normal one, until all entries have a value.
fn until_accepted(
    shape: [usize; 3],
    noise: &mut Noise,
    propose: impl Fn(usize, [f64; 2], f64) -> Option<f64>,
) -> Vec<f64> {
    let mut noise = tries(noise);
    let mut values: Vec<Option<f64>> = vec![None; shape.iter().product()];
    while values.contains(&None) {
        let [first, second] = [(); 2].map(|()| noise.uniform_numbers(shape));
        let normal = noise.normal_numbers(shape);
        for (i, value) in values
            .iter_mut()
            .enumerate()
            .filter(|(_, value)| value.is_none())
        {
            let uniform = [first[i], second[i]].map(f64::from);
            *value = propose(i, uniform, f64::from(normal[i]));
        }
    }
    values.into_iter().flatten().collect()
}

fn numbers(tensor: &Tensor<3>) -> Vec<f64> {
    let numbers = tensor.clone().without_autodiff().try_into_vec_as::<f64>();
    numbers.expect("the device gives numbers back")
}

fn like(tensor: &Tensor<3>, values: Vec<f64>) -> Tensor<3> {
    let data = TensorData::new(values, tensor.dims()).convert_dtype(tensor.dtype());
    Tensor::from_data(data, (&tensor.device(), tensor.dtype()))
}

/// The logarithm of a draw of Gamma(shape, 1) for each entry of `shape` (Marsaglia and Tsang 2000);
/// NaN if the shape is NaN or negative.
pub(super) fn ln_gamma(shape: &Tensor<3>, noise: &mut Noise) -> Tensor<3> {
    let shapes = numbers(shape);
    // For a below 1, Gamma(a) is distributed as Gamma(a + 1) · U^(1/a).
    let boost = {
        let mut noise = tries(noise);
        noise.uniform_numbers(shape.dims())
    };
    let values = until_accepted(shape.dims(), noise, |i, [u, _], x| {
        let a = if shapes[i] < 1.0 {
            shapes[i] + 1.0
        } else {
            shapes[i]
        };
        // Otherwise no proposal would ever be accepted.
        match shapes[i] {
            shape if shape.is_nan() || shape < 0.0 => return Some(f64::NAN),
            f64::INFINITY => return Some(f64::INFINITY),
            _ => (),
        }
        let d = a - 1.0 / 3.0;
        let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
        let accepted = v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln();
        accepted.then_some(d * v)
    });
    let boosted = values
        .into_iter()
        .enumerate()
        .map(|(i, value)| match shapes[i] < 1.0 {
            true => value.ln() + f64::from(boost[i]).ln() / shapes[i],
            false => value.ln(),
        });
    like(shape, boosted.collect())
}

/// A draw of Poisson(rate) for each entry of `rate`. Rates below 10 take inversion, others
/// transformed rejection (Hörmann 1993). NaN if the rate is.
pub(super) fn poisson(rate: &Tensor<3>, noise: &mut Noise) -> Tensor<3> {
    let rates = numbers(rate);
    let values = until_accepted(rate.dims(), noise, |i, [u, v], _| match rates[i] {
        rate if rate.is_nan() => Some(rate), // no proposal would be accepted
        rate if rate < 10.0 => Some(inverted(rate, u)),
        rate if rate > 1e15 => Some(rate), // its root is below a number's own rounding of it
        rate => transformed(rate, u, v),
    });
    like(rate, values)
}

/// The inverse of the distribution function at `u`.
fn inverted(rate: f64, u: f64) -> f64 {
    let (mut count, mut probability) = (0.0, (-rate).exp());
    let mut sum = probability;
    while sum < u && probability > 0.0 {
        count += 1.0;
        probability *= rate / count;
        sum += probability;
    }
    count
}

/// One proposal of the algorithm PTRS; `None` if it is rejected.
fn transformed(rate: f64, u: f64, v: f64) -> Option<f64> {
    let b = 0.931 + 2.53 * rate.sqrt();
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let u = u - 0.5;
    let us = 0.5 - u.abs();
    let k = ((2.0 * a / us + b) * u + rate + 0.43).floor();
    if us >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2.0) {
        return Some(k);
    }
    if k < 0.0 || (us < 0.013 && v > us) {
        return None;
    }
    let left = (v * inverse_alpha / (a / (us * us) + b)).ln();
    let right = k * rate.ln() - rate - ln_gamma_of(k + 1.0);
    (left <= right).then_some(k)
}
