//! Initial values of weights.

use crate::noise::Noise;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// The distribution of a weight matrix's initial values. Biases start at 0.
///
/// The fan-in is d_input, the fan-out d_output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Initializer {
    /// Uniform on ±√(6/(d_input + d_output)) (Glorot and Bengio 2010).
    #[default]
    GlorotUniform,
    /// Normal with variance 2/(d_input + d_output) (Glorot and Bengio 2010).
    GlorotNormal,
    /// Normal with variance 2/d_input, for rectifiers (He et al. 2015).
    HeNormal,
    /// Normal with a given standard deviation.
    Normal {
        /// The standard deviation.
        std: f64,
    },
}

impl Initializer {
    /// A matrix of initial weights `[d_input, d_output]`.
    ///
    /// # Panics
    ///
    /// If a size is 0, or a standard deviation is not a positive number.
    pub fn init(
        &self,
        [d_input, d_output]: [usize; 2],
        device: &Device,
        noise: &mut Noise,
    ) -> Tensor<2> {
        assert!(
            d_input > 0 && d_output > 0,
            "a layer of {d_input} by {d_output} units has no weights"
        );
        if let Self::Normal { std } = self {
            assert!(
                *std > 0.0 && std.is_finite(),
                "the initial weights' standard deviation must be a positive number, it is {std}"
            );
        }
        let shape = [d_input, d_output];
        let fans = (d_input + d_output) as f64;
        let normal =
            |std: f64, noise: &mut Noise| noise.normal_matrix(shape, device).mul_scalar(std);
        match self {
            Self::GlorotUniform => {
                let limit = (6.0 / fans).sqrt();
                noise
                    .uniform_matrix(shape, device)
                    .mul_scalar(2.0 * limit)
                    .sub_scalar(limit)
            }
            Self::GlorotNormal => normal((2.0 / fans).sqrt(), noise),
            Self::HeNormal => normal((2.0 / d_input as f64).sqrt(), noise),
            Self::Normal { std } => normal(*std, noise),
        }
    }
}
