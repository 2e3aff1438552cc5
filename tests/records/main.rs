//! What was saved is what is loaded, or the difference is named.

mod corpus;
mod damage;
mod identity;

use burn::module::{ModuleVisitor, Param};
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

/// Every parameter, as bits.
fn bits<M: Module>(model: &M) -> Vec<u32> {
    struct Collect(Vec<u32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let values = param.val().try_into_vec_as::<f32>().unwrap();
            self.0.extend(values.into_iter().map(f32::to_bits));
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0
}

fn load(dir: &Path) -> Result<Vae, String> {
    let loaded = Vae::load(dir, &device()).map_err(|error| error.to_string());
    loaded.map(|(_, model)| model)
}
