//! A run is resumed with what it was begun with, or refused by name.

use super::*;
use burn_bayes::data::Source;
use proptest::prelude::*;

const RESUMED: Uncertainty = Uncertainty::EncoderAndDecoder;

fn gaussian(scale: Scale) -> VaeConfig {
    VaeConfig::new(16, 3)
        .with_hidden(vec![24])
        .with_likelihood(Family::Normal(scale))
}

fn made(config: &VaeConfig) -> Vae {
    config.init(&Device::default(), &mut Noise::seeded(5))
}

fn fit_two<S: Source<Rows = Tensor<2>>>(
    training: &TrainingConfig,
    model: Vae,
    data: [&S; 2],
    run: Run,
) -> Result<Vec<u32>, String> {
    let trained = training.fit(model, data[0], Some(data[1]), run);
    let trained = trained.map_err(|error| error.to_string())?;
    Ok(bits(&trained.model))
}

#[test]
fn other_settings_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let training = small().with_epochs(2);
    fit(&training, silent(dir.path()));
    let refused = |training: TrainingConfig| {
        let model = vae(RESUMED);
        let run = silent(dir.path()).with_resume(true);
        fit_two(&training, model, [&grey(30), &grey(13)], run).unwrap_err()
    };
    let epochs = refused(training.clone().with_epochs(1));
    assert!(
        epochs.contains("`epochs` is 1") && epochs.contains("has had 2"),
        "{epochs}"
    );
    let seed = refused(training.clone().with_seed(8));
    assert!(seed.contains("other settings"), "{seed}");
    assert!(seed.contains("`seed` is 8 here, 7 there"), "{seed}");
    let mut samples = training.clone();
    samples.objective.num_samples = 4;
    let samples = refused(samples);
    assert!(
        samples.contains("`objective.num_samples` is 4 here, 3 there"),
        "{samples}"
    );
    // Both ways of treating an earlier run do not replace one of other settings.
    let run = silent(dir.path()).with_resume(true).with_overwrite(true);
    let both = fit_two(
        &training.with_seed(8),
        vae(RESUMED),
        [&grey(30), &grey(13)],
        run,
    );
    assert!(both.unwrap_err().contains("other settings"));
}

#[test]
fn other_data_and_another_order_of_rows_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let training = small();
    let (train, valid) = (grey(30), grey(13));
    fit(&training.clone().with_epochs(1), silent(dir.path()));
    let resume = |train: &Binarized, valid: Option<&Binarized>| {
        let run = silent(dir.path()).with_resume(true);
        let error = training.fit(vae(RESUMED), train, valid, run).unwrap_err();
        error.to_string()
    };
    // As many steps an epoch as the run has.
    let more = resume(&grey(32), Some(&valid));
    assert!(
        more.contains("other training data: grey (30 rows of 16"),
        "{more}"
    );
    assert!(more.contains("these are grey (32 rows of 16"), "{more}");
    let mut reversed: Vec<&[f32]> = train.data().values().chunks(16).collect();
    reversed.reverse();
    let binary = |name: &str, values: Vec<f32>| {
        let data = Datapoints::new(name, values, 16).unwrap();
        data.binarized(Binarization::Dynamic)
    };
    let reversed = binary("grey", reversed.concat());
    let order = resume(&reversed, Some(&valid));
    assert!(
        order.contains("other training data") && order.contains("same order"),
        "{order}"
    );
    let mut changed = valid.data().values().to_vec();
    changed[5] += 0.1;
    let changed = binary("grey", changed);
    assert!(resume(&train, Some(&changed)).contains("other validation data"));
    assert!(resume(&train, None).contains("these are none"));
    // Made binary in another way they are other data.
    let once = |data: &Binarized| {
        data.data()
            .clone()
            .binarized(Binarization::Fixed { seed: 3 })
    };
    let once = resume(&once(&train), Some(&once(&valid)));
    assert!(
        once.contains("binarized at each visit") && once.contains("once with seed 3"),
        "{once}"
    );

    // The same numbers under another name are the same data.
    let renamed = binary("renamed", train.data().values().to_vec());
    let run = silent(dir.path()).with_resume(true);
    training
        .fit(vae(RESUMED), &renamed, Some(&valid), run)
        .unwrap();
}

#[test]
fn another_model_is_named_though_its_weights_would_fit() {
    let half = Scale::Fixed { std: 0.5 };
    let random = gaussian(half).with_uncertainty(RESUMED);
    let cases = [
        (
            gaussian(half).with_activation(Activation::Relu),
            "activation: Relu",
        ),
        (
            gaussian(Scale::Fixed { std: 2.0 }),
            "head: Normal(Fixed { std: 2.0 })",
        ),
        (
            gaussian(half).with_products(Products::Bf16),
            "products: Bf16",
        ),
        (gaussian(half).with_hidden(vec![23]), "d_output: 23"),
        (random.clone(), "0: Bayesian"),
    ];
    let frozen = |model: Vae| Vae {
        encoder: model.encoder.freeze(),
        ..model
    };
    let with_prior = random
        .clone()
        .with_weight_prior(WeightPrior::Normal { std: 0.1 });
    let plain = cases
        .into_iter()
        .map(|(other, word)| (gaussian(half), other, word));
    for (config, other, word) in plain.chain([(random, with_prior, "std: 0.1")]) {
        let dir = tempfile::tempdir().unwrap();
        let training = TrainingConfig::new(Objective::iwae(2)).with_epochs(1);
        let data = [&real(30), &real(13)];
        fit_two(&training, made(&config), data, silent(dir.path())).unwrap();
        let run = || silent(dir.path()).with_resume(true);
        let training = training.with_epochs(2);
        let message = fit_two(&training, frozen(made(&config)), data, run()).unwrap_err();
        assert!(message.contains(", frozen"), "{message}");
        let message = fit_two(&training, made(&other), data, run()).unwrap_err();
        assert!(
            message.contains("another model") && message.contains(word),
            "{message}"
        );
        fit_two(&training, made(&config), data, run()).unwrap();
    }
}

#[test]
fn a_run_without_its_settings_or_with_damaged_ones_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let training = small();
    fit(&training.clone().with_epochs(1), silent(dir.path()));
    let refused = || {
        let run = silent(dir.path()).with_resume(true);
        fit_two(&training, vae(RESUMED), [&grey(30), &grey(13)], run).unwrap_err()
    };
    let path = dir.path().join("training.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let cut = refused();
    assert!(
        cut.contains("training.json") && cut.contains("damaged"),
        "{cut}"
    );
    fs::remove_file(&path).unwrap();
    let missing = refused();
    assert!(missing.contains("without `training.json`"), "{missing}");
    assert!(missing.contains("Run::with_overwrite"), "{missing}");

    // Versions that did not write what the model and the data were are resumed as far as settings
    // tell.
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(json.as_object_mut().unwrap().remove("inputs").is_some());
    fs::write(&path, json.to_string()).unwrap();
    let run = silent(dir.path()).with_resume(true);
    fit_two(&training, vae(RESUMED), [&grey(30), &grey(13)], run).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What a run's folder holds: JSON read without care gives one number in nine one rounding off.
    #[test]
    fn settings_equal_themselves_after_their_file(
        learning_rate in proptest::num::f64::POSITIVE,
        epsilon in proptest::num::f64::POSITIVE,
        threshold in 0.0..1.0f64,
        seed: u64,
        floor in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO,
    ) {
        let training = TrainingConfig {
            objective: Objective::iwae(2).with_backward(burn_bayes::train::Backward::Replayed {
                samples_per_chunk: 1,
                threshold,
            }),
            ..small()
        }
        .with_schedule(Schedule::Burda { learning_rate })
        .with_adam_epsilon(epsilon)
        .with_seed(seed);
        let read = TrainingConfig::load_binary(training.to_string().as_bytes()).unwrap();
        prop_assert_eq!(read, training);
        let model = gaussian(Scale::Learned { min_log_variance: floor });
        let read = VaeConfig::load_binary(model.to_string().as_bytes()).unwrap();
        let Family::Normal(Scale::Learned { min_log_variance }) = read.likelihood else {
            panic!("another family")
        };
        prop_assert_eq!(min_log_variance.to_bits(), floor.to_bits());
    }
}
