//! The number type of matrix products.

use burn::tensor::{DType, Device};
use serde::{Deserialize, Serialize};

/// The number type in which a network's matrix products are computed.
///
/// Both factors of a product and its result are rounded to this type, also in the backward pass.
/// The result is converted back before the bias is added. Parameters, noise, non-linearities,
/// densities and bounds keep the device's own type.
///
/// On the CPU, `Bf16` rounds only the factors; sums and results are in `f32`. This saves time on
/// CPUs with instructions for such products: Intel AMX and AMD's AVX-512 BF16.
///
/// A layer with random weights also rounds squared inputs and variances. In `f16`, a variance is
/// rounded to 0 where the standard deviation is below 2e-4, and the square of an input above 256 is
/// infinite.
///
/// A device that does not support the narrow type computes products in its own type: see
/// [`is_supported`](Self::is_supported).
///
/// | type | largest number | relative rounding |
/// | --- | --- | --- |
/// | `f32` | 3e38 | 6e-8 |
/// | `f16` | 65504, smallest 6e-8 | 5e-4 |
/// | `bf16` | 3e38 | 4e-3 |
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let mlp = MlpConfig::new(4, vec![8], 2).with_products(Products::F16).init(&device, &mut noise);
/// let y = mlp.forward(Tensor::ones([1, 3, 4], &device), 1, &mut noise);
/// assert_eq!(y.dtype(), device.settings().float_dtype.into()); // not the products' type
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Products {
    /// The type of the parameters.
    #[default]
    Full,
    /// IEEE half precision. Gradients below 6e-8 are lost.
    F16,
    /// The upper 16 bits of `f32`: its exponent, and 8 significant bits.
    Bf16,
}

impl Products {
    /// Whether a device computes products in this type.
    pub fn is_supported(self, device: &Device) -> bool {
        self.narrow()
            .is_none_or(|narrow| device.supports_dtype(narrow))
    }

    fn narrow(self) -> Option<DType> {
        match self {
            Self::Full => None,
            Self::F16 => Some(DType::F16),
            Self::Bf16 => Some(DType::BF16),
        }
    }

    /// The narrow type if the device supports it; `None` for the type of the parameters.
    pub(super) fn on(self, device: &Device) -> Option<DType> {
        self.narrow().filter(|_| self.is_supported(device))
    }
}
