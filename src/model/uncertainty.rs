//! Which parts of a model are uncertain.

use crate::{
    error::{Error, Result},
    layer::{Initializer, WeightPrior, Weights},
};
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

impl Uncertainty {
    /// The weights of encoder and decoder.
    pub(super) fn weights(self, random: Weights) -> [Weights; 2] {
        match self {
            Self::None => [Weights::Fixed, Weights::Fixed],
            Self::Encoder => [random, Weights::Fixed],
            Self::Decoder => [Weights::Fixed, random],
            Self::EncoderAndDecoder => [random, random],
        }
    }
}

/// Checks what a configuration says about weights, by the names of its fields.
pub(super) fn validate_weights(
    initializer: Initializer,
    initial_weight_std: f64,
    weight_prior: WeightPrior,
) -> Result<()> {
    let mut stds = vec![("initial_weight_std", initial_weight_std)];
    if let Initializer::Normal { std } = initializer {
        stds.push(("initializer.std", std));
    }
    if let WeightPrior::Normal { std } = weight_prior {
        stds.push(("weight_prior.std", std));
    } else if let Some(problem) = weight_prior.problem() {
        let cure = "give a prior that is a distribution";
        return Err(Error::setting("weight_prior", problem, cure));
    }
    for (name, std) in stds {
        if !(std > 0.0 && std.is_finite()) {
            let problem = format!("is {std}");
            return Err(Error::setting(name, problem, "give a positive number"));
        }
    }
    Ok(())
}
