//! p(x | z) for real data.

use super::{Conditional, Head};
use crate::{
    distribution::{Normal, Support},
    kernel::{self, Function},
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The floors that a log-variance or a log-scale can have. Far below, `f32` would round away what
/// a network adds to it.
pub(super) const FLOORS: RangeInclusive<f64> = -80.0..=80.0;

/// That of a fixed standard deviation; NaN for a number below 0.
pub(super) fn log_variance_of(std: f64) -> f64 {
    2.0 * std.ln()
}

/// How the standard deviation of real data is set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Scale {
    /// The network computes a log-variance for each feature. It is softly limited from below: floor
    /// + softplus(output − floor). Without a floor the density of a constant pixel is unbounded.
    Learned {
        /// The floor of the log-variance, from −80 to 80.
        min_log_variance: f64,
    },
    /// The same for every feature and row.
    Fixed {
        /// The standard deviation.
        std: f64,
    },
}

impl Default for Scale {
    fn default() -> Self {
        Self::Learned {
            min_log_variance: -10.0,
        }
    }
}

/// A network for p(x | z) = N(loc(z), scale²), with independent features.
///
/// With a learned scale the network has 2·d_output outputs: the means, then the log-variances.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let mlp = MlpConfig::new(2, vec![50], 560);
/// let decoder = GaussianDecoder::new(&mlp, Scale::default(), &device, &mut noise);
/// let z = noise.normal([5, 100, 2], &device);
/// let p = decoder.forward(z, 5, &mut noise);
/// assert_eq!(p.log_prob(Tensor::zeros([1, 100, 560], &device)).dims(), [5, 100]);
/// ```
pub type GaussianDecoder<N = Mlp> = Conditional<NormalHead, N>;

/// The head of a [`GaussianDecoder`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NormalHead {
    /// How the standard deviation is set.
    pub scale: Scale,
}

impl NormalHead {
    /// The head of this scale.
    ///
    /// # Panics
    ///
    /// If a floor, or the logarithm of a fixed variance, is not from −80 to 80.
    pub fn new(scale: Scale) -> Self {
        match scale {
            Scale::Fixed { std } => assert!(
                FLOORS.contains(&log_variance_of(std)),
                "the decoder's standard deviation must be from 1e-17 to 1e17, it is {std}"
            ),
            Scale::Learned { min_log_variance } => assert!(
                FLOORS.contains(&min_log_variance),
                "the floor of the decoder's log-variance must be from -80 to 80, it is \
                 {min_log_variance}"
            ),
        }
        Self { scale }
    }
}

impl Head for NormalHead {
    type Output = Normal<3>;

    fn num_outputs(&self, num_features: usize) -> usize {
        match self.scale {
            Scale::Learned { .. } => 2 * num_features,
            Scale::Fixed { .. } => num_features,
        }
    }

    fn distribution(&self, outputs: Tensor<3>) -> Normal<3> {
        match self.scale {
            Scale::Learned { min_log_variance } => {
                let [loc, raw] = kernel::halves(outputs);
                let above = kernel::apply(Function::Softplus, raw.sub_scalar(min_log_variance));
                let log_variance = above.add_scalar(min_log_variance);
                Normal::from_log_variance(loc, log_variance)
            }
            Scale::Fixed { std } => {
                let like = (&outputs.device(), outputs.dtype());
                let scale = Tensor::full([1, 1, 1], std, like);
                Normal::new(outputs, scale)
            }
        }
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

impl GaussianDecoder {
    /// Makes the decoder. `mlp.d_output` is the number of data features; a learned scale doubles
    /// it.
    ///
    /// # Panics
    ///
    /// Where [`NormalHead::new`] and [`MlpConfig::init`] panic.
    pub fn new(mlp: &MlpConfig, scale: Scale, device: &Device, noise: &mut Noise) -> Self {
        Self::with_mlp(mlp, NormalHead::new(scale), device, noise)
    }
}
