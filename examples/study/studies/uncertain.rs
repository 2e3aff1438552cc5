//! What uncertain weights bring: by the size of the training set, and one setting changed at a
//! time.

use super::talk::{METHODS, model, objective};
use crate::run::Run;
use burn_bayes::{
    bound::Bound,
    prelude::*,
    train::{ChargedWeights, Schedule, WarmUp},
};

/// Sizes of the training set, and epochs: enough for the best one to be among them up to 5000. Of
/// all images there are the talk's runs.
pub const SIZES: [(usize, usize); 3] = [(1000, 600), (5000, 400), (20_000, 150)];
/// At this size settings are changed.
pub const VARIED: usize = 1000;
/// Half of the steps.
const WARM_UP: WarmUp = WarmUp::Linear { steps: 3000 };

pub fn name(what: &str, images: usize) -> String {
    format!("{what}-{images}")
}

pub fn runs(seed: u64) -> Vec<Run> {
    let methods = SIZES
        .into_iter()
        .flat_map(|(images, _)| methods(seed, images));
    let more_samples = METHODS.map(|(method, _)| more_samples(method, seed));
    methods
        .chain(variations(seed))
        .chain(more_samples)
        .collect()
}

/// The model of another run, evaluated once more with ten times as many samples.
fn more_samples(method: &str, seed: u64) -> Run {
    let of = methods(seed, VARIED).into_iter();
    let mut of = of.filter(|run| run.name == name(method, VARIED));
    let Some(of) = of.next() else {
        unreachable!("each method has its runs");
    };
    Run {
        name: name(&format!("{method}-more"), VARIED),
        start: Some(of.name),
        training: of.training.with_epochs(0),
        best: false,
        eval_samples: 10 * of.eval_samples,
        ..of
    }
}

/// The talk's networks on so many images, at a constant learning rate; the best epoch counts.
fn run(what: &str, seed: u64, images: usize, model: VaeConfig, objective: Objective) -> Run {
    let epochs = SIZES.iter().find(|(size, _)| *size == images);
    let epochs = epochs.map_or(100, |&(_, epochs)| epochs);
    let training = TrainingConfig::new(objective).with_epochs(epochs);
    Run {
        images,
        best: true,
        eval_samples: 1000,
        eval_images: 1000,
        ..Run::new(&name(what, images), seed, model, training)
    }
}

fn methods(seed: u64, images: usize) -> [Run; 3] {
    METHODS.map(|(method, uncertainty)| run(method, seed, images, model(uncertainty), objective()))
}

/// Every row of the table of variations, the talk's methods excepted.
pub fn variations(seed: u64) -> Vec<Run> {
    let new = |what: &str, model, objective| run(what, seed, VARIED, model, objective);
    let both = Uncertainty::EncoderAndDecoder;
    let charged = |weights| objective().with_charged_weights(weights);
    let prior = |prior| model(both).with_weight_prior(prior);
    let mut runs = vec![new(
        "decoder_only",
        model(Uncertainty::Decoder),
        objective(),
    )];
    for std in [0.0067, 0.05] {
        let model = model(both).with_initial_weight_std(std);
        runs.push(new(&format!("iwaeu-std{std}"), model, objective()));
    }
    // A charge that begins with a trained model; that model with noise alone, and with neither.
    let start = Some(name("iwae", VARIED));
    let centred = |what: &str, std| {
        let model = prior(WeightPrior::Normal { std }).with_initial_weight_std(std);
        Run {
            start: start.clone(),
            centred: true,
            ..new(what, model, charged(ChargedWeights::All))
        }
    };
    for std in [0.011, 0.05] {
        runs.push(centred(&format!("iwaeu-centred{std}"), std));
    }
    let further = |what: &str, uncertainty| Run {
        start: start.clone(),
        ..new(what, model(uncertainty), objective())
    };
    runs.push(further("iwaeu-further", both));
    runs.push(further("iwae-further", Uncertainty::None));
    // Smaller steps: the methods go on from their own trained models.
    let slower = METHODS.map(|(method, uncertainty)| Run {
        start: Some(name(method, VARIED)),
        ..new(&format!("{method}-slower"), model(uncertainty), objective())
    });
    let around = [("slower", "iwae"), ("after_slower", "iwae-slower")].map(|(what, start)| Run {
        start: Some(name(start, VARIED)),
        ..centred(&format!("iwaeu-centred0.011-{what}"), 0.011)
    });
    for mut run in slower.into_iter().chain(around) {
        run.training.schedule = Schedule::Constant {
            learning_rate: 1e-4,
        };
        runs.push(run);
    }
    // A charge that grows.
    for (charge, weights) in [
        ("decoder", ChargedWeights::Decoder),
        ("all", ChargedWeights::All),
    ] {
        for (of, weight_prior) in [
            ("unit", WeightPrior::default()),
            ("matched", WeightPrior::Matched),
        ] {
            let what = format!("iwaeu-{of}-{charge}");
            let objective = charged(weights).with_weight_warm_up(WARM_UP);
            runs.push(new(&what, prior(weight_prior), objective));
        }
    }
    // Black-box α = 1 is `iwaeu`, with a charge or without.
    let half = Objective {
        bound: Bound::Renyi { alpha: 0.5 },
        ..objective()
    };
    runs.push(new("iwae-alpha0.5", model(Uncertainty::None), half.clone()));
    runs.push(new("iwaeu-alpha0.5", model(both), half));
    for (setting, binarization) in [
        ("fixed", Binarization::Fixed { seed: 1 }),
        ("grey", Binarization::Grey),
    ] {
        for (method, uncertainty) in METHODS {
            let what = format!("{method}-{setting}");
            runs.push(Run {
                binarization,
                ..new(&what, model(uncertainty), objective())
            });
        }
    }
    for (setting, activation) in [
        ("relu", Activation::Relu),
        ("softplus", Activation::Softplus),
    ] {
        for (method, uncertainty) in METHODS {
            let model = model(uncertainty).with_activation(activation);
            runs.push(new(&format!("{method}-{setting}"), model, objective()));
        }
    }
    for (method, uncertainty) in METHODS {
        let what = format!("{method}-batch20");
        let mut run = new(&what, model(uncertainty), objective());
        run.training.batch_size = 20;
        run.training.epochs /= 5;
        runs.push(run);
    }
    runs
}
