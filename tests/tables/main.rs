//! Tables: columns of several families, and missing cells.

mod classes;
mod columns;
#[path = "../common/mod.rs"]
mod common;
mod exact;
mod missing;

use burn::tensor::DType;
use burn_bayes::prelude::*;

/// The numbers of a tensor.
fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.without_autodiff().try_into_vec_as::<f64>().unwrap()
}

/// Rows of numbers, NaN among them.
fn rows<const N: usize>(rows: &[[f32; N]], device: &Device) -> Tensor<2> {
    let data = TensorData::new(rows.concat(), [rows.len(), N]);
    Tensor::from_data(data, (device, DType::F32))
}

fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let close = (found - expected).abs() <= tolerance * (1.0 + expected.abs());
        assert!(close, "{what}, number {i}: {found}, expected {expected}");
    }
}
