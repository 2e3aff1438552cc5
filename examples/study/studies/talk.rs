//! The talk's three methods, as far as its slides state the protocol.

use crate::run::Run;
use burn_bayes::{
    prelude::*,
    train::{Backward, Schedule},
};

/// The methods of the talk's table, and which weights are random in each.
pub const METHODS: [(&str, Uncertainty); 3] = [
    ("iwae", Uncertainty::None),
    ("iwaeu_rec", Uncertainty::Encoder),
    ("iwaeu", Uncertainty::EncoderAndDecoder),
];

/// IWAE by exact backward passes.
pub const EXACT: &str = "iwae_exact";

/// 784 – 400 – 40, and its mirror image.
pub fn model(uncertainty: Uncertainty) -> VaeConfig {
    VaeConfig::new(784, 40).with_uncertainty(uncertainty)
}

/// k = 25; backward passes leave out small weights at random, without bias.
pub fn objective() -> Objective {
    Objective::iwae(25).with_backward(Backward::Replayed {
        samples_per_chunk: 25,
        threshold: 0.1,
    })
}

/// Burda's first five stages, and where log p(x) is near the talk's.
pub const EPOCHS: [usize; 2] = [121, 20];

/// Burda's first four stages.
pub const OMNIGLOT_EPOCHS: usize = 40;

pub fn name(method: &str, epochs: usize) -> String {
    match epochs == EPOCHS[0] {
        true => method.into(),
        false => format!("{method}-{epochs}"),
    }
}

pub fn runs(seed: u64) -> Vec<Run> {
    let run = |epochs, (method, uncertainty)| {
        let (name, training) = (name(method, epochs), training(epochs));
        Run::new(&name, seed, model(uncertainty), training)
    };
    let runs = |epochs| METHODS.map(|method| run(epochs, method));
    // What pruning costs.
    let exact = EPOCHS.map(|epochs| {
        let mut exact = run(epochs, (EXACT, Uncertainty::None));
        exact.training.objective = Objective::iwae(25);
        exact
    });
    EPOCHS.into_iter().flat_map(runs).chain(exact).collect()
}

fn training(epochs: usize) -> TrainingConfig {
    let schedule = Schedule::Burda {
        learning_rate: 1e-3,
    };
    TrainingConfig::new(objective())
        .with_epochs(epochs)
        .with_schedule(schedule)
}

/// The name of a method's run on OMNIGLOT.
pub fn omniglot_name(method: &str) -> String {
    format!("talk-{method}")
}

/// The same networks on OMNIGLOT.
pub fn omniglot(seed: u64) -> Vec<Run> {
    let runs = METHODS.map(|(method, uncertainty)| {
        let (name, training) = (omniglot_name(method), training(OMNIGLOT_EPOCHS));
        Run {
            images: 23_000,
            eval_images: 8070,
            ..Run::new(&name, seed, model(uncertainty), training)
        }
    });
    runs.into()
}
