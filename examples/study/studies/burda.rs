//! The networks and the training of Burda, Grosse and Salakhutdinov (2016), up to a stage.

use crate::run::Run;
use burn_bayes::{
    model::Latents,
    prelude::*,
    train::{Backward, Schedule},
};

/// Stages 0 to 4 of 3^i epochs; the published numbers are those of stages 0 to 7, 3280 epochs.
pub const EPOCHS: usize = 121;

/// The end of the stage before, to see how the IWAE's lead and the active units change.
pub const EARLIER: usize = 40;

/// Networks x – 200 – 200 – z₁ with one layer, and – 100 – 100 – z₂ above for two.
pub fn model(layers: usize) -> VaeConfig {
    let config = |d_latent| VaeConfig::new(784, d_latent).with_hidden(vec![200, 200]);
    match layers {
        1 => config(50),
        _ => config(100).with_above(vec![Latents::new(50).with_hidden(vec![100, 100])]),
    }
}

pub fn training(objective: Objective) -> TrainingConfig {
    TrainingConfig::new(objective)
        .with_epochs(EPOCHS)
        .with_batch_size(20)
        .with_schedule(Schedule::Burda {
            learning_rate: 1e-3,
        })
        // On the mean over the batch, a replication of the paper did well with it.
        .with_adam_epsilon(1e-4)
}

/// Backward passes that leave out small weights at random, without bias: with 50 samples they halve
/// the time.
fn pruned(k: usize) -> Objective {
    Objective::iwae(k).with_backward(Backward::Replayed {
        samples_per_chunk: k,
        threshold: 0.1,
    })
}

/// The name of a cell of the table.
pub fn name(method: &str, layers: usize, k: usize) -> String {
    format!("{method}-{layers}-k{k}")
}

/// The same after [`EARLIER`] epochs.
pub fn earlier_name(method: &str, layers: usize, k: usize) -> String {
    format!("{}-{EARLIER}", name(method, layers, k))
}

/// The cells of the table alone, and one of them pruned, on OMNIGLOT: stages 0 to 3.
pub fn omniglot(seed: u64) -> Vec<Run> {
    let cells = runs(seed).into_iter();
    let cells = cells.filter(|run| run.model.uncertainty() == Uncertainty::None);
    let cells = cells.filter(|run| run.training.epochs == EPOCHS);
    let cells = cells
        .filter(|run| !run.name.starts_with("iwae_") || run.name == name("iwae_pruned", 2, 50))
        .map(|run| Run {
            images: 23_000,
            eval_images: 8070,
            training: run.training.with_epochs(EARLIER),
            ..run
        });
    cells.collect()
}

/// The shorter ones first. With one sample VAE and IWAE are the same.
pub fn runs(seed: u64) -> Vec<Run> {
    let run = |method: &str, layers, k, objective| {
        let (name, model, training) = (name(method, layers, k), model(layers), training(objective));
        Run::new(&name, seed, model, training)
    };
    let vae = |layers, k| run("vae", layers, k, Objective::vae(k));
    let iwae = |layers, k| run("iwae", layers, k, Objective::iwae(k));
    // Random weights in the encoder: IWAEU_rec; in both: IWAEU. Log-variances have gradients below
    // 1e-4, so Adam's ε is its usual one, and the fixed weights beside them get it too.
    let random = |method: &str, layers, k| {
        let uncertainty = match method {
            "iwaeu_rec" => Uncertainty::Encoder,
            "iwaeu" => Uncertainty::EncoderAndDecoder,
            _ => Uncertainty::None,
        };
        let objective = match k {
            50 => pruned(k),
            _ => Objective::iwae(k),
        };
        let model = model(layers).with_uncertainty(uncertainty);
        let training = training(objective).with_adam_epsilon(1e-8);
        Run::new(&name(method, layers, k), seed, model, training)
    };
    let earlier = |method: &str, layers, objective| {
        let run = run(method, layers, 5, objective);
        Run {
            name: earlier_name(method, layers, 5),
            training: run.training.with_epochs(EARLIER),
            ..run
        }
    };
    vec![
        vae(1, 1),
        iwae(1, 5),
        vae(1, 5),
        vae(2, 1),
        iwae(2, 5),
        vae(2, 5),
        random("iwae_eps", 1, 5),
        random("iwaeu_rec", 1, 5),
        random("iwaeu", 1, 5),
        iwae(1, 50),
        run("iwae_pruned", 1, 50, pruned(50)),
        run("iwae_pruned", 2, 50, pruned(50)),
        vae(1, 50),
        vae(2, 50),
        random("iwae_eps", 2, 5),
        random("iwaeu_rec", 2, 5),
        random("iwaeu", 2, 5),
        random("iwaeu_rec", 1, 50),
        random("iwaeu", 1, 50),
        random("iwaeu_rec", 2, 50),
        random("iwaeu", 2, 50),
        iwae(2, 50),
        earlier("vae", 2, Objective::vae(5)),
        earlier("iwae", 2, Objective::iwae(5)),
        earlier("vae", 1, Objective::vae(5)),
        earlier("iwae", 1, Objective::iwae(5)),
    ]
}
