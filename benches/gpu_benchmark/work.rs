//! What is trained and evaluated.

use burn::optim::{GradientsParams, ModuleOptimizer};
use burn_bayes::prelude::*;
use clap::ValueEnum;

pub const DATA: usize = 784;
pub const HIDDEN: usize = 400;
pub const LATENT: usize = 40;
/// Of white pixels, about that of MNIST.
pub const DENSITY: f64 = 0.13;

#[derive(Clone, Copy, PartialEq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Method {
    Vae,
    Iwae,
    IwaeuRec,
    Iwaeu,
}

impl Method {
    pub const ALL: [Self; 4] = [Self::Vae, Self::Iwae, Self::IwaeuRec, Self::Iwaeu];

    pub fn name(self) -> &'static str {
        match self {
            Self::Vae => "VAE",
            Self::Iwae => "IWAE",
            Self::IwaeuRec => "IWAEU_rec",
            Self::Iwaeu => "IWAEU",
        }
    }

    pub fn model(self, products: Products, device: &Device) -> Vae {
        let uncertainty = match self {
            Self::Vae | Self::Iwae => Uncertainty::None,
            Self::IwaeuRec => Uncertainty::Encoder,
            Self::Iwaeu => Uncertainty::EncoderAndDecoder,
        };
        VaeConfig::new(DATA, LATENT)
            .with_hidden(vec![HIDDEN])
            .with_uncertainty(uncertainty)
            .with_products(products)
            .init(device, &mut Noise::seeded(0))
    }

    /// Operations of the matrix products of a step: forward once, backward to weights and inputs
    /// once each, except to the data. A layer with random weights has two products for one.
    pub fn step_operations(self, batch: usize, k: usize) -> f64 {
        let twice = |random: bool| if random { 2.0 } else { 1.0 };
        let encoder = twice(matches!(self, Self::IwaeuRec | Self::Iwaeu));
        let decoder = twice(self == Self::Iwaeu);
        let once = |rows: usize, d_input: usize, d_output: usize| {
            2.0 * rows as f64 * d_input as f64 * d_output as f64
        };
        // The encoder's second layer has samples only if its first has random weights.
        let heads = if encoder > 1.0 { k * batch } else { batch };
        encoder * 2.0 * once(batch, DATA, HIDDEN)
            + encoder * 3.0 * once(heads, HIDDEN, 2 * LATENT)
            + decoder * 3.0 * once(k * batch, LATENT, HIDDEN)
            + decoder * 3.0 * once(k * batch, HIDDEN, DATA)
    }

    /// Bytes that a step must move at least if only the activations that matrix products read and
    /// write pass the memory, each of them once forward and twice backward.
    pub fn step_bytes(self, batch: usize, k: usize, bytes: f64) -> f64 {
        let rows = (k * batch) as f64;
        let decoder = if self == Self::Iwaeu { 2.0 } else { 1.0 };
        let encoder = match self {
            Self::IwaeuRec | Self::Iwaeu => 2.0 * rows * (HIDDEN + 2 * LATENT) as f64,
            Self::Vae | Self::Iwae => batch as f64 * (HIDDEN + 2 * LATENT) as f64,
        };
        3.0 * bytes * (encoder + decoder * rows * (LATENT + HIDDEN + DATA) as f64)
    }
}

pub fn images(count: usize, device: &Device) -> Tensor<2> {
    let numbers = Noise::seeded(1).uniform([1, count, DATA], device);
    numbers.lower_elem(DENSITY).float().squeeze_dim(0)
}

/// A model in training.
pub struct Training {
    pub model: Vae,
    adam: ModuleOptimizer,
    x: Tensor<2>,
    k: usize,
    number: u64,
}

impl Training {
    pub fn new(
        method: Method,
        products: Products,
        adam: AdamConfig,
        x: Tensor<2>,
        k: usize,
    ) -> Self {
        let device = x.device().autodiff();
        Self {
            model: method.model(products, &device),
            adam: adam.init(),
            x,
            k: if method == Method::Vae { 1 } else { k },
            number: 0,
        }
    }

    /// One step; the bound's mean over the batch, still on the device.
    pub fn step(&mut self) -> Tensor<1> {
        let mut noise = Noise::seeded(2).fork(self.number);
        self.number += 1;
        let log_weights = self.model.log_weights(self.x.clone(), self.k, &mut noise);
        let bound = bound::iwae(log_weights.total()).mean();
        let gradients = GradientsParams::from_grads((-bound.clone()).backward(), &self.model);
        self.model = self.adam.step(1e-3, self.model.clone(), gradients);
        bound.inner()
    }
}
