//! Numbers of `f64`.

use burn::tensor::DType;
use burn_bayes::prelude::*;
use skipped::skipped;

/// Whether a device computes in `f64`. Some say so and give numbers of `f32` or none.
pub fn has_f64(device: &Device) -> bool {
    let logarithm = || {
        let two = Tensor::<1>::from_data([2.0f64], (device, DType::F64));
        two.log().into_scalar::<f64>()
    };
    let good =
        device.supports_dtype(DType::F64) && (logarithm() - std::f64::consts::LN_2).abs() < 1e-12;
    if !good {
        skipped("f64");
    }
    good
}
