//! Ladders beside plain hierarchies of one to five layers (Sønderby, Raiko, Maaløe, Sønderby and
//! Winther 2016), without and with warm-up.

use crate::{
    networks::{Networks, Order},
    run::Run,
};
use burn_bayes::{
    model::{LadderConfig, Latents},
    objective::WarmUp,
    prelude::*,
};

/// The paper's latents of each layer and the widths of its networks, from the data up.
const LAYERS: [(usize, usize); 5] = [(64, 512), (32, 256), (16, 128), (8, 64), (4, 32)];
/// The paper has 2000, the warm-up being the first 200.
const EPOCHS: usize = 60;
const BATCH: usize = 100;
/// Half of the epochs.
const WARM_UP: WarmUp = WarmUp::Linear { steps: 30 * 596 };

pub const MOST_LAYERS: usize = LAYERS.len();

pub fn name(order: Order, layers: usize, warms_up: bool) -> String {
    let order = match order {
        Order::Upwards => "upwards",
        Order::Ladder => "ladder",
    };
    let warm_up = if warms_up { "-warm_up" } else { "" };
    format!("{order}-{layers}{warm_up}")
}

/// A ladder of one layer is the plain model.
pub fn runs(seed: u64) -> Vec<Run> {
    let run = |order, count: usize, warms_up| {
        let layers = LAYERS[..count].iter();
        let layers =
            layers.map(|&(latents, width)| Latents::new(latents).with_hidden(vec![width; 2]));
        let layers = LadderConfig::new(784, layers.collect()).with_batch_norm(true);
        let warm_up = if warms_up { WARM_UP } else { WarmUp::None };
        let training = TrainingConfig::new(Objective::vae(1).with_warm_up(warm_up))
            .with_epochs(EPOCHS)
            .with_batch_size(BATCH);
        Run {
            eval_samples: 1000,
            eval_images: 1000,
            ..Run::new(
                &name(order, count, warms_up),
                seed,
                Networks::Deep { order, layers },
                training,
            )
        }
    };
    let counts = [1, 2, 5, 3, 4];
    let mut runs = Vec::new();
    for count in counts {
        for warms_up in [true, false] {
            runs.push(run(Order::Upwards, count, warms_up));
            if count > 1 {
                runs.push(run(Order::Ladder, count, warms_up));
            }
        }
    }
    runs
}
