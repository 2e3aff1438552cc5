//! Whole models: one whose answer is known, and what every model must keep.

mod common;

use burn_bayes::prelude::*;
use common::{Exact, linear};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn device() -> Device {
    Device::default()
}

/// Under the exact posterior every log-weight is log p(x): any noise, any k; every bound agrees and
/// the effective sample size is k.
#[test]
fn the_exact_posterior_makes_every_weight_the_evidence() {
    let exact = Exact::new(&device());
    let data = [[0.3, -2.0, 1.5], [4.0, 0.0, -3.0], [0.5, -1.0, 0.25]];
    let x = Tensor::<2>::from_floats(data.map(|row| row.map(|v| v as f32)), &device());
    for (k, seed) in [(1, 0), (7, 1), (50, 2)] {
        let parts = exact
            .model
            .log_weights(x.clone(), k, &mut Noise::seeded(seed));
        let log_weights = parts.total();
        assert_eq!(log_weights.dims(), [k, 3]);
        let bounds = [
            bound::vae(log_weights.clone()),
            bound::iwae(log_weights.clone()),
        ]
        .map(values);
        let sizes = values(bound::effective_sample_size(log_weights.clone()));
        for (i, row) in data.iter().enumerate() {
            let expected = exact.log_evidence(*row);
            for &weight in &values(log_weights.clone().narrow(1, i, 1)) {
                // Terms of order 30 cancel to this, each rounded to 6e-8.
                assert!(
                    (f64::from(weight) - expected).abs() < 2e-5,
                    "{weight}, expected {expected}"
                );
            }
            assert!(
                bounds
                    .iter()
                    .all(|bound| (f64::from(bound[i]) - expected).abs() < 2e-5)
            );
            assert!((sizes[i] - k as f32).abs() < 1e-3 * k as f32);
        }
    }
    let settings = LogLikelihoodSettings {
        num_samples: 100,
        ..Default::default()
    };
    let estimate = evaluate::log_likelihood(&exact.model, x, &settings, &Noise::seeded(3)).unwrap();
    for (value, row) in estimate.values.iter().zip(data) {
        assert!((value - exact.log_evidence(row)).abs() < 2e-5);
    }
    assert!(
        estimate
            .effective_sample_sizes
            .iter()
            .all(|ess| (ess - 100.0).abs() < 0.01)
    );
    assert!(estimate.monte_carlo_error() < 1e-4);
}

/// A proposal that is not the posterior: the bound lies below, and comes up with k.
#[test]
fn a_wrong_proposal_lowers_the_bound() {
    let exact = Exact::new(&device());
    let x = [0.3, -2.0, 1.5];
    let rows = Tensor::<2>::from_floats([x.map(|v| v as f32)], &device()).repeat_dim(0, 4000);
    let mut model = exact.model.clone();
    model.encoder.mlp.layers = vec![linear(
        vec![0.0; 12],
        [3, 4],
        vec![-0.4, -0.5, 0.0, 0.5],
        &device(),
    )];
    let expected = |k: usize| {
        let bound = bound::iwae(
            model
                .log_weights(rows.clone(), k, &mut Noise::seeded(1))
                .total(),
        );
        f64::from(bound.mean().into_scalar::<f32>())
    };
    let evidence = exact.log_evidence(x);
    let bounds = [1, 4, 16, 64].map(expected);
    assert!(
        bounds.windows(2).all(|pair| pair[0] + 0.05 < pair[1]),
        "{bounds:?}"
    );
    assert!(
        bounds[3] < evidence + 0.02 && bounds[3] > evidence - 0.3,
        "{bounds:?}, evidence {evidence}"
    );
}

fn model(uncertainty: Uncertainty) -> (VaeConfig, Vae) {
    let config = VaeConfig::new(12, 3)
        .with_hidden(vec![8, 5])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.1);
    let model = config.init(&device(), &mut Noise::seeded(1));
    (config, model)
}

const ALL: [Uncertainty; 3] = [
    Uncertainty::None,
    Uncertainty::Encoder,
    Uncertainty::EncoderAndDecoder,
];

fn binary_rows(rows: usize) -> Tensor<2> {
    Noise::seeded(2)
        .normal([1, rows, 12], &device())
        .greater_elem(0.0)
        .float()
        .squeeze_dim(0)
}

/// The cut of samples and rows, and the rows' order, leave every log-weight as it was.
#[test]
fn log_weights_do_not_depend_on_the_cut() {
    let x = binary_rows(6);
    for uncertainty in ALL {
        let (_, model) = model(uncertainty);
        let noise = || Noise::seeded(3);
        let whole = model.log_weights(x.clone(), 5, &mut noise()).total();
        let close = |part: Tensor<2>, expected: Tensor<2>| {
            let difference: f32 = (part - expected).abs().max().into_scalar();
            assert!(difference < 1e-5, "{uncertainty:?}: {difference}");
        };
        let late = model
            .log_weights(x.clone(), 2, &mut noise().with_first_sample(3))
            .total();
        close(late, whole.clone().narrow(0, 3, 2));
        let low = model
            .log_weights(
                x.clone().narrow(0, 4, 2),
                5,
                &mut noise().with_first_datapoint(4),
            )
            .total();
        close(low, whole.clone().narrow(1, 4, 2));

        let order = [5, 0, 2];
        let index = Tensor::<1, burn::tensor::Int>::from_ints(order.map(|i| i as i32), &device());
        let picked = model
            .log_weights(
                x.clone().select(0, index.clone()),
                5,
                &mut noise().with_datapoints(&order),
            )
            .total();
        close(picked, whole.clone().select(1, index));

        // Selected (sample, datapoint) pairs, run again on their own.
        let pairs = [(4, 1), (0, 1), (2, 5)];
        let rows = Tensor::<1, burn::tensor::Int>::from_ints([1, 1, 5], &device());
        let replayed = model
            .log_weights(
                x.clone().select(0, rows),
                1,
                &mut noise().with_pairs(&pairs),
            )
            .total();
        let expected = pairs.map(|(i, j)| {
            whole
                .clone()
                .narrow(0, i as usize, 1)
                .narrow(1, j as usize, 1)
        });
        close(replayed, Tensor::cat(expected.to_vec(), 1));
    }
}

#[test]
fn parts_have_the_documented_shapes() {
    for uncertainty in ALL {
        let (_, model) = model(uncertainty);
        let parts = model.log_weights(binary_rows(4), 5, &mut Noise::seeded(0));
        let latent_kl = parts.latent_kl().unwrap();
        for part in [parts.log_likelihood, parts.log_prior, parts.log_proposal] {
            assert_eq!(part.dims(), [5, 4]);
        }
        let draws = if uncertainty == Uncertainty::None {
            1
        } else {
            5
        };
        assert_eq!(latent_kl.dims(), [draws, 4]);
        assert_eq!(
            model
                .encode(binary_rows(4), 5, &mut Noise::seeded(0))
                .loc()
                .dims(),
            [draws, 4, 3]
        );

        let samples = model.sample(9, &mut Noise::seeded(0));
        assert_eq!(samples.dims(), [9, 12]);
        assert!(values(samples).iter().all(|&x| x == 0.0 || x == 1.0));
        let reconstructions = model.reconstruct(binary_rows(4), 5, &mut Noise::seeded(0));
        assert_eq!(reconstructions.dims(), [5, 4, 12]);
        assert!(
            values(reconstructions)
                .iter()
                .all(|&x| (0.0..=1.0).contains(&x))
        );
        assert_eq!(model.d_latent(), 3);
    }
}

#[test]
fn only_random_weights_are_charged() {
    let charge = |uncertainty| {
        let (_, model) = model(uncertainty);
        let kl = |kl: Option<Tensor<1>>| kl.map(|kl| kl.into_scalar::<f32>());
        (
            kl(model.encoder_weight_kl()),
            kl(model.decoder_weight_kl()),
            kl(model.weight_kl()),
        )
    };
    assert_eq!(charge(Uncertainty::None), (None, None, None));
    let (encoder, decoder, total) = charge(Uncertainty::Encoder);
    assert!(encoder.unwrap() > 0.0 && decoder.is_none());
    assert_eq!(total, encoder);
    let (encoder, decoder, total) = charge(Uncertainty::EncoderAndDecoder);
    assert!((total.unwrap() - encoder.unwrap() - decoder.unwrap()).abs() < 1e-3);
}

#[test]
fn the_posterior_mean_is_a_plain_model() {
    let (_, fixed) = model(Uncertainty::None);
    assert!(fixed.posterior_mean().is_none());
    let (_, random) = model(Uncertainty::EncoderAndDecoder);
    let mean = random.posterior_mean().unwrap();
    assert!(mean.weight_kl().is_none());
    // Both were made from the same seed, so they share their (mean) weights.
    let log_weights = |model: &Vae| {
        values(
            model
                .log_weights(binary_rows(4), 5, &mut Noise::seeded(0))
                .total(),
        )
    };
    assert_eq!(log_weights(&mean), log_weights(&fixed));
}

/// With all other weights at 0 the decoder says the data's clipped mean.
#[test]
fn the_output_bias_starts_at_the_data_mean() {
    for uncertainty in ALL {
        let (_, model) = model(uncertainty);
        let mean: Vec<f32> = (0..12).map(|i| i as f32 / 11.0).collect();
        let model = model.with_data_mean(Tensor::from_data(
            TensorData::new(mean.clone(), [12]),
            &device(),
        ));
        let Decoder::Bernoulli(decoder) = &model.decoder else {
            panic!("binary data")
        };
        let bias = match decoder.mlp.layers.last().unwrap() {
            Dense::Deterministic(linear) => linear.bias.as_ref().unwrap().val(),
            Dense::Bayesian(linear) => linear.bias_loc.as_ref().unwrap().val(),
        };
        for (p, expected) in values(burn::tensor::activation::sigmoid(bias))
            .into_iter()
            .zip(mean)
        {
            assert!((p - expected.clamp(0.001, 0.999)).abs() < 1e-6);
        }
    }
}

#[test]
fn records_round_trip_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    for uncertainty in ALL {
        let (config, model) = model(uncertainty);
        let dir = folder.path().join(format!("{uncertainty:?}"));
        model.save(&config, &dir).unwrap();
        let (read, same) = Vae::load(&dir, &device()).unwrap();
        assert_eq!(config.to_string(), read.to_string());
        let log_weights = |model: &Vae| {
            values(
                model
                    .log_weights(binary_rows(4), 5, &mut Noise::seeded(0))
                    .total(),
            )
        };
        assert_eq!(log_weights(&model), log_weights(&same));
        // Saving again replaces; nothing is left beside the two files.
        model.save(&config, &dir).unwrap();
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 2);
    }
}

/// Format 1 is 2 without the number type of products.
#[test]
fn records_of_format_1_are_read_and_of_the_future_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (config, model) = model(Uncertainty::None);
    model.save(&config, folder.path()).unwrap();
    let file = folder.path().join("model.json");
    let mut json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    json["format"] = 1.into();
    let removed = json["model"].as_object_mut().unwrap().remove("products");
    assert!(removed.is_some());
    std::fs::write(&file, json.to_string()).unwrap();
    let (read, _) = Vae::load(folder.path(), &device()).unwrap();
    assert_eq!(config.to_string(), read.to_string());

    json["format"] = 3.into();
    std::fs::write(&file, json.to_string()).unwrap();
    let message = Vae::load(folder.path(), &device()).unwrap_err().to_string();
    assert!(message.contains("format 3"), "{message}");
}

#[test]
fn a_record_of_another_architecture_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (config, plain) = model(Uncertainty::None);
    plain.save(&config, folder.path()).unwrap();
    let weights = folder.path().join("weights.bpk");
    for other in [
        config.clone().with_hidden(vec![8, 6]),
        config.clone().with_hidden(vec![8]),
        config.clone().with_uncertainty(Uncertainty::Encoder),
        VaeConfig {
            d_latent: 4,
            ..config.clone()
        },
    ] {
        let message = other
            .load_weights(&weights, &device())
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("weights.bpk") && message.contains("configuration"),
            "{message}"
        );
    }
    let message = config
        .load_weights(folder.path().join("none.bpk"), &device())
        .unwrap_err()
        .to_string();
    assert!(message.contains("none.bpk"), "{message}");
    let cut = std::fs::read(&weights).unwrap();
    std::fs::write(&weights, &cut[..cut.len() / 2]).unwrap();
    assert!(Vae::load(folder.path(), &device()).is_err());
    std::fs::write(folder.path().join("model.json"), "{").unwrap();
    let message = Vae::load(folder.path(), &device()).unwrap_err().to_string();
    assert!(message.contains("model.json"), "{message}");
}

#[test]
fn configurations_that_cannot_work_are_refused() {
    let base = VaeConfig::new(12, 3);
    for (name, config) in [
        ("d_data", VaeConfig::new(0, 3)),
        ("d_latent", VaeConfig::new(12, 0)),
        ("hidden", base.clone().with_hidden(vec![5, 0])),
        (
            "initial_weight_std",
            base.clone().with_initial_weight_std(f64::NAN),
        ),
        (
            "weight_prior.std",
            base.clone()
                .with_weight_prior(WeightPrior::Normal { std: -1.0 }),
        ),
        (
            "likelihood.std",
            base.with_likelihood(LikelihoodConfig::Gaussian(DecoderScale::Fixed { std: 0.0 })),
        ),
    ] {
        let message = config.validate().unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
    }
}
