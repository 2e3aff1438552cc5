//! How much noise the weights begin with, and which of them are charged: short runs.

use super::talk::{METHODS, model, objective};
use crate::run::Run;
use burn_bayes::{prelude::*, train::ChargedWeights};

/// What one run is made of.
pub struct Setting {
    pub method: &'static str,
    uncertainty: Uncertainty,
    /// σ of the random weights at the beginning.
    pub initial_std: f64,
    charged: ChargedWeights,
}

/// The table's rows.
pub const SETTINGS: [Setting; 9] = [
    setting(0, 0.011, ChargedWeights::None),
    setting(2, 0.0025, ChargedWeights::None),
    setting(2, 0.011, ChargedWeights::None),
    setting(2, 0.05, ChargedWeights::None),
    setting(2, 0.22, ChargedWeights::None),
    setting(2, 0.011, ChargedWeights::Decoder),
    setting(2, 0.011, ChargedWeights::All),
    setting(1, 0.011, ChargedWeights::None),
    setting(1, 0.05, ChargedWeights::None),
];

/// Of a method by its number.
const fn setting(number: usize, initial_std: f64, charged: ChargedWeights) -> Setting {
    let (method, uncertainty) = METHODS[number];
    Setting {
        method,
        uncertainty,
        initial_std,
        charged,
    }
}

impl Setting {
    pub fn name(&self) -> String {
        match (self.method, self.charged()) {
            ("iwae", _) => "iwae".into(),
            (method, "none") => format!("{method}-std{}", self.initial_std),
            (method, charged) => format!("{method}-{charged}"),
        }
    }

    /// Which weights are charged, in a word.
    pub fn charged(&self) -> &'static str {
        match self.charged {
            ChargedWeights::None => "none",
            ChargedWeights::Decoder => "decoder",
            _ => "all",
        }
    }
}

/// The talk's networks, 6 epochs at 10⁻³.
pub fn runs(seed: u64) -> Vec<Run> {
    let run = |setting: &Setting| {
        let model = model(setting.uncertainty).with_initial_weight_std(setting.initial_std);
        let objective = objective().with_charged_weights(setting.charged);
        let training = TrainingConfig::new(objective).with_epochs(6);
        Run {
            eval_samples: 500,
            eval_images: 1000,
            ..Run::new(&setting.name(), seed, model, training)
        }
    };
    SETTINGS.iter().map(run).collect()
}
