//! Numbers of `f64`.

use burn::tensor::{DType, activation::sigmoid};
use burn_bayes::prelude::*;
use skipped::skipped;

/// Whether a device computes in `f64`. Some say so and give numbers of `f32` or none. burn's
/// NdArray has logarithms of `f64`, but sigmoids of `f32`.
pub fn has_f64(device: &Device) -> bool {
    let two = || Tensor::<1>::from_data([2.0f64], (device, DType::F64));
    let is =
        |found: Tensor<1>, expected: f64| (found.into_scalar::<f64>() - expected).abs() < 1e-12;
    let good = device.supports_dtype(DType::F64)
        && is(two().log(), std::f64::consts::LN_2)
        && is(sigmoid(two()), 1.0 / (1.0 + (-2.0f64).exp()));
    if !good {
        skipped("f64");
    }
    good
}
