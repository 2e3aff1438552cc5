//! How grey levels become the zeros and ones of a Bernoulli distribution.

use super::Datapoints;
use crate::{
    distribution::Support,
    error::{Error, Result},
    noise::Noise,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// The stream of binarization; a number that nobody else will fork.
const STREAM: u64 = u64::from_be_bytes(*b"binarize");

/// How grey levels in [0, 1] become binary. There is no default: published numbers differ by nats
/// with it, so it is always stated.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let grey = Tensor::<2>::from_floats([[0.0, 1.0, 0.5], [0.0, 1.0, 0.5]], &Device::default());
/// let ids = [17, 4]; // which datapoints these rows are
/// let x = Binarization::Fixed { seed: 1 }.apply(grey, &ids, &Noise::seeded(0));
/// let certain: Vec<f32> = x.narrow(1, 0, 2).into_data().try_to_vec().unwrap();
/// assert_eq!(certain, [0.0, 1.0, 0.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binarization {
    /// Each pixel is 1 with the probability of its grey level, drawn anew at each visit (Burda et al.
    /// 2016).
    Dynamic,
    /// Each pixel is 1 with the probability of its grey level, drawn once: a function of the seed,
    /// the datapoint and the pixel.
    Fixed {
        /// The seed of the draw.
        seed: u64,
    },
    /// Numbers are taken as they are. A model of binary data accepts only zeros and ones.
    None,
    /// Numbers are taken as they are, also by a model of binary data: its log-likelihood is then the
    /// expectation over random binarizations, and is not a density.
    Grey,
}

impl Binarization {
    /// The data that a model sees in one visit.
    ///
    /// `noise` is that of the visit; it is used by [`Dynamic`](Self::Dynamic) alone, which takes a stream
    /// of its own from it: nothing else that is drawn from it is correlated with the pixels.
    ///
    /// # Shapes
    ///
    /// `grey` is `[batch, features]`; its rows are the datapoints `ids`.
    pub fn apply(&self, grey: Tensor<2>, ids: &[u32], noise: &Noise) -> Tensor<2> {
        let noise = match self {
            Self::Dynamic => noise.fork(STREAM),
            Self::Fixed { seed } => Noise::seeded(*seed).fork(STREAM),
            Self::None | Self::Grey => return grey,
        };
        let [batch, features] = grey.dims();
        let uniform = noise
            .with_datapoints(ids)
            .uniform([1, batch, features], &grey.device())
            .squeeze_dim(0);
        uniform.lower(grey).float()
    }

    /// Checks that data treated so are what a model of this support can take.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] for numbers outside [0, 1] that are to be binarized, and for grey levels that
    /// reach a model of binary data without having been asked for.
    pub fn check(&self, data: &Datapoints, support: Support) -> Result<()> {
        let first = |bad: fn(f32) -> bool| data.values().iter().position(|&value| bad(value));
        let (index, expected, cure) = match (self, support) {
            (Self::Dynamic | Self::Fixed { .. } | Self::Grey, Support::Binary)
            | (Self::Dynamic | Self::Fixed { .. }, _) => (
                first(|value| !(0.0..=1.0).contains(&value)),
                "grey levels in [0, 1]",
                "divide by the largest possible value",
            ),
            (Self::None, Support::Binary) => (
                first(|value| value != 0.0 && value != 1.0),
                "zeros and ones, for a model of binary data without binarization",
                "choose dynamic or fixed binarization, or ask for grey levels with `Binarization::Grey`",
            ),
            (Self::None | Self::Grey, Support::Real) => (None, "", ""),
        };
        match index {
            None => Ok(()),
            Some(index) => Err(Error::Data {
                name: data.name().into(),
                problem: format!(
                    "expected {expected}; row {}, feature {} is {}",
                    index / data.num_features(),
                    index % data.num_features(),
                    data.values()[index]
                ),
                cure: cure.into(),
            }),
        }
    }
}
