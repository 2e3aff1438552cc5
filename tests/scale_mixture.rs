//! The scale mixture as a prior of weights.

use burn_bayes::{prelude::*, train::Run};

const PRIOR: WeightPrior = WeightPrior::ScaleMixture {
    share: 0.25,
    wide: 1.0,
    narrow: 0.0025,
};

/// Of one weight N(loc, scale²).
fn charge(loc: f64, scale: f64, prior: WeightPrior) -> f64 {
    let device = Device::default();
    let number = |x: f64| Tensor::<2>::from_floats([[x as f32]], &device);
    let kl = prior.kl(&Normal::new(number(loc), number(scale)));
    kl.into_scalar::<f32>().into()
}

/// Mean and standard deviation of a weight, share, wide and narrow, then the divergence by
/// quadrature and the bound by its formula, both of 30 digits (mpmath 1.3).
const REFERENCE: [[f64; 7]; 7] = [
    [
        0.0,
        0.011,
        0.25,
        1.0,
        0.0025,
        2.330722621079013,
        5.323865979398428,
    ],
    [
        0.05,
        0.011,
        0.25,
        1.0,
        0.0025,
        5.397092233455168,
        5.397464867303657,
    ],
    [
        0.012,
        0.002,
        0.5,
        1.0,
        0.0025,
        6.29511083423908,
        6.404949097261542,
    ],
    [
        0.5,
        0.1,
        0.5,
        1.0,
        0.1,
        2.614765282500187,
        2.6257065326124485,
    ],
    [
        0.0,
        0.3,
        0.5,
        1.0,
        0.1,
        0.4275377908019507,
        1.3321870597712322,
    ],
    [
        -0.2,
        0.05,
        0.5,
        1.0,
        0.1,
        2.299346196303089,
        2.4126309222604094,
    ],
    [
        1.5,
        0.01,
        0.25,
        1.0,
        0.05,
        6.616514547107982,
        6.616514547107982,
    ],
];

#[test]
fn the_charge_is_a_bound_of_the_divergence() {
    for [loc, scale, share, wide, narrow, divergence, bound] in REFERENCE {
        let prior = WeightPrior::ScaleMixture {
            share,
            wide,
            narrow,
        };
        let found = charge(loc, scale, prior);
        assert!((found - bound).abs() < 2e-5, "{found}, expected {bound}");
        assert!(found > divergence - 2e-5);
    }
}

/// A weight that is far from the narrow one, or as narrow as it, is charged by one of the two, and
/// for the choice.
#[test]
fn one_of_the_two_may_be_all() {
    for (loc, scale, share, std) in [(0.8, 0.3, 0.25f64, 1.0), (0.0, 0.0025, 0.75, 0.0025)] {
        let of_one = charge(loc, scale, WeightPrior::Normal { std });
        let found = charge(loc, scale, PRIOR);
        let difference = found - (of_one - share.ln());
        // At 0 the wide one still has a share of one in a thousand.
        assert!(difference.abs() < 2e-3, "{found}, {of_one}");
    }
}

#[test]
fn numbers_that_make_no_mixture_are_refused() {
    for (share, wide, narrow) in [
        (0.0, 1.0, 0.1),
        (1.0, 1.0, 0.1),
        (f64::NAN, 1.0, 0.1),
        (0.5, 0.1, 1.0),
        (0.5, 1.0, 0.0),
        (0.5, f64::INFINITY, 0.1),
    ] {
        let prior = WeightPrior::ScaleMixture {
            share,
            wide,
            narrow,
        };
        let layer = BayesianLinearConfig::new(2, 2).with_prior(prior);
        let made = std::panic::catch_unwind(|| {
            layer.init(&Device::default(), &mut Noise::seeded(0));
        });
        let panic = made.unwrap_err();
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains("the prior's"), "{message}");
    }
}

/// Weights that the data do not need go to the narrow one; the model and its prior are saved.
#[test]
fn a_model_is_trained_under_it_and_saved() {
    let device = Device::default();
    let config = VaeConfig::new(6, 3)
        .with_hidden(vec![7])
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_weight_prior(PRIOR);
    let model = config.init(&device, &mut Noise::seeded(1));
    let numbers = (0..240).map(|i| (i % 5 % 2) as f32);
    let data = Datapoints::new("some", numbers.collect(), 6).unwrap();
    let charge = |model: &Vae| f64::from(model.weight_kl().unwrap().into_scalar::<f32>());
    let before = charge(&model);
    let dir = tempfile::tempdir().unwrap();
    let training = TrainingConfig::new(Objective::iwaeu(3, ChargedWeights::All))
        .with_epochs(40)
        .with_batch_size(10)
        .with_schedule(Schedule::Constant {
            learning_rate: 1e-2,
        });
    let run = Run::new(dir.path().join("run")).with_progress(Progress::Silent);
    let trained = training.fit(model, &data, None, run).unwrap().model;
    assert!(
        charge(&trained) < 0.9 * before,
        "{before}, {}",
        charge(&trained)
    );

    let json = serde_json::to_string(&config).unwrap();
    let read: VaeConfig = serde_json::from_str(&json).unwrap();
    assert_eq!(read.weight_prior, PRIOR);
    trained.save(&config, dir.path().join("model")).unwrap();
    let (_, loaded) = load(dir.path(), &device);
    assert!((charge(&loaded) - charge(&trained)).abs() < 1e-3);
}

fn load(dir: &std::path::Path, device: &Device) -> (VaeConfig, Vae) {
    Vae::load(dir.join("model"), device).unwrap()
}
