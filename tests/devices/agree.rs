//! Results on the other device against the processor's.

use burn_bayes::prelude::*;

/// The numbers -1 to 1 of a shape, always the same.
pub fn numbers<const D: usize>(shape: [usize; D], seed: usize, device: &Device) -> Tensor<D> {
    let count = shape.iter().product();
    let numbers = (0..count).map(|i: usize| ((i * 37 + seed) % 101) as f32 / 50.0 - 1.0);
    Tensor::from_data(TensorData::new(numbers.collect(), shape), device)
}

pub fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.try_into_vec_as::<f64>().unwrap()
}

/// Parts of a result, on the other device and on the processor. The device runs it three times:
/// operations are fused in another way once a sequence is known.
pub fn assert_same(name: &str, device: &Device, result: impl Fn(&Device) -> Vec<Vec<f64>>) {
    let largest = |numbers: &[f64]| numbers.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
    let expected = result(&Device::flex());
    // Some gradients are 0, as those of biases before a batch normalization, or rounding of the
    // others.
    let all = largest(&expected.concat());
    for _ in 0..3 {
        let found = result(device);
        assert_eq!(found.len(), expected.len(), "{name}: parts");
        for (part, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found.len(), expected.len(), "{name}: part {part}");
            // Some hundred terms of a sum, up to ten times the sum itself, are rounded in `f32`.
            // Draws differ by 2e-6, and a GPU's exponentials and logarithms by some last digits.
            let size = largest(expected).max(0.01 * all);
            for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
                let error = (found - expected).abs();
                let at = format!("{name}, part {part}, entry {i}");
                assert!(error <= 1e-4 * size, "{at}: {found}, not {expected}");
            }
        }
    }
}
