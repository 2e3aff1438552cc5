//! The sum over the event axis.

use burn::tensor::Tensor;

/// Sums over the last axis: from one number per feature to one number per row.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::SumFeatures, prelude::*};
///
/// let device = Device::default();
/// let per_pixel = Tensor::<3>::ones([25, 100, 784], &device);
/// let per_row: Tensor<2> = per_pixel.sum_features();
/// assert_eq!(per_row.dims(), [25, 100]);
/// ```
pub trait SumFeatures {
    /// The tensor type with one axis less.
    type Output;

    /// Sums over the last axis and removes it.
    fn sum_features(self) -> Self::Output;

    /// From sums `[samples, batch]`. If the output has no sample axis, there is one sample.
    #[doc(hidden)]
    fn from_rows(rows: Tensor<2>) -> Self::Output;
}

impl SumFeatures for Tensor<2> {
    type Output = Tensor<1>;

    fn sum_features(self) -> Tensor<1> {
        self.sum_dim(1).squeeze_dim(1)
    }

    fn from_rows(rows: Tensor<2>) -> Tensor<1> {
        rows.squeeze_dim(0)
    }
}

impl SumFeatures for Tensor<3> {
    type Output = Tensor<2>;

    fn sum_features(self) -> Tensor<2> {
        self.sum_dim(2).squeeze_dim(2)
    }

    fn from_rows(rows: Tensor<2>) -> Tensor<2> {
        rows
    }
}

/// The tensor with a sample axis of 1 if it has none.
pub(super) fn with_samples<const D: usize>(tensor: Tensor<D>) -> Tensor<3> {
    match D {
        3 => tensor.reshape([0, 0, 0]),
        _ => tensor.unsqueeze::<3>(),
    }
}
