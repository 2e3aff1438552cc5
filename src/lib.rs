//! Probabilistic deep learning on [burn](https://burn.dev): Bayesian layers with local
//! reparametrization, Gaussian encoders and decoders, and the VAE, IWAE and IWAEU bounds.
//!
//! # A complete program
//!
//! An importance weighted autoencoder whose encoder and decoder have random weights (IWAEU) learns
//! the four 2×2 images that have one row or one column of ones, among all sixteen.
//!
//! ```
//! use burn::optim::GradientsParams;
//! use burn_bayes::prelude::*;
//!
//! let device = Device::default().autodiff();
//! let noise = Noise::seeded(1); // the one source of randomness
//! let images = [[1., 1., 0., 0.], [0., 0., 1., 1.], [1., 0., 1., 0.], [0., 1., 0., 1.]];
//! let x = Tensor::<2>::from_floats(images, &device);
//!
//! let mut model = VaeConfig::new(4, 2)
//!     .with_hidden(vec![16])
//!     .with_uncertainty(Uncertainty::EncoderAndDecoder) // None: IWAE, Encoder: IWAEU_rec
//!     .init(&device, &mut noise.fork(0));
//! let mut adam = AdamConfig::new().init();
//! for step in 0..300 {
//!     let log_weights = model.log_weights(x.clone(), 10, &mut noise.fork(1).fork(step));
//!     let bound = bound::iwaeu(log_weights.total(), WeightKl::None); // nats for each image
//!     let gradients = GradientsParams::from_grads((-bound.mean()).backward(), &model);
//!     model = adam.step(0.02, model, gradients);
//! }
//!
//! let settings = LogLikelihoodSettings { num_samples: 500, ..Default::default() };
//! let estimate = evaluate::log_likelihood(&model.valid(), x.inner(), &settings, &noise.fork(2))?;
//! let best = -(4.0f64.ln()); // four images, equally likely
//! assert!(estimate.mean() > best - 0.5 && estimate.mean() < best + 0.1);
//! # Ok::<(), burn_bayes::Error>(())
//! ```
//!
//! # Where things are
//!
//! | module | holds |
//! | --- | --- |
//! | [`noise`] | [`Noise`](noise::Noise): random tensors as a function of their coordinates |
//! | [`distribution`] | [`Normal`](distribution::Normal), [`Bernoulli`](distribution::Bernoulli) |
//! | [`bound`] | [`vae`](bound::vae), [`iwae`](bound::iwae), [`iwaeu`](bound::iwaeu): functions of log-weights |
//! | [`layer`] | [`BayesianLinear`](layer::BayesianLinear), [`Dense`](layer::Dense), [`Mlp`](layer::Mlp) |
//! | [`network`] | [`GaussianEncoder`](network::GaussianEncoder), [`GaussianDecoder`](network::GaussianDecoder), [`BernoulliDecoder`](network::BernoulliDecoder) |
//! | [`model`] | [`LatentVariableModel`](model::LatentVariableModel), and [`Vae`](model::Vae), one with a stochastic layer; [`IncompleteVae`](model::IncompleteVae), for missing cells |
//! | [`evaluate`] | [`log_likelihood`](evaluate::log_likelihood) by importance sampling, [`report`](evaluate::report): everything about it in one call, [`compare`](evaluate::compare), [`predictive_variance`](evaluate::predictive_variance) |
//! | [`data`] | [`Source`](data::Source), [`Datapoints`](data::Datapoints), [`Binarized`](data::Binarized), [`Paired`](data::Paired); with feature `data` IDX files and MNIST |
//! | `train` | training on burn's engine, with feature `train` |
//! | `draw` | image grids and charts, with feature `draw` |
//! | `interchange` | results for NumPy, xarray and ArviZ, with feature `safetensors`, as are weights for PyTorch |
//!
//! # Conventions
//!
//! Tensors on the data path are `[samples, batch, features]`, log-weights `[k, batch]`, bounds
//! `[batch]`. A *bound* is in nats per datapoint and higher is better; a *loss* is a scalar and
//! lower is better. Shapes that do not fit panic, as in burn; what comes from outside gives an
//! [`Error`].
//!
//! # Features
//!
//! `flex` (a CPU backend) and `autodiff` are on by default. Other backends: `ndarray`, `wgpu`,
//! `vulkan`, `metal`, `webgpu`, `cuda`, `rocm`; `wgpu-untuned` is `wgpu` without autotuning.
//! `train` adds burn's training engine, `data` the data sets, `draw` pictures; `safetensors` files for
//! other programs; `approx` results that are nearly equal.
//!
//! In `f32`, operations that dominate time have fused bodies on Flex and, where burn's own fusion
//! does not reach, on GPUs; all others are burn's own.

#![warn(missing_docs)]
#![deny(unsafe_code)]

pub mod bound;
pub mod data;
mod device;
mod difference;
pub mod distribution;
#[cfg(feature = "draw")]
pub mod draw;
pub mod error;
pub mod evaluate;
mod file;
#[cfg(feature = "autodiff")]
pub mod gradient;
mod hash;
#[cfg(feature = "safetensors")]
pub mod interchange;
mod kernel;
pub mod layer;
pub mod model;
pub mod network;
pub mod noise;
#[cfg(feature = "autodiff")]
pub mod objective;
#[cfg(feature = "autodiff")]
pub mod optimizer;
mod record;
#[cfg(feature = "train")]
pub mod train;

pub use device::{DeviceTable, default_device_name, device_by_name};
pub use error::{Error, Result};

/// Everything a program usually needs, burn's tensors, devices and modules included.
pub mod prelude {
    #[cfg(feature = "train")]
    pub use crate::train::{Schedule, TrainingConfig};
    pub use crate::{
        bound::{self, WeightKl},
        data::{Binarization, Datapoints, Paired, Source},
        distribution::{Bernoulli, Distribution, Normal, Reparameterized, Support},
        error::Error,
        evaluate::{self, LogLikelihood, LogLikelihoodSettings, Report, ReportSettings},
        layer::{
            Activation, BayesianLinear, BayesianLinearConfig, Dense, Initializer, Mlp, MlpConfig,
            Products, RandomWeights, WeightPrior, Weights,
        },
        model::{
            ConditionalVae, Hierarchy, IncompleteVae, Ladder, LadderConfig, LatentVariableModel,
            Latents, LogWeights, Prior, StandardNormal, Uncertainty, Vae, VaeConfig,
        },
        network::{
            BernoulliDecoder, Columns, ColumnsDecoder, Conditional, Decoder, DiagonalNormal,
            Family, GaussianDecoder, GaussianEncoder, Head, Network, Scale,
        },
        noise::Noise,
        random_weights,
    };
    #[cfg(feature = "autodiff")]
    pub use crate::{
        objective::{ChargedWeights, Objective},
        optimizer::AdamConfig,
    };
    pub use burn::prelude::{Config, Device, Module, Tensor, TensorData};
}

/// The programs of the README and the docs, compiled and run as tests.
#[cfg(all(doctest, feature = "data"))]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../docs/evaluation.md")]
#[doc = include_str!("../docs/extending.md")]
#[cfg_attr(feature = "safetensors", doc = include_str!("../docs/interchange.md"))]
#[doc = include_str!("../docs/models.md")]
#[doc = include_str!("../docs/recipes.md")]
struct ReadmeDoctests;
