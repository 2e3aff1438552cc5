//! Whole models: one whose answer is known, and what every model must keep.

#[path = "../common/mod.rs"]
mod common;
mod shapes;

use burn::module::Param;
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
            // Weights equal to 2e-5 take nothing from k; some roundings of 6e-8 are left.
            assert!((sizes[i] - k as f32).abs() < 1e-5 * k as f32);
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
    // Weights w with a relative deviation below 2e-5: K − ESS = K Var(w)/E(w)² < 100 · 4e-10.
    assert!(
        estimate
            .effective_sample_sizes
            .iter()
            .all(|ess| (ess - 100.0).abs() < 1e-7)
    );
    // √(Var(w)/E(w)²/K) of each of three datapoints.
    assert!(estimate.monte_carlo_error() < 2e-5 / 300f64.sqrt());
}

/// A proposal q that is not the posterior p. The bound of one sample is KL(q ‖ p) below the
/// evidence; that of k samples, by the delta method, χ²/(2k) + O(1/k²). χ² + 1 = ∫ p²/q.
#[test]
fn a_wrong_proposal_lowers_the_bound() {
    const LOC: [f64; 2] = [-0.4, -0.5];
    const LOG_VARIANCE: [f64; 2] = [0.0, 0.5];
    let exact = Exact::new(&device());
    let x = [0.3, -2.0, 1.5];
    let rows = Tensor::<2>::from_floats([x.map(|v| v as f32)], &device()).repeat_dim(0, 4000);
    let mut model = exact.model.clone();
    model.encoder.network.layers = vec![linear(
        vec![0.0; 12],
        [3, 4],
        [LOC, LOG_VARIANCE].concat(),
        &device(),
    )];
    // The mean over rows, and its standard error.
    let bounds = [1, 4, 16, 64].map(|k| {
        let noise = &mut Noise::seeded(1);
        let bound = bound::iwae(model.log_weights(rows.clone(), k, noise).total());
        let (variance, mean) = bound.var_mean(0);
        let [variance, mean] = [variance, mean].map(|x| f64::from(x.into_scalar::<f32>()));
        (mean, (variance / 4000.0).sqrt())
    });

    let (mut divergence, mut overlap) = (0.0, 1.0);
    let posterior = exact
        .posterior_mean(x)
        .into_iter()
        .zip(exact.posterior_variance());
    for ((mean, p), (loc, log_variance)) in posterior.zip(LOC.into_iter().zip(LOG_VARIANCE)) {
        let (q, distance) = (log_variance.exp(), (mean - loc).powi(2));
        divergence += 0.5 * ((q + distance) / p - 1.0 - (q / p).ln());
        let both: f64 = 2.0 * q - p;
        overlap *= q / (p * both).sqrt() * (distance / both).exp();
    }
    // Within 5 standard errors, which fails once in 10⁶ seeds; at k = 64 the next term is 0.002.
    let evidence = exact.log_evidence(x);
    let [(one, error), .., (most, small_error)] = bounds;
    assert!(
        (evidence - one - divergence).abs() < 5.0 * error,
        "{bounds:?}, evidence {evidence}, divergence {divergence}"
    );
    assert!(
        (evidence - most - (overlap - 1.0) / 128.0).abs() < 5.0 * small_error + 0.002,
        "{bounds:?}, evidence {evidence}, overlap {overlap}"
    );
    for pair in bounds.windows(2) {
        let error = pair[0].1.hypot(pair[1].1);
        assert!(pair[1].0 - pair[0].0 > 5.0 * error, "{bounds:?}");
    }
}

fn model(uncertainty: Uncertainty) -> (VaeConfig, Vae) {
    let config = VaeConfig::new(12, 3)
        .with_hidden(vec![8, 5])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.1);
    let model = config.init(&device(), &mut Noise::seeded(1));
    (config, model)
}

const ALL: [Uncertainty; 4] = [
    Uncertainty::None,
    Uncertainty::Encoder,
    Uncertainty::Decoder,
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
            // Sums of 18 terms, 10 nats in all: some roundings of 1e-6.
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
        let draws = match uncertainty {
            Uncertainty::None | Uncertainty::Decoder => 1,
            Uncertainty::Encoder | Uncertainty::EncoderAndDecoder => 5,
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

/// Weights and biases N(m, 0.1²) under N(0, 1), by hand: ½ Σ (0.01 − 1 − ln 0.01 + m²). The fixed
/// model of the same seed has the same m.
#[test]
fn only_random_weights_are_charged() {
    let (_, fixed) = model(Uncertainty::None);
    let by_hand = |network: &Mlp| {
        let kl = |mean: f32| 0.5 * (0.01 - 1.0 - 0.01f64.ln() + f64::from(mean).powi(2));
        let layers = network.layers.iter().map(|layer| {
            let Dense::Deterministic(layer) = layer else {
                panic!("the model has fixed weights")
            };
            let biases = values(layer.bias.as_ref().unwrap().val());
            let parameters = values(layer.weight.val()).into_iter().chain(biases);
            parameters.map(kl).sum::<f64>()
        });
        layers.sum::<f64>()
    };
    let decoder = &fixed.decoder;
    let (encoder, decoder) = (by_hand(&fixed.encoder.network), by_hand(&decoder.network));
    for (uncertainty, expected) in [
        (Uncertainty::None, [None, None, None]),
        (Uncertainty::Encoder, [Some(encoder), None, Some(encoder)]),
        (Uncertainty::Decoder, [None, Some(decoder), Some(decoder)]),
        (
            Uncertainty::EncoderAndDecoder,
            [Some(encoder), Some(decoder), Some(encoder + decoder)],
        ),
    ] {
        let (_, model) = model(uncertainty);
        let charged = [
            model.encoder_weight_kl(),
            model.decoder_weight_kl(),
            model.weight_kl(),
        ];
        for (charged, expected) in charged.into_iter().zip(expected) {
            let charged = charged.map(|kl| f64::from(kl.into_scalar::<f32>()));
            assert_eq!(charged.is_some(), expected.is_some(), "{uncertainty:?}");
            // Sums of at most 96 terms of one sign in `f32`: 96 · 6e-8 of them.
            let (charged, expected) = (charged.unwrap_or(0.0), expected.unwrap_or(0.0));
            assert!(
                (charged - expected).abs() <= 6e-6 * expected,
                "{uncertainty:?}: {charged}, expected {expected}"
            );
        }
    }
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

/// With its last layer's other weights at 0 the decoder says the data's clipped mean of any z.
#[test]
fn the_output_bias_starts_at_the_data_mean() {
    let mean: Vec<f64> = (0..12).map(|i| f64::from(i) / 11.0).collect();
    let tensor = Tensor::<1>::from_data(TensorData::new(mean.clone(), [12]), &device());
    // 0.001, 1/11, 2/11, ..., 0.999.
    let mut clipped = mean;
    (clipped[0], clipped[11]) = (0.001, 0.999);
    for uncertainty in ALL {
        let (_, model) = model(uncertainty);
        let model = model.with_data_mean(tensor.clone());
        let mut model = model.posterior_mean().unwrap_or(model);
        let decoder = &mut model.decoder;
        let Some(Dense::Deterministic(last)) = decoder.network.layers.last_mut() else {
            panic!("posterior means are fixed weights")
        };
        last.weight = Param::from_tensor(last.weight.val().zeros_like());
        let z = Noise::seeded(5).normal([2, 3, 3], &device());
        let logits = values(model.decoder.network.forward(z, 2, &mut Noise::seeded(0)));
        assert_eq!(logits.len(), 2 * 3 * 12);
        for (logit, p) in logits.into_iter().zip(clipped.iter().cycle()) {
            // The rounding of 1 − p, 6e-8 of 0.001 at most.
            assert!((f64::from(logit) - (p / (1.0 - p)).ln()).abs() < 1e-4);
        }
    }
}

#[test]
fn a_data_mean_leaves_gaussian_decoders_as_they_are() {
    let likelihood = Family::Normal(Scale::default());
    let config = VaeConfig::new(12, 3).with_likelihood(likelihood);
    let model = config.init(&device(), &mut Noise::seeded(1));
    let log_weights = |model: &Vae| {
        let noise = &mut Noise::seeded(0);
        values(model.log_weights(binary_rows(4), 5, noise).total())
    };
    let before = log_weights(&model);
    let mean = Tensor::full([12], 0.25, &device());
    assert_eq!(log_weights(&model.with_data_mean(mean)), before);
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
            base.with_likelihood(Family::Normal(Scale::Fixed { std: 0.0 })),
        ),
    ] {
        let message = config.validate().unwrap_err().to_string();
        assert!(message.contains(name), "{message}");
    }
}

/// Of N(0, I) latents are the noise itself, bit by bit, and data are made of them.
#[test]
fn latents_of_a_standard_normal_prior_are_noise() {
    let (_, model) = model(Uncertainty::EncoderAndDecoder);
    let mut noise = Noise::seeded(4);
    let z = model.sample_latents(20, &mut noise);
    let [_, _, units] = z.dims();
    let expected = Noise::seeded(4).normal([1, 20, units], &device());
    assert_eq!(values(z.clone()), values(expected));
    let x = model.decode(z, &mut noise).sample(1, &mut noise);
    let sampled = model.sample(20, &mut Noise::seeded(4));
    assert_eq!(values(x), values(sampled));
}

/// Not one part without the other.
#[test]
#[should_panic(expected = "weights and bias")]
fn given_weights_must_have_the_layers_shapes() {
    let config = VaeConfig::new(4, 2)
        .with_hidden(vec![3])
        .with_uncertainty(Uncertainty::Decoder);
    let model = config.init(&device(), &mut Noise::seeded(0));
    let noise = &mut Noise::seeded(1);
    let layers = model.random_decoder_layers().into_iter();
    let mut weights: Vec<_> = layers
        .map(|(_, layer)| layer.sample_weights(noise))
        .collect();
    assert!(model.with_decoder_weights(weights.clone()).is_some());
    weights[0].bias = None;
    model.with_decoder_weights(weights);
}
