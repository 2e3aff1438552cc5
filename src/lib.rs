//! Deep generative models with uncertain weights on [burn](https://burn.dev): Bayesian layers with
//! local reparametrization, encoders, decoders for eleven families of data, posteriors, priors, and
//! the VAE, IWAE and IWAEU bounds among others.
//!
//! # A complete program
//!
//! An importance weighted autoencoder with random weights in encoder and decoder (IWAEU) learns
//! four of the sixteen binary 2×2 images: those with one row or one column of ones.
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
//! The [guide] has a chapter for each task. Its pages are in the folder `docs`, too.
//!
//! [guide]: https://docs.rs/burn-bayes/latest/burn_bayes/guide/index.html
//!
//! # Where things are
//!
//! | module | holds |
//! | --- | --- |
//! | [`noise`] | [`Noise`](noise::Noise): random tensors as a function of their coordinates |
//! | [`distribution`] | [`Distribution`](distribution::Distribution), [`Normal`](distribution::Normal), [`Bernoulli`](distribution::Bernoulli) and others |
//! | [`bound`] | [`vae`](bound::vae), [`iwae`](bound::iwae), [`iwaeu`](bound::iwaeu): functions of log-weights |
//! | [`layer`] | [`BayesianLinear`](layer::BayesianLinear), [`Dense`](layer::Dense), [`Mlp`](layer::Mlp) |
//! | [`network`] | [`GaussianEncoder`](network::GaussianEncoder), [`GaussianDecoder`](network::GaussianDecoder), [`BernoulliDecoder`](network::BernoulliDecoder); [`Family`](network::Family), [`Columns`](network::Columns) for other data |
//! | [`model`] | [`LatentVariableModel`](model::LatentVariableModel), and [`Vae`](model::Vae), one with a stochastic layer or a [`Hierarchy`](model::Hierarchy) of them; [`Ladder`](model::Ladder); [`ConditionalVae`](model::ConditionalVae), with covariates; [`IncompleteVae`](model::IncompleteVae), for missing cells |
//! | `objective` | `Objective`: a bound, its gradient estimator, warm-up, and how weights are charged, with feature `autodiff` |
//! | `gradient` | estimators of gradients, with feature `autodiff` |
//! | `optimizer` | Adam with fused steps, with feature `autodiff` |
//! | [`evaluate`] | [`log_likelihood`](evaluate::log_likelihood) by importance sampling, [`report`](evaluate::report): with its errors and active units, [`compare`](evaluate::compare), [`predictive_variance`](evaluate::predictive_variance) |
//! | [`data`] | [`Source`](data::Source), [`Datapoints`](data::Datapoints), [`Binarized`](data::Binarized), [`Paired`](data::Paired); with feature `data` IDX and MATLAB files, MNIST and OMNIGLOT |
//! | [`error`] | [`Error`]: what failed, and the cure |
//! | [`progress`] | [`Progress`](progress::Progress): what trainings, reports and downloads show meanwhile |
//! | `train` | training on burn's engine, with feature `train` |
//! | `draw` | image grids and charts, with feature `draw` |
//! | `interchange` | results for NumPy, xarray and ArviZ, with feature `safetensors`, as are weights for PyTorch |
//!
//! # Conventions
//!
//! Data, latents and activations are `[samples, batch, features]`, log-weights `[k, batch]`, bounds
//! `[batch]`. A *bound* is in nats per datapoint, and higher is better. A *loss* is a scalar, and
//! lower is better. Shapes that do not fit cause a panic, as in burn. Wrong files and data give an
//! [`Error`]. So do wrong settings in `validate` and in training; constructors panic for them.
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `flex` (default) | burn's CPU backend in pure Rust, with fused operations of this crate |
//! | `autodiff` (default) | gradients, objectives and Adam |
//! | `train` | training on burn's engine: dashboard, metrics, checkpoints |
//! | `data` | IDX and MATLAB files, MNIST, OMNIGLOT, download with checksums |
//! | `draw` | image grids and charts as PNG |
//! | `safetensors` | weights and results for PyTorch, NumPy, xarray and ArviZ |
//! | `approx` | results that are nearly equal, by the traits of that crate |
//! | `ndarray` | burn's CPU backend of that name |
//! | `wgpu` | any GPU, by wgpu |
//! | `wgpu-untuned` | the same without autotuning, if no other GPU feature is on: one matrix product in every run |
//! | `vulkan` | GPUs by SPIR-V, on Linux and Windows |
//! | `metal` | Apple's GPUs |
//! | `webgpu` | a browser's GPU |
//! | `cuda` | NVIDIA's GPUs |
//! | `rocm` | AMD's GPUs, on Linux |
//!
//! In `f32`, the operations that dominate time are fused on Flex. On GPUs this crate fuses those
//! that burn's own fusion cannot. All other operations are burn's own.
//!
//! # Versions
//!
//! This crate needs Rust 1.95 and burn 0.22.1. A release that needs a later version of either is a
//! new minor version. So is one with another version of `rand_core` (0.10) or `approx` (0.5), whose
//! traits stand in the interface.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs)]
#![deny(unsafe_code)]

pub mod bound;
mod configuration;
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
// Nothing but pages, and programs in them that use these features.
#[cfg(all(any(doc, doctest), feature = "data", feature = "train"))]
pub mod guide;
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
pub mod progress;
mod record;
mod special;
#[cfg(feature = "train")]
pub mod train;

pub use device::{DeviceTable, default_device_name, device_by_name};
pub use error::{Error, Result};

/// Everything a program usually needs, burn's tensors, devices and modules included.
pub mod prelude {
    #[cfg(feature = "train")]
    pub use crate::train::{Run, Schedule, TrainingConfig};
    pub use crate::{
        bound::{self, WeightKl},
        data::{Binarization, Binarized, Datapoints, Paired, Source},
        distribution::{Bernoulli, Distribution, Normal, Reparameterized, Support},
        error::Error,
        evaluate::{self, LogLikelihood, LogLikelihoodSettings, Report, ReportSettings},
        layer::{
            Activation, BayesianLinear, BayesianLinearConfig, Dense, Initializer, Mlp, MlpConfig,
            Products, RandomWeights, WeightPrior, Weights,
        },
        model::{
            ConditionalVae, Hierarchy, IncompleteVae, IncompleteVaeConfig, Ladder, LadderConfig,
            LatentVariableModel, Latents, LogWeights, Prior, StandardNormal, Uncertainty, Vae,
            VaeConfig,
        },
        network::{
            BernoulliDecoder, Columns, ColumnsDecoder, Conditional, Decoder, DiagonalNormal,
            Family, GaussianDecoder, GaussianEncoder, Head, Network, Scale,
        },
        noise::Noise,
        progress::Progress,
        random_weights,
    };
    #[cfg(feature = "autodiff")]
    pub use crate::{
        objective::{ChargedWeights, Objective, Step},
        optimizer::AdamConfig,
    };
    pub use burn::prelude::{Config, Device, Module, Tensor, TensorData};
}

/// The programs of the README, compiled as tests.
#[cfg(all(doctest, feature = "data", feature = "train"))]
#[doc = include_str!("../README.md")]
struct Readme;
