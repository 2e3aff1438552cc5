//! The configuration of a [`Ladder`].

use super::{
    Ladder,
    parts::{Descent, Rung},
};
use crate::{
    error::{Error, Result},
    layer::{
        Activation, BayesianLinearConfig, Dense, Initializer, TrunkConfig, TrunkMlp, WeightPrior,
        Weights,
    },
    model::{Latents, Uncertainty, uncertainty::validate_weights},
    network::{Conditional, DiagonalNormal, Family, Head},
    noise::Noise,
};
use burn::{config::Config, tensor::Device};

/// Configuration of a [`Ladder`].
///
/// The upward pass is `x – hidden₁ – hidden₂ – ⋯`; N(μ̂_l, σ̂²_l) is computed from the last hidden
/// layer of each stochastic layer. The downward pass is the mirror image: `z_{l+1} – hidden_{l+1}
/// mirrored – z_l`, and `z₁ – hidden₁ mirrored – x`.
#[derive(Config, Debug)]
pub struct LadderConfig {
    /// The number of data features.
    pub d_data: usize,
    /// The stochastic layers, from the data up.
    pub layers: Vec<Latents>,
    /// The non-linearity after each hidden layer.
    #[config(default = "Activation::LeakyRelu")]
    pub activation: Activation,
    /// Whether hidden layers are normalized over the batch.
    #[config(default = false)]
    pub batch_norm: bool,
    /// Whether a proposal is merged with the output of a separate network instead of p(z_l |
    /// z_{l+1}).
    #[config(default = false)]
    pub separate_merge: bool,
    /// p(x | z₁).
    #[config(default = "Family::Bernoulli")]
    pub likelihood: Family,
    /// Which networks have random weights. The encoder is the upward pass and the separate networks
    /// for merging.
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
}

impl LadderConfig {
    /// Checks a configuration that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for sizes of 0, no layers, standard deviations that are not positive
    /// numbers, a prior of the weights that is no distribution, and invalid settings of the
    /// likelihood.
    pub fn validate(&self) -> Result<()> {
        if self.layers.is_empty() {
            return Err(Error::setting("layers", "are none", "give at least one"));
        }
        let layers = self.layers.iter().flat_map(|layer| {
            let hidden = layer.hidden.iter().map(|&width| ("hidden", width));
            hidden.chain([("d_latent", layer.d_latent)])
        });
        for (name, size) in layers.chain([("d_data", self.d_data)]) {
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
    pub fn init(&self, device: &Device, noise: &mut Noise) -> Ladder {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        let random = Weights::Random {
            initial_std: self.initial_weight_std,
            prior: self.weight_prior,
            random_bias: self.random_bias,
        };
        let weights = |layer: &Latents| {
            let uncertainty = layer.uncertainty.unwrap_or(self.uncertainty);
            uncertainty.weights(random)
        };
        let trunk = |d_input, widths: Vec<usize>, weights| {
            TrunkConfig::new(d_input, widths)
                .with_activation(self.activation)
                .with_batch_norm(self.batch_norm)
                .with_weights(weights)
                .with_initializer(self.initializer)
        };
        let mirrored = |layer: &Latents| layer.hidden.iter().rev().copied().collect();

        let mut width = self.d_data;
        let mut up = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let [weights, _] = weights(layer);
            let below = trunk(width, layer.hidden.clone(), weights).init(device, noise);
            width = layer.hidden.last().copied().unwrap_or(width);
            let sizes = [width, DiagonalNormal.num_outputs(layer.d_latent)];
            let head = Dense::new(sizes, weights, self.initializer, device, noise);
            up.push(Rung {
                trunk: below,
                proposal: Conditional::from_parts(head, DiagonalNormal),
            });
        }
        let pairs = self.layers.windows(2);
        let down = pairs.map(|pair| {
            let (below, above) = (&pair[0], &pair[1]);
            let outputs = DiagonalNormal.num_outputs(below.d_latent);
            let mut network = |weights| {
                let trunk = trunk(above.d_latent, mirrored(above), weights);
                let network = TrunkMlp::new(&trunk, outputs, device, noise);
                Conditional::from_parts(network, DiagonalNormal)
            };
            let [encoder, decoder] = weights(above);
            Descent {
                prior: network(decoder),
                merge: self.separate_merge.then(|| network(encoder)),
            }
        });
        let down = down.collect();
        let lowest = &self.layers[0];
        let [_, decoder] = weights(lowest);
        let network = trunk(lowest.d_latent, mirrored(lowest), decoder);
        let outputs = self.likelihood.num_outputs(self.d_data);
        let network = TrunkMlp::new(&network, outputs, device, noise);
        let decoder = Conditional::from_parts(network, self.likelihood);
        Ladder::from_parts(up, down, decoder)
    }
}
