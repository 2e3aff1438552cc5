//! What a run trains.

use crate::common::{
    upwards::{Upwards, upwards},
    words,
};
use burn_bayes::{
    model::{Ladder, LadderConfig},
    prelude::*,
};
use serde::{Deserialize, Serialize};

/// The configuration of a model.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Networks {
    Vae(VaeConfig),
    /// The layers and networks of a ladder.
    Deep {
        order: Order,
        layers: LadderConfig,
    },
}

/// In which order the latents of a deep model are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// From the data up: a plain hierarchy.
    Upwards,
    /// From the top down, each merged with what the data say: a ladder.
    Ladder,
}

/// A model with its weights.
#[allow(
    clippy::large_enum_variant,
    reason = "tensors are handles, and a run has one model"
)]
pub enum Model {
    Vae(Vae),
    Upwards(Upwards),
    Ladder(Ladder),
}

impl Networks {
    pub fn init(&self, device: &Device, noise: &mut Noise) -> Model {
        match self {
            Self::Vae(config) => Model::Vae(config.init(device, noise)),
            Self::Deep {
                order: Order::Upwards,
                layers,
            } => Model::Upwards(upwards(layers, device, noise)),
            Self::Deep {
                order: Order::Ladder,
                layers,
            } => Model::Ladder(layers.init(device, noise)),
        }
    }

    pub fn d_data(&self) -> usize {
        match self {
            Self::Vae(config) => config.d_data,
            Self::Deep { layers, .. } => layers.d_data,
        }
    }

    /// Which networks have random weights.
    pub fn uncertainty(&self) -> Uncertainty {
        match self {
            Self::Vae(config) => config.uncertainty,
            Self::Deep { layers, .. } => layers.uncertainty,
        }
    }

    /// In words, with the objective.
    pub fn words(&self, objective: &Objective) -> String {
        match self {
            Self::Vae(config) => words::training(config, objective),
            Self::Deep { order, layers } => {
                let latents: Vec<usize> =
                    layers.layers.iter().map(|layer| layer.d_latent).collect();
                let order = match order {
                    Order::Upwards => "plain hierarchy",
                    Order::Ladder => "ladder",
                };
                format!(
                    "{order} of {} latents, k = {}",
                    words::list(&latents),
                    objective.num_samples
                )
            }
        }
    }
}

impl From<VaeConfig> for Networks {
    fn from(config: VaeConfig) -> Self {
        Self::Vae(config)
    }
}
