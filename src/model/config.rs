//! The configuration of a [`Vae`].

use super::{
    ConditionalVae, Hierarchy, Latents, StandardNormal, Uncertainty, UpperLayer, Vae,
    uncertainty::validate_weights,
};
use crate::{
    error::{Error, Result},
    layer::{
        Activation, BayesianLinearConfig, Initializer, MlpConfig, Products, WeightPrior, Weights,
    },
    network::{Decoder, Family, GaussianEncoder},
    noise::Noise,
};
use burn::{config::Config, tensor::Device};

/// Configuration of a [`Vae`]: `d_data – hidden – d_latent – hidden mirrored – d_data`, and
/// possibly further stochastic layers above.
///
/// # Example
///
/// Two stochastic layers, x–200–200–z₁(100)–100–100–z₂(50), and p(z₁ | z₂) p(x | z₁) the mirror
/// image (Burda et al. 2016).
///
/// ```
/// use burn_bayes::{model::Latents, prelude::*};
///
/// let config = VaeConfig::new(784, 100)
///     .with_hidden(vec![200, 200])
///     .with_above(vec![Latents::new(50).with_hidden(vec![100, 100])]);
/// let model = config.init(&Device::default(), &mut Noise::seeded(0));
/// assert_eq!(model.prior.layers.len(), 1);
/// ```
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
    /// The distribution of the initial weights; of their initial means if weights are random.
    #[config(default = "Initializer::GlorotUniform")]
    pub initializer: Initializer,
    /// The number type of matrix products; densities and bounds keep the device's own.
    #[config(default = "Products::Full")]
    pub products: Products,
    /// The stochastic layers above the first, from the data up.
    #[config(default = "Vec::new()")]
    pub above: Vec<Latents>,
}

impl VaeConfig {
    /// Checks a configuration that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for sizes of 0, standard deviations that are not positive numbers, a
    /// prior of the weights that is no distribution, and invalid settings of the likelihood.
    pub fn validate(&self) -> Result<()> {
        let sizes = [("d_data", self.d_data), ("d_latent", self.d_latent)];
        let hidden = self.hidden.iter().map(|&width| ("hidden", width));
        let above = self.above.iter().flat_map(|above| {
            let hidden = above.hidden.iter().map(|&width| ("above.hidden", width));
            hidden.chain([("above.d_latent", above.d_latent)])
        });
        for (name, size) in sizes.into_iter().chain(hidden).chain(above) {
            if size == 0 {
                return Err(Error::setting(name, "is 0", "give a width of at least 1"));
            }
        }
        validate_weights(self.initializer, self.initial_weight_std, self.weight_prior)?;
        self.likelihood.validate()
    }

    /// Makes the model.
    ///
    /// # Panics
    ///
    /// If [`validate`](Self::validate) finds an error, with its message.
    pub fn init(&self, device: &Device, noise: &mut Noise) -> Vae {
        self.init_conditional(0, device, noise).vae
    }

    /// Makes the model with this number of covariates, which encoder and decoder see beside x and
    /// z.
    ///
    /// # Panics
    ///
    /// Where [`init`](Self::init) panics.
    pub fn init_conditional(
        &self,
        num_covariates: usize,
        device: &Device,
        noise: &mut Noise,
    ) -> ConditionalVae {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        let random = Weights::Random {
            initial_std: self.initial_weight_std,
            prior: self.weight_prior,
            random_bias: self.random_bias,
        };
        let mlp = |d_input, hidden, d_output, weights| {
            MlpConfig::new(d_input, hidden, d_output)
                .with_activation(self.activation)
                .with_initializer(self.initializer)
                .with_weights(weights)
                .with_products(self.products)
        };
        // The network up from the data, and its mirror image down.
        let pair = |[below, above]: [usize; 2], hidden: &[usize], c, uncertainty: Uncertainty| {
            let [up, down] = uncertainty.weights(random);
            let mirrored = hidden.iter().rev().copied().collect();
            let up = mlp(below + c, hidden.to_vec(), above, up);
            (up, mlp(above + c, mirrored, below, down))
        };
        let widths = [self.d_data, self.d_latent];
        let (up, down) = pair(widths, &self.hidden, num_covariates, self.uncertainty);
        let encoder = GaussianEncoder::new(&up, device, noise);
        let decoder = Decoder::new(&down, self.likelihood, device, noise);
        let mut below = self.d_latent;
        let layers = self.above.iter().map(|latents| {
            let uncertainty = latents.uncertainty.unwrap_or(self.uncertainty);
            let widths = [below, latents.d_latent];
            let (up, down) = pair(widths, &latents.hidden, 0, uncertainty);
            below = latents.d_latent;
            UpperLayer {
                encoder: GaussianEncoder::new(&up, device, noise),
                decoder: GaussianEncoder::new(&down, device, noise),
            }
        });
        let layers: Vec<_> = layers.collect();
        let prior = Hierarchy::from_parts(layers, StandardNormal::new(below));
        ConditionalVae::from_parts(encoder, prior, decoder, num_covariates)
    }
}
