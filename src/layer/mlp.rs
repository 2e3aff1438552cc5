//! A multilayer perceptron.

use super::{Activation, Dense, Initializer, Products, Weights};
use crate::noise::Noise;
use burn::{
    config::Config,
    module::Module,
    tensor::{Device, Int, Tensor},
};

/// Configuration of an [`Mlp`].
///
/// | `hidden` | layers |
/// | --- | --- |
/// | `[]` | d_input → d_output: a linear map |
/// | `[400]` | d_input → 400 → d_output |
/// | `[200, 100]` | d_input → 200 → 100 → d_output |
#[derive(Config, Debug)]
pub struct MlpConfig {
    /// The number of input features.
    pub d_input: usize,
    /// The widths of the hidden layers, in order.
    pub hidden: Vec<usize>,
    /// The number of output features.
    pub d_output: usize,
    /// The non-linearity after each hidden layer; none follows the last layer.
    #[config(default = "Activation::Tanh")]
    pub activation: Activation,
    /// Whether weights are fixed or random.
    #[config(default = "Weights::Fixed")]
    pub weights: Weights,
    /// The distribution of the initial weights; of their initial means if weights are random.
    #[config(default = "Initializer::GlorotUniform")]
    pub initializer: Initializer,
    /// The number type of matrix products.
    #[config(default = "Products::Full")]
    pub products: Products,
}

/// Linear layers with a non-linearity between them. Weights are fixed or random.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let mlp = MlpConfig::new(784, vec![400], 80).with_weights(Weights::random()).init(&device, &mut noise);
/// let x = Tensor::<3>::zeros([1, 100, 784], &device);
/// assert_eq!(mlp.forward(x, 25, &mut noise).dims(), [25, 100, 80]);
/// ```
#[derive(Module, Debug)]
pub struct Mlp {
    /// The layers, in order.
    pub layers: Vec<Dense>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    products: Products,
}

impl MlpConfig {
    /// Makes the network.
    ///
    /// # Panics
    ///
    /// If a width is 0 or a standard deviation is not a positive number.
    pub fn init(&self, device: &Device, noise: &mut Noise) -> Mlp {
        let mut widths = vec![self.d_input];
        widths.extend(&self.hidden);
        widths.push(self.d_output);
        let layers = widths
            .windows(2)
            .map(|pair| {
                Dense::new(
                    [pair[0], pair[1]],
                    self.weights,
                    self.initializer,
                    device,
                    noise,
                )
            })
            .collect();
        Mlp {
            layers,
            activation: self.activation,
            products: self.products,
        }
    }
}

impl Mlp {
    /// The network of these layers, with a non-linearity after each but the last.
    ///
    /// # Panics
    ///
    /// If there is no layer, or a layer's d_input is not the d_output of the one before.
    ///
    /// # Example
    ///
    /// ```
    /// use burn::{module::Param, nn::Linear};
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let weight = Tensor::<2>::from_floats([[2.0], [-1.0]], &device); // [d_input, d_output]
    /// let layer = Linear { weight: Param::from_tensor(weight), bias: None };
    /// let mlp = Mlp::from_layers(vec![Dense::Deterministic(layer)], Activation::Tanh);
    /// let x = Tensor::from_floats([[[3.0, 1.0]]], &device);
    /// assert_eq!(mlp.forward(x, 1, &mut Noise::seeded(0)).into_scalar::<f32>(), 5.0);
    /// ```
    pub fn from_layers(layers: Vec<Dense>, activation: Activation) -> Self {
        assert!(!layers.is_empty(), "a network has at least one layer");
        for (i, pair) in layers.windows(2).enumerate() {
            let [[_, outputs], [inputs, _]] = [pair[0].widths(), pair[1].widths()];
            assert!(
                inputs == outputs,
                "layer {} has {inputs} inputs, layer {i} before it has {outputs} outputs",
                i + 1
            );
        }
        Self {
            layers,
            activation,
            products: Products::Full,
        }
    }

    /// The network's output. Each layer with random weights takes one draw of the noise, and makes
    /// the sample axis `num_samples` long. A network of fixed weights runs once for each sample and
    /// row of the input.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, d_input]` → `[1 or num_samples, batch, d_output]`.
    ///
    /// # Panics
    ///
    /// If the shape is another, or `layers` was emptied.
    pub fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let (hidden, last) = self.forward_to_last(input, num_samples, noise);
        let identity = Activation::Identity;
        last.forward_in(hidden, num_samples, noise, self.products, identity)
    }

    /// log p(x) of each row, in nats, for a Bernoulli distribution whose logits are the network's
    /// output.
    ///
    /// The result is [`Bernoulli::log_prob`](crate::distribution::Bernoulli::log_prob) of
    /// [`forward`](Self::forward)'s output under the same noise. On Flex without autodiff, and if
    /// the input has `num_samples` samples, the logits of a random last layer are drawn and summed
    /// row by row. They are not stored as a tensor, which saves a pass over memory.
    ///
    /// # Shapes
    ///
    /// Input `[1 or num_samples, batch, d_input]` and `x` `[1 or num_samples, batch, d_output]` →
    /// `[1 or num_samples, batch]`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit, or `layers` was emptied.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let mlp = MlpConfig::new(40, vec![400], 784).with_weights(Weights::random()).init(&device, &mut noise);
    /// let z = noise.normal([25, 100, 40], &device);
    /// let x = Tensor::zeros([1, 100, 784], &device);
    /// assert_eq!(mlp.bernoulli_log_prob(z, x, 25, &mut noise).dims(), [25, 100]);
    /// ```
    pub fn bernoulli_log_prob(
        &self,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        let (hidden, last) = self.forward_to_last(input, num_samples, noise);
        last.bernoulli_log_prob_in(hidden, x, num_samples, noise, self.products)
    }

    /// The last layer and its input.
    fn forward_to_last(
        &self,
        input: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> (Tensor<3>, &Dense) {
        let (last, others) = (self.layers.split_last()).expect("a network has at least one layer");
        let hidden = others.iter().fold(input, |hidden, layer| {
            layer.forward_in(hidden, num_samples, noise, self.products, self.activation)
        });
        (hidden, last)
    }

    /// Each layer with the non-linearity after it.
    fn layers_with_activations(&self) -> impl Iterator<Item = (&Dense, Activation)> {
        let last = self.layers.len().saturating_sub(1);
        let layers = self.layers.iter().enumerate();
        layers.map(move |(i, layer)| match i == last {
            true => (layer, Activation::Identity),
            false => (layer, self.activation),
        })
    }

    /// The network's output for chosen rows of its input, one sample each. Entry j belongs to row
    /// `rows[j]` of the input, and to row j of the noise.
    ///
    /// All layers up to the products of the first random one run once for each row of the input. So
    /// when samples are run again, what they share is computed only once.
    ///
    /// # Shapes
    ///
    /// `[1, batch, d_input]` → `[1, rows, d_output]`.
    pub fn forward_rows(
        &self,
        input: Tensor<3>,
        rows: &Tensor<1, Int>,
        noise: &mut Noise,
    ) -> Tensor<3> {
        let mut hidden = input;
        let mut selected = false;
        for (layer, activation) in self.layers_with_activations() {
            hidden = match layer {
                Dense::Bayesian(linear) if !selected => {
                    selected = true;
                    let law = linear.activation_in(hidden, self.products);
                    activation.forward(law.select(1, rows.clone()).rsample(1, noise))
                }
                layer => layer.forward_in(hidden, 1, noise, self.products, activation),
            };
        }
        if selected {
            hidden
        } else {
            hidden.select(1, rows.clone())
        }
    }

    /// KL of all random weights to their priors, in nats, shape `[1]`; `None` if there are none.
    pub fn kl(&self) -> Option<Tensor<1>> {
        self.layers
            .iter()
            .filter_map(Dense::kl)
            .reduce(|sum, kl| sum + kl)
    }

    /// The network with random weights replaced by their means.
    pub fn posterior_mean(&self) -> Self {
        Self {
            layers: self.layers.iter().map(Dense::posterior_mean).collect(),
            activation: self.activation,
            products: self.products,
        }
    }

    /// The network with random weights replaced by one draw of them.
    pub fn sample_weights(&self, noise: &mut Noise) -> Self {
        let layers = self.layers.iter();
        Self {
            layers: layers.map(|layer| layer.sample_weights(noise)).collect(),
            activation: self.activation,
            products: self.products,
        }
    }

    /// The network with some inputs switched off: `keep` is `[d_input]`, 1 to keep and 0 to switch
    /// off.
    pub(crate) fn without_inputs(&self, keep: Tensor<1>) -> Self {
        let mut network = self.clone();
        network.layers[0] = self.layers[0].switched(Some(keep), None);
        network
    }

    /// The network with some outputs at 0: `keep` is `[d_output]`, 1 to keep and 0 to switch off.
    pub(crate) fn without_outputs(&self, keep: Tensor<1>) -> Self {
        let mut network = self.clone();
        let last = self.layers.len() - 1;
        network.layers[last] = self.layers[last].switched(None, Some(keep));
        network
    }

    /// The same network with the last layer's bias, or its mean, set: `[d_output]`.
    ///
    /// # Panics
    ///
    /// If `bias` has another length.
    pub fn with_output_bias(mut self, bias: Tensor<1>) -> Self {
        let last = self
            .layers
            .pop()
            .expect("MlpConfig::init makes at least one layer");
        self.layers.push(last.with_bias(bias));
        self
    }
}
