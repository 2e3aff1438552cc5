//! The sum over the event axis.

use burn::tensor::Tensor;

/// Sums the last axis away: from one number per feature to one number per row.
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
    /// The tensor of one rank less.
    type Output;

    /// Sums over the last axis, which goes away.
    fn sum_features(self) -> Self::Output;
}

macro_rules! impl_sum_features {
    ($($rank:literal => $output:literal),*) => {$(
        impl SumFeatures for Tensor<$rank> {
            type Output = Tensor<$output>;

            fn sum_features(self) -> Self::Output {
                self.sum_dim($rank - 1).squeeze_dim($rank - 1)
            }
        }
    )*};
}

impl_sum_features!(2 => 1, 3 => 2, 4 => 3);
