//! The talk's methods on 1000 images, one setting changed at a time.

use super::{
    size::run,
    talk::{METHODS, model, objective},
};
use crate::run::Run;
use burn_bayes::{
    bound::Bound,
    prelude::*,
    train::{ChargedWeights, WarmUp},
};

const IMAGES: usize = 1000;
/// Half of the steps.
const WARM_UP: WarmUp = WarmUp::Linear { steps: 3000 };

pub fn runs(seed: u64) -> Vec<Run> {
    let new = |name: &str, model, objective| run(name, seed, IMAGES, model, objective);
    let both = Uncertainty::EncoderAndDecoder;
    let charged = |charged| objective().with_charged_weights(charged);
    let prior = |prior| model(both).with_weight_prior(prior);
    let std = |std: f64| model(both).with_initial_weight_std(std);
    let mut runs: Vec<Run> = METHODS
        .map(|(name, uncertainty)| new(name, model(uncertainty), objective()))
        .into();
    runs.push(new(
        "decoder_only",
        model(Uncertainty::Decoder),
        objective(),
    ));
    for value in [0.0067, 0.05] {
        runs.push(new(&format!("iwaeu-std{value}"), std(value), objective()));
    }
    // A charge that is there from the first step, that grows, and that begins with a trained model.
    for (name, weights) in [
        ("decoder", ChargedWeights::Decoder),
        ("all", ChargedWeights::All),
    ] {
        for (of, weight_prior) in [
            ("unit", WeightPrior::default()),
            ("matched", WeightPrior::Matched),
        ] {
            let name = format!("iwaeu-{of}-{name}");
            let objective = charged(weights).with_weight_warm_up(WARM_UP);
            runs.push(new(&name, prior(weight_prior), objective));
        }
    }
    for std in [0.011, 0.05] {
        let centred = WeightPrior::Normal { std };
        let model = prior(centred).with_initial_weight_std(std);
        runs.push(Run {
            start: Some("iwae".into()),
            centred: true,
            ..new(
                &format!("iwaeu-centred{std}"),
                model,
                charged(ChargedWeights::All),
            )
        });
    }
    runs.push(Run {
        start: Some("iwae".into()),
        ..new("iwae-further", model(Uncertainty::None), objective())
    });
    // Black-box α = 1 is `iwaeu` with a charge.
    let half = Objective {
        bound: Bound::Renyi { alpha: 0.5 },
        ..objective()
    };
    runs.push(new("iwaeu-alpha0.5", model(both), half));
    for (name, binarization) in [
        ("fixed", Binarization::Fixed { seed: 1 }),
        ("grey", Binarization::Grey),
    ] {
        for (method, uncertainty) in METHODS {
            runs.push(Run {
                binarization,
                ..new(&format!("{method}-{name}"), model(uncertainty), objective())
            });
        }
    }
    for (name, activation) in [
        ("relu", Activation::Relu),
        ("softplus", Activation::Softplus),
    ] {
        for (method, uncertainty) in METHODS {
            let model = model(uncertainty).with_activation(activation);
            runs.push(new(&format!("{method}-{name}"), model, objective()));
        }
    }
    for (method, uncertainty) in METHODS {
        let mut run = new(
            &format!("{method}-batch20"),
            model(uncertainty),
            objective(),
        );
        run.training.batch_size = 20;
        runs.push(run);
    }
    runs
}
