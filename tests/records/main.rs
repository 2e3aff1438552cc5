//! What was saved is what is loaded, or the difference is named.

#[path = "../common/bits.rs"]
mod bits;
mod configurations;
mod corpus;
mod damage;
mod identity;
mod kinds;

use bits::bits;
use burn_bayes::prelude::*;
use std::path::Path;

const ALL: [Uncertainty; 4] = [
    Uncertainty::None,
    Uncertainty::Encoder,
    Uncertainty::Decoder,
    Uncertainty::EncoderAndDecoder,
];

fn device() -> Device {
    Device::default()
}

fn config(uncertainty: Uncertainty) -> VaeConfig {
    VaeConfig::new(12, 3)
        .with_hidden(vec![8, 5])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.1)
}

fn made(config: &VaeConfig, seed: u64) -> Vae {
    config.init(&device(), &mut Noise::seeded(seed))
}

fn load(dir: &Path) -> Result<Vae, String> {
    let loaded = Vae::load(dir, &device()).map_err(|error| error.to_string());
    loaded.map(|(_, model)| model)
}
