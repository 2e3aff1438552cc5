//! Which parts of a model are uncertain.

use crate::layer::Weights;
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
