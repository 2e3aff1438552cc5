//! Layers that each end in a non-linearity, with batch normalization or without.

use super::{Activation, Dense, Initializer, Products, Weights};
use crate::noise::Noise;
use burn::{
    config::Config,
    module::Module,
    nn::{BatchNorm, BatchNormConfig},
    tensor::{Device, Tensor},
};

/// Configuration of a [`Trunk`].
#[derive(Config, Debug)]
pub struct TrunkConfig {
    /// The number of input features.
    pub d_input: usize,
    /// The widths of the layers, in order.
    pub widths: Vec<usize>,
    /// The non-linearity after each layer.
    #[config(default = "Activation::Tanh")]
    pub activation: Activation,
    /// Whether each layer's output is normalized over the batch before the non-linearity.
    #[config(default = false)]
    pub batch_norm: bool,
    /// Whether weights are fixed or random.
    #[config(default = "Weights::Fixed")]
    pub weights: Weights,
    /// The distribution of the initial weights; of their initial means if weights are random.
    #[config(default = "Initializer::GlorotUniform")]
    pub initializer: Initializer,
}

/// Linear layers, each followed by optional batch normalization and a non-linearity. Other layers
/// take its output.
///
/// In training, on a device with autodiff, batch normalization takes mean and variance over all
/// rows and samples of the batch. Otherwise it takes their running averages (Ioffe and Szegedy
/// 2015).
///
/// # Example
///
/// ```
/// use burn_bayes::{layer::TrunkConfig, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let trunk = TrunkConfig::new(784, vec![512, 512]).with_batch_norm(true).init(&device, &mut noise);
/// let x = Tensor::<3>::zeros([1, 100, 784], &device);
/// assert_eq!(trunk.forward(x, 1, &mut noise).dims(), [1, 100, 512]);
/// ```
#[derive(Module, Debug)]
pub struct Trunk {
    /// The linear layers, in order.
    pub layers: Vec<Dense>,
    /// The normalization after each; empty if there is none.
    pub norms: Vec<BatchNorm>,
    #[module(skip)]
    activation: Activation,
}

crate::random_weights!(Trunk { layers });

impl TrunkConfig {
    /// Makes the layers.
    ///
    /// # Panics
    ///
    /// If a width is 0 or a standard deviation is not a positive number.
    pub fn init(&self, device: &Device, noise: &mut Noise) -> Trunk {
        let mut d_input = self.d_input;
        let layers = self.widths.iter().map(|&width| {
            let sizes = [std::mem::replace(&mut d_input, width), width];
            Dense::new(sizes, self.weights, self.initializer, device, noise)
        });
        let norms = self.widths.iter().filter(|_| self.batch_norm);
        Trunk {
            layers: layers.collect(),
            norms: norms
                .map(|&width| BatchNormConfig::new(width).init(device))
                .collect(),
            activation: self.activation,
        }
    }
}

impl Trunk {
    /// The last layer's output; without layers the input.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_input]` → `[1 or num_samples, batch, width]`.
    pub fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let layers = self.layers.iter().enumerate();
        layers.fold(input, |hidden, (i, layer)| match self.norms.get(i) {
            Some(norm) => {
                let output = layer.forward(hidden, num_samples, noise);
                self.activation.forward(normalized(norm, output))
            }
            None => {
                let (products, activation) = (Products::Full, self.activation);
                layer.forward_in(hidden, num_samples, noise, products, activation)
            }
        })
    }

    /// Whether rows of a batch depend on one another while training.
    pub fn uses_batch_statistics(&self) -> bool {
        !self.norms.is_empty()
    }

    /// The same with some inputs switched off: `keep` is `[d_input]`, 1 to keep and 0 to switch
    /// off. `None` without layers.
    pub(crate) fn without_inputs(&self, keep: Tensor<1>) -> Option<Self> {
        let mut trunk = self.clone();
        let first = trunk.layers.first_mut()?;
        *first = first.switched(Some(keep), None);
        Some(trunk)
    }
}

/// Normalizes over all rows and samples.
fn normalized(norm: &BatchNorm, output: Tensor<3>) -> Tensor<3> {
    let [samples, batch, width] = output.dims();
    let rows = output.reshape([samples * batch, width]);
    norm.forward(rows).reshape([samples, batch, width])
}

/// A [`Trunk`] followed by a linear layer: an [`Mlp`](super::Mlp) whose hidden layers may have
/// batch normalization.
#[derive(Module, Debug)]
pub struct TrunkMlp {
    /// The hidden layers.
    pub trunk: Trunk,
    /// The last layer.
    pub last: Dense,
}

crate::random_weights!(TrunkMlp { trunk, last });

impl TrunkMlp {
    /// d_input and d_output.
    pub(crate) fn widths(&self) -> [usize; 2] {
        let first = self.trunk.layers.first().unwrap_or(&self.last);
        [first.widths()[0], self.last.widths()[1]]
    }

    /// Makes hidden layers of this configuration, then a last layer with the same settings of
    /// weights.
    ///
    /// # Panics
    ///
    /// Where [`TrunkConfig::init`] panics.
    pub fn new(trunk: &TrunkConfig, d_output: usize, device: &Device, noise: &mut Noise) -> Self {
        let width = trunk.widths.last().copied().unwrap_or(trunk.d_input);
        let sizes = [width, d_output];
        Self {
            trunk: trunk.init(device, noise),
            last: Dense::new(sizes, trunk.weights, trunk.initializer, device, noise),
        }
    }
}

impl TrunkMlp {
    /// The last layer's output.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_input]` → `[1 or num_samples, batch, d_output]`.
    pub fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let hidden = self.trunk.forward(input, num_samples, noise);
        self.last.forward(hidden, num_samples, noise)
    }

    /// The same with some inputs switched off.
    pub(crate) fn without_inputs(&self, keep: Tensor<1>) -> Self {
        let mut network = self.clone();
        match self.trunk.without_inputs(keep.clone()) {
            Some(trunk) => network.trunk = trunk,
            None => network.last = self.last.switched(Some(keep), None),
        }
        network
    }

    /// The same with some outputs at 0.
    pub(crate) fn without_outputs(&self, keep: Tensor<1>) -> Self {
        let mut network = self.clone();
        network.last = self.last.switched(None, Some(keep));
        network
    }
}
