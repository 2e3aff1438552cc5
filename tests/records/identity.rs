//! A saved model is one thing, and stays what it is.

use super::*;
use proptest::prelude::*;
use std::{fs, thread};

#[test]
fn records_round_trip_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    for uncertainty in ALL {
        let config = config(uncertainty);
        let model = made(&config, 1);
        let dir = folder.path().join(format!("{uncertainty:?}"));
        model.save(&config, &dir).unwrap();
        let (read, same) = Vae::load(&dir, &device()).unwrap();
        assert_eq!(config.to_string(), read.to_string());
        assert_eq!(bits(&model), bits(&same));
        assert_eq!(model.to_string(), same.to_string());
        // Saving again replaces; nothing is left beside the two files.
        model.save(&config, &dir).unwrap();
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
    }
}

/// burn reads a record's numbers from its file when they are used first.
/// Half the size, and each weight is the nearest number of 16 bits.
#[test]
fn half_records_are_rounded_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(Uncertainty::EncoderAndDecoder).with_hidden(vec![300]);
    let model = made(&config, 1);
    let [whole, half] = ["whole", "half"].map(|name| dir.path().join(name));
    model.save(&config, &whole).unwrap();
    model.save_half(&config, &half).unwrap();
    let size = |dir: &Path| std::fs::metadata(dir.join("weights.bpk")).unwrap().len() as f64;
    assert!(size(&half) < 0.55 * size(&whole));
    let (_, loaded) = Vae::load(&half, &device()).unwrap();
    let weights = |model: &Vae| {
        let layers = model.random_layers();
        let of = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        let of_layer = |layer: &BayesianLinear| {
            [
                of(layer.weight_loc.val()),
                of(layer.weight_log_variance.val()),
            ]
            .concat()
        };
        layers
            .iter()
            .flat_map(|(_, layer)| of_layer(layer))
            .collect::<Vec<f32>>()
    };
    let (before, after) = (weights(&model), weights(&loaded));
    assert_eq!(before.len(), after.len());
    assert_ne!(before, after);
    for (before, after) in before.iter().zip(&after) {
        // Of 11 bits, or of the smallest step near 0.
        let step = (before.abs() / 2048.0).max(2f32.powi(-25));
        assert!((before - after).abs() <= step, "{before} became {after}");
    }
    // What is rounded stays as it is.
    loaded.save_half(&config, &whole).unwrap();
    let (_, again) = Vae::load(&whole, &device()).unwrap();
    assert_eq!(weights(&again), after);
    let mut large = model.clone();
    large.encoder.network.layers[0] = match large.encoder.network.layers[0].clone() {
        Dense::Bayesian(mut layer) => {
            layer.weight_loc = layer.weight_loc.map(|loc| loc.add_scalar(70_000.0));
            Dense::Bayesian(layer)
        }
        fixed => fixed,
    };
    let error = large
        .save_half(&config, dir.path().join("large"))
        .unwrap_err();
    assert!(error.to_string().contains("16 bits do not hold"), "{error}");
}

#[test]
fn what_was_loaded_stays_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("model");
    let config = config(Uncertainty::EncoderAndDecoder);
    let (first, second) = (made(&config, 1), made(&config, 2));
    assert_ne!(bits(&first), bits(&second));

    first.save(&config, &dir).unwrap();
    let weights = dir.join("weights.bpk");
    let loaded = load(&dir).unwrap();
    let by_weights = config.load_weights(&weights, &device()).unwrap();
    second.save(&config, &dir).unwrap();
    assert_eq!(bits(&loaded), bits(&first));
    assert_eq!(bits(&by_weights), bits(&first));

    let loaded = load(&dir).unwrap();
    let by_weights = config.load_weights(&weights, &device()).unwrap();
    fs::remove_dir_all(&dir).unwrap();
    assert_eq!(bits(&loaded), bits(&second));
    assert_eq!(bits(&by_weights.train().valid()), bits(&second));
}

#[test]
fn a_configuration_of_another_model_is_refused_when_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("model");
    let random = config(Uncertainty::EncoderAndDecoder);
    let gaussian = |scale| random.clone().with_likelihood(Family::Normal(scale));
    let half = Scale::Fixed { std: 0.5 };
    for (config, other, words) in [
        (
            random.clone(),
            random.clone().with_activation(Activation::Relu),
            ["activation: Relu", "activation: Tanh"],
        ),
        (
            random.clone(),
            random
                .clone()
                .with_weight_prior(WeightPrior::Normal { std: 0.1 }),
            ["std: 0.1", "std: 1.0"],
        ),
        (
            gaussian(half),
            gaussian(Scale::Fixed { std: 2.0 }),
            ["std: 2.0", "std: 0.5"],
        ),
        (
            gaussian(half),
            gaussian(Scale::Learned {
                min_log_variance: -6.0,
            }),
            ["d_output: 24", "d_output: 12"],
        ),
        (
            random.clone(),
            random.clone().with_products(Products::Bf16),
            ["products: Bf16", "products: Full"],
        ),
        (
            random.clone(),
            random.clone().with_uncertainty(Uncertainty::None),
            ["0: Deterministic", "0: Bayesian"],
        ),
        (
            random.clone(),
            random.clone().with_hidden(vec![8, 6]),
            ["d_output: 6", "d_output: 5"],
        ),
        (
            random.clone(),
            random.clone().with_random_bias(false),
            ["bias: fixed", "bias: random"],
        ),
    ] {
        let message = made(&config, 1).save(&other, &dir).unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
        assert!(!dir.exists(), "{message}");

        // Nor is it when weights are loaded: those of a checkpoint come without a configuration.
        made(&config, 1).save(&config, &dir).unwrap();
        let refused = other.load_weights(dir.join("weights.bpk"), &device());
        let message = refused.unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
        assert!(message.contains("weights.bpk") && message.contains("configuration"));
        fs::remove_dir_all(&dir).unwrap();
    }

    // A model at its posterior mean has no uncertainty.
    let mean = made(&random, 1).posterior_mean().unwrap();
    assert!(mean.save(&random, &dir).is_err());
    let plain = random.with_uncertainty(Uncertainty::None);
    mean.save(&plain, &dir).unwrap();
    assert_eq!(bits(&load(&dir).unwrap()), bits(&mean));
}

/// What a model prints is kept in records, which are compared by it: where this changes, the name
/// of the note's entry must.
#[test]
fn a_model_prints_all_that_is_no_parameter() {
    let config = VaeConfig::new(2, 1)
        .with_hidden(vec![])
        .with_uncertainty(Uncertainty::Encoder)
        .with_likelihood(Family::Normal(Scale::Fixed { std: 0.5 }));
    let printed = made(&config, 1).to_string();
    assert_eq!(printed, include_str!("printed.txt").trim_end());
    let trained = made(&config, 2).train();
    assert_eq!(trained.to_string(), printed);
}

/// Each writer's model is whole: a configuration never stands with another's weights.
#[test]
fn models_saved_at_once_into_one_folder_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let dir = &folder.path().join("model");
    let configs: Vec<VaeConfig> = (4..7)
        .map(|width| config(Uncertainty::None).with_hidden(vec![width]))
        .collect();
    let models: Vec<Vae> = configs.iter().map(|config| made(config, 1)).collect();
    models[0].save(&configs[0], dir).unwrap();
    thread::scope(|scope| {
        for (config, model) in configs.iter().zip(&models) {
            scope.spawn(move || (0..20).for_each(|_| model.save(config, dir).unwrap()));
        }
        for _ in 0..40 {
            let (config, model) = Vae::load(dir, &device()).unwrap();
            let width = config.hidden[0];
            assert_eq!(bits(&model), bits(&models[width - 4]));
        }
    });
    assert_eq!(fs::read_dir(dir).unwrap().count(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// JSON without care reads one number in nine one rounding off.
    #[test]
    fn settings_are_equal_to_themselves_after_any_file(number in proptest::num::f64::POSITIVE) {
        prop_assume!(number.is_finite());
        let config = config(Uncertainty::None)
            .with_initial_weight_std(number)
            .with_weight_prior(WeightPrior::Normal { std: number });
        let text = config.to_string();
        let read = VaeConfig::load_binary(text.as_bytes()).unwrap();
        prop_assert_eq!(read.initial_weight_std.to_bits(), number.to_bits());
        prop_assert_eq!(read.weight_prior, config.weight_prior);
    }
}
