//! Probabilistic deep learning on [burn](https://burn.dev).
#![warn(missing_docs)]

pub mod bound;
pub mod data;
mod device;
pub mod distribution;
pub mod error;
pub mod evaluate;
mod kernel;
pub mod layer;
pub mod model;
pub mod network;
pub mod noise;
#[cfg(feature = "train")]
pub mod train;

pub use device::device_by_name;
pub use error::{Error, Result};

/// Everything a program usually needs, burn's tensors, devices and modules included.
pub mod prelude {
    pub use crate::{
        bound::{self, WeightKl},
        data::{Binarization, Datapoints},
        distribution::{Bernoulli, Normal, Support},
        error::Error,
        evaluate::{self, LogLikelihood, LogLikelihoodSettings},
        layer::{
            Activation, BayesianLinear, BayesianLinearConfig, Dense, Initializer, Mlp, MlpConfig,
            WeightPrior, Weights,
        },
        model::{LatentVariableModel, LikelihoodConfig, LogWeights, Uncertainty, Vae, VaeConfig},
        network::{
            BernoulliDecoder, Decoder, DecoderScale, GaussianDecoder, GaussianEncoder, Likelihood,
        },
        noise::Noise,
    };
    pub use burn::prelude::{Config, Device, Module, Tensor, TensorData};
}
