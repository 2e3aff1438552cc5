//! A sum of all entries that does not depend on threads.

use super::body::{Body, body};
use burn::tensor::Tensor;

/// From so many entries on, Flex gives parts of a sum to threads, and adds the parts in an order
/// that is another from run to run (burn 0.22.1).
const DIVIDED: usize = 1 << 22;

/// The sum of all entries, shape `[1]`.
pub(crate) fn sum<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    if body(&tensor) != Body::Flex || tensor.shape().num_elements() < DIVIDED {
        return tensor.sum();
    }
    let by_axis = (0..D).rev().fold(tensor, |sum, axis| sum.sum_dim(axis));
    by_axis.reshape([1])
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    /// With two threads burn's own sum has two values.
    #[test]
    fn a_large_sum_is_the_same_every_time() {
        let shape = [3, 1000, 1400];
        let words = (0..4_200_000u32).map(|i| i.wrapping_mul(2_654_435_761) >> 8);
        let squares: Vec<f32> = words.map(|word| (word as f32).powi(2)).collect();
        let data = TensorData::new(squares, shape);
        let squares = Tensor::<3>::from_data(data, &Device::default());
        let exact: f64 = squares.to_data().iter::<f64>().sum();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2);
        let sums = pool
            .build()
            .unwrap()
            .install(|| [(); 30].map(|()| sum(squares.clone()).into_scalar::<f32>()));
        assert!(sums.iter().all(|sum| sum.to_bits() == sums[0].to_bits()));
        // Sums of 1400 and less, each with roundings of 6e-8.
        assert!((f64::from(sums[0]) / exact - 1.0).abs() < 1e-5);
    }
}
