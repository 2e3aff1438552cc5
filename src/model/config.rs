//! The configuration of a [`Vae`].

use super::{StandardNormal, Vae};
use crate::{
    error::{Error, Result},
    layer::{
        Activation, BayesianLinearConfig, Initializer, MlpConfig, Products, WeightPrior, Weights,
    },
    network::{Decoder, Family, GaussianEncoder},
    noise::Noise,
};
use burn::{config::Config, tensor::Device};
use serde::{Deserialize, Serialize};

/// Which networks have random weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Uncertainty {
    /// None: VAE, IWAE.
    #[default]
    None,
    /// The encoder: IWAEU_rec.
    Encoder,
    /// The decoder.
    Decoder,
    /// Both: IWAEU.
    EncoderAndDecoder,
}

/// Configuration of a [`Vae`]: `d_data – hidden – d_latent – hidden mirrored – d_data`.
#[derive(Config, Debug)]
pub struct VaeConfig {
    /// The number of data features.
    pub d_data: usize,
    /// The number of latent variables.
    pub d_latent: usize,
    /// The widths of the encoder's hidden layers, from the data up; the decoder has them in
    /// reverse.
    #[config(default = "vec![400]")]
    pub hidden: Vec<usize>,
    /// The non-linearity after each hidden layer.
    #[config(default = "Activation::Tanh")]
    pub activation: Activation,
    /// p(x | z).
    #[config(default = "Family::Bernoulli")]
    pub likelihood: Family,
    /// Which networks have random weights.
    #[config(default = "Uncertainty::None")]
    pub uncertainty: Uncertainty,
    /// The initial standard deviation of random weights.
    #[config(default = "BayesianLinearConfig::new(1, 1).initial_std")]
    pub initial_weight_std: f64,
    /// The prior of random weights.
    #[config(default = "WeightPrior::Normal { std: 1.0 }")]
    pub weight_prior: WeightPrior,
    /// Whether biases are random where weights are.
    #[config(default = true)]
    pub random_bias: bool,
    /// The law of the initial weights, or of their initial means.
    #[config(default = "Initializer::GlorotUniform")]
    pub initializer: Initializer,
    /// The number type of matrix products; densities and bounds keep the device's own.
    #[config(default = "Products::Full")]
    pub products: Products,
}

impl VaeConfig {
    /// Checks a configuration that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for sizes of 0 and standard deviations that are not positive numbers.
    pub fn validate(&self) -> Result<()> {
        let sizes = [("d_data", self.d_data), ("d_latent", self.d_latent)];
        let hidden = self.hidden.iter().map(|&width| ("hidden", width));
        for (name, size) in sizes.into_iter().chain(hidden) {
            if size == 0 {
                return Err(Error::setting(name, "is 0", "give a width of at least 1"));
            }
        }
        let mut stds = vec![("initial_weight_std", self.initial_weight_std)];
        if let Initializer::Normal { std } = self.initializer {
            stds.push(("initializer.std", std));
        }
        if let WeightPrior::Normal { std } = self.weight_prior {
            stds.push(("weight_prior.std", std));
        }
        for (name, std) in stds {
            if !(std > 0.0 && std.is_finite()) {
                return Err(Error::setting(
                    name,
                    format!("is {std}"),
                    "give a positive number",
                ));
            }
        }
        self.likelihood.validate()
    }

    /// Makes the model.
    ///
    /// # Panics
    ///
    /// If [`validate`](Self::validate) finds an error, with its message.
    pub fn init(&self, device: &Device, noise: &mut Noise) -> Vae {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        let random = Weights::Random {
            initial_std: self.initial_weight_std,
            prior: self.weight_prior,
            random_bias: self.random_bias,
        };
        let (encoder_weights, decoder_weights) = match self.uncertainty {
            Uncertainty::None => (Weights::Fixed, Weights::Fixed),
            Uncertainty::Encoder => (random, Weights::Fixed),
            Uncertainty::Decoder => (Weights::Fixed, random),
            Uncertainty::EncoderAndDecoder => (random, random),
        };
        let mlp = |d_input, hidden, d_output, weights| {
            MlpConfig::new(d_input, hidden, d_output)
                .with_activation(self.activation)
                .with_initializer(self.initializer)
                .with_weights(weights)
                .with_products(self.products)
        };
        let up = mlp(
            self.d_data,
            self.hidden.clone(),
            self.d_latent,
            encoder_weights,
        );
        let mirrored = self.hidden.iter().rev().copied().collect();
        let down = mlp(self.d_latent, mirrored, self.d_data, decoder_weights);

        let encoder = GaussianEncoder::new(&up, device, noise);
        let decoder = Decoder::new(&down, self.likelihood, device, noise);
        Vae::from_parts(encoder, StandardNormal::new(self.d_latent), decoder)
    }
}
