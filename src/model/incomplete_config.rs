//! The configuration of an [`IncompleteVae`].

use super::{IncompleteVae, StandardNormal, Uncertainty, uncertainty::validate_weights};
use crate::{
    error::{Error, Result},
    layer::{Activation, BayesianLinearConfig, Initializer, MlpConfig, WeightPrior, Weights},
    network::{Columns, ColumnsDecoder, GaussianEncoder},
    noise::Noise,
};
use burn::{config::Config, tensor::Device};

/// Configuration of an [`IncompleteVae`]: `2·d_data – hidden – d_latent – hidden mirrored –
/// d_data`, d_data being the number of columns, and N(0, I) the prior of z.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let columns = Columns::new([
///     (Family::Normal(Scale::default()), 2),
///     (Family::Categorical { classes: 3 }, 1),
/// ]);
/// let config = IncompleteVaeConfig::new(columns, 2)
///     .with_hidden(vec![50])
///     .with_uncertainty(Uncertainty::Decoder);
/// let model = config.init(&Device::default(), &mut Noise::seeded(0));
/// assert_eq!(model.sample(5, &mut Noise::seeded(1)).dims(), [5, 3]);
/// ```
#[derive(Config, Debug)]
pub struct IncompleteVaeConfig {
    /// p(x | z), column by column.
    pub columns: Columns,
    /// The number of latent variables.
    pub d_latent: usize,
    /// The widths of the encoder's hidden layers, from the data up; the decoder has them in
    /// reverse.
    #[config(default = "vec![100]")]
    pub hidden: Vec<usize>,
    /// The non-linearity after each hidden layer.
    #[config(default = "Activation::Tanh")]
    pub activation: Activation,
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
    /// The distribution of the initial weights, or of their initial means.
    #[config(default = "Initializer::GlorotUniform")]
    pub initializer: Initializer,
}

impl IncompleteVaeConfig {
    /// Checks a configuration that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for sizes of 0, standard deviations that are not positive numbers, a
    /// prior of the weights that is no distribution, and where [`Columns::validate`] finds one.
    pub fn validate(&self) -> Result<()> {
        let hidden = self.hidden.iter().map(|&width| ("hidden", width));
        for (name, size) in hidden.chain([("d_latent", self.d_latent)]) {
            if size == 0 {
                return Err(Error::setting(name, "is 0", "give a width of at least 1"));
            }
        }
        validate_weights(self.initializer, self.initial_weight_std, self.weight_prior)?;
        self.columns.validate()
    }

    /// Makes the model.
    ///
    /// # Panics
    ///
    /// If [`validate`](Self::validate) finds an error, with its message.
    pub fn init(&self, device: &Device, noise: &mut Noise) -> IncompleteVae {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        let mlp = |d_input, hidden, d_output, weights| {
            MlpConfig::new(d_input, hidden, d_output)
                .with_activation(self.activation)
                .with_initializer(self.initializer)
                .with_weights(weights)
        };
        let random = Weights::Random {
            initial_std: self.initial_weight_std,
            prior: self.weight_prior,
            random_bias: self.random_bias,
        };
        let [up, down] = self.uncertainty.weights(random);
        let d_data = self.columns.num_features();
        let mirrored = self.hidden.iter().rev().copied().collect();
        let up = mlp(2 * d_data, self.hidden.clone(), self.d_latent, up);
        let down = mlp(self.d_latent, mirrored, d_data, down);
        let encoder = GaussianEncoder::new(&up, device, noise);
        let decoder = ColumnsDecoder::new(&down, self.columns.clone(), device, noise);
        IncompleteVae::from_parts(encoder, StandardNormal::new(self.d_latent), decoder)
    }
}

impl IncompleteVae {
    /// Of multilayer perceptrons, as [`IncompleteVaeConfig`] makes it; the configuration is what
    /// [`save`](Self::save) wants.
    ///
    /// # Panics
    ///
    /// Where [`IncompleteVaeConfig::init`] panics.
    pub fn new(
        columns: Columns,
        d_latent: usize,
        hidden: Vec<usize>,
        device: &Device,
        noise: &mut Noise,
    ) -> Self {
        let config = IncompleteVaeConfig::new(columns, d_latent).with_hidden(hidden);
        config.init(device, noise)
    }
}
