//! The evaluation report, against models whose answers are known.

mod common;

use burn::module::Param;
use burn_bayes::{
    Error,
    evaluate::{
        Report, ReportSettings, compare, log_likelihood, pareto_k, report, signal_to_noise,
    },
    prelude::*,
};
use common::{Exact, linear};

fn device() -> Device {
    Device::default()
}

fn quiet(binarization: Binarization, num_samples: usize) -> ReportSettings {
    ReportSettings::new(binarization)
        .with_num_samples(num_samples)
        .with_progress(None)
}

fn binary_rows(rows: usize, seed: u64) -> Datapoints {
    let values = Noise::seeded(seed).normal([1, rows, 10], &device());
    let values = values.greater_elem(0.0).float().into_data();
    Datapoints::new("rows", values.iter::<f32>().collect(), 10).unwrap()
}

fn model(uncertainty: Uncertainty) -> Vae {
    VaeConfig::new(10, 3)
        .with_hidden(vec![6])
        .with_uncertainty(uncertainty)
        .with_initial_weight_std(0.2)
        .init(&device(), &mut Noise::seeded(1))
}

/// Draws x from the model of `Exact`: 3 features.
fn exact_rows(exact: &Exact, rows: usize) -> Datapoints {
    let mut noise = Noise::seeded(7);
    let x = exact.model.sample(rows, &mut noise).into_data();
    Datapoints::new("exact", x.iter::<f32>().collect(), 3).unwrap()
}

/// With the exact posterior as proposal every weight is p(x): the estimate has no error for any number of samples, the
/// bound's parts add up, and the units' variances are those of Wᵀ(x − b)/(l + s²).
#[test]
fn the_exact_model_is_seen_as_exact() {
    let exact = Exact::new(&device());
    let data = exact_rows(&exact, 300);
    let settings = quiet(Binarization::None, 60);
    let report = report(&exact.model, &data, &settings).unwrap();

    for row in 0..data.len() {
        let x: [f64; 3] = std::array::from_fn(|i| f64::from(data.row(row)[i]));
        let evidence = exact.log_evidence(x);
        assert!((report.log_likelihood.values[row] - evidence).abs() < 1e-4);
        for point in &report.curve {
            assert!((point.values[row] - evidence).abs() < 1e-4);
        }
        assert!((report.log_likelihood.effective_sample_sizes[row] - 60.0).abs() < 1e-3);
        assert!((report.log_likelihood.largest_shares[row] - 1.0 / 60.0).abs() < 1e-5);
        // Only rounding is left in the weights: no tail.
        assert_eq!(report.log_likelihood.pareto_k[row], 0.0);
    }
    assert!((report.parts.bound() - report.log_likelihood.mean()).abs() < 1e-4);
    assert!((report.parts.kl[0] - report.parts.log_ratio).abs() < 1e-4);
    // The closed form has the expectation of the draws: 300 · 60 of them, each with a sd of about 1.
    let ids: Vec<u32> = (0..300).collect();
    let x = data.select(&ids, &device());
    let closed = exact
        .model
        .log_weights(x, 1, &mut Noise::seeded(0))
        .latent_kl();
    let closed = f64::from(closed.unwrap().mean().into_scalar::<f32>());
    assert!((report.parts.kl[0] - closed).abs() < 5.0 / 18000f64.sqrt());
    assert_eq!(report.layers.len(), 1);

    for (unit, variance) in report.layers[0].variances.iter().enumerate() {
        let means: Vec<f64> = (0..data.len())
            .map(|row| {
                let x: [f64; 3] = std::array::from_fn(|i| f64::from(data.row(row)[i]));
                exact.posterior_mean(x)[unit]
            })
            .collect();
        let mean = means.iter().sum::<f64>() / 300.0;
        let expected = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / 300.0;
        assert!((variance / expected - 1.0).abs() < 1e-4);
    }
    assert_eq!(report.layers[0].active(0.01), [0, 1]);
    assert_eq!(
        report.layers[0].single_draw_variances,
        report.layers[0].variances
    );
    assert!(report.without_inactive.is_none());
    assert!(report.posterior_mean.is_none());
    assert!(report.weights.is_empty());
    assert!(report.warnings().is_empty(), "{:?}", report.warnings());
}

/// A third unit with q(u | x) = N(0, 1) that the decoder ignores is found dead; without it nothing changes.
#[test]
fn dead_units_are_found_and_cost_nothing() {
    let d = &device();
    let mut model = VaeConfig::new(2, 3)
        .with_hidden(vec![])
        .with_likelihood(LikelihoodConfig::Gaussian(DecoderScale::Fixed { std: 0.5 }))
        .init(d, &mut Noise::seeded(0));
    // Encoder rows are inputs; columns the means of units 0, 1, 2, then their log-variances.
    let encoder = vec![
        0.7, 0.0, 0.05, 0.0, 0.0, 0.0, //
        0.0, 0.0, 0.05, 0.0, 0.0, 0.0,
    ];
    model.encoder.mlp.layers = vec![linear(encoder, [2, 6], vec![0.0; 6], d)];
    let Decoder::Gaussian(decoder) = &mut model.decoder else {
        unreachable!()
    };
    let rows = vec![1.0, 0.0, 0.0, 0.0, 0.3, -0.3];
    decoder.mlp.layers = vec![linear(rows, [3, 2], vec![0.0; 2], d)];

    // Unit 0 has variance 0.49 · 1.25; unit 1 none; unit 2 0.0025 · (1.25 + 1): below the threshold, yet used.
    let data = Datapoints::new("x", vec![0.5, 1.0, -0.5, -1.0, 1.5, 1.0, -1.5, -1.0], 2).unwrap();
    let settings = quiet(Binarization::None, 2000);
    let found = report(&model, &data, &settings).unwrap();
    let variances = &found.layers[0].variances;
    assert!((variances[0] - 0.49 * 1.25).abs() < 1e-6, "{variances:?}");
    assert_eq!(variances[1], 0.0);
    let u = [0.075, -0.075, 0.125, -0.125].map(|u: f64| u * u);
    assert!((variances[2] - u.iter().sum::<f64>() / 4.0).abs() < 1e-7);
    assert_eq!(found.layers[0].active(0.01), [0, 2]);
    assert_eq!(found.layers[0].inactive(0.02), [1, 2]);
    assert_eq!(found.layers[0].by_activity(), [0, 2, 1]);

    let again = found.without_inactive.expect("unit 1 is dead");
    assert_eq!(again.log_likelihood.values.len(), 4);
    assert!(again.difference.abs() < 1e-6);
    assert!(again.standard_error < 1e-6);

    // Without unit 2, p(x) is that of a model which never had it: along (0.3, −0.3) there is no variance.
    let pruned = model.without_units(&[vec![1, 2]]).unwrap();
    let x = Tensor::from_floats([[0.5, 1.0]], d);
    let sampling = LogLikelihoodSettings {
        num_samples: 20000,
        ..Default::default()
    };
    let estimate = log_likelihood(&pruned, x, &sampling, &Noise::seeded(0)).unwrap();
    // x₁ ~ N(0, 1 + ¼), x₂ ~ N(0, ¼).
    let exact = -(std::f64::consts::TAU.ln())
        - 0.5 * (1.25f64.ln() + 0.25f64.ln())
        - 0.5 * (0.25 / 1.25 + 1.0 / 0.25);
    let error = estimate.monte_carlo_error();
    assert!(
        (estimate.mean() - exact).abs() < 5.0 * error + 1e-5,
        "{} {exact} {error}",
        estimate.mean()
    );
    assert!(error < 0.02);
}

/// For random layers too, units that are switched off have exactly the prior as posterior.
#[test]
fn units_of_random_layers_are_switched_off() {
    let model = model(Uncertainty::EncoderAndDecoder);
    let pruned = model.without_units(&[vec![1]]).unwrap();
    let x = binary_rows(5, 2).select(&[0, 1, 2, 3, 4], &device());
    let weights = pruned.log_weights(x.clone(), 4, &mut Noise::seeded(3));
    let proposal = &weights.latents[0].proposal;
    let largest = |tensor: Tensor<3>| tensor.abs().max().into_scalar::<f32>();
    assert!(largest(proposal.loc().narrow(2, 1, 1)) < 1e-6);
    assert!(largest(proposal.log_variance().narrow(2, 1, 1)) < 1e-6);
    let original = model.log_weights(x, 4, &mut Noise::seeded(3));
    let kept = original.latents[0].proposal.loc().narrow(2, 2, 1);
    assert_eq!(
        largest(proposal.loc().narrow(2, 2, 1) - kept),
        0.0,
        "the other units keep their noise"
    );
    let decoded = |unit: f32| {
        let z = Tensor::from_floats([[[0.3, unit, -0.2]]], &device());
        let Likelihood::Bernoulli(x) = pruned.decode(z, &mut Noise::seeded(4)) else {
            unreachable!()
        };
        x.logits()
    };
    assert_eq!(largest(decoded(5.0) - decoded(-5.0)), 0.0);
}

/// Log-weights −k log u, u uniform, are exactly Pareto with tail index k: what is above a threshold follows the law that is
/// fitted. The mean of 40 fits has an error of (1 + k)/√(213 · 40) ≤ 0.022, and the prior makes k of it (213 k + 5)/223.
#[test]
fn a_known_tail_is_found() {
    for index in [0.2, 0.5, 0.75, 1.0] {
        let fits = (0..40).map(|seed| {
            let u = Noise::seeded(seed)
                .uniform([1, 1, 5000], &device())
                .into_data();
            let weights: Vec<f64> = u.iter::<f64>().map(|u| -index * u.ln()).collect();
            pareto_k(&weights)
        });
        let mean = fits.sum::<f64>() / 40.0;
        let expected = (213.0 * index + 5.0) / 223.0;
        assert!((mean - expected).abs() < 0.08, "{index}: {mean}");
    }
}

/// The weights p/q of p = N(0, s²) under q = N(0, 1), s² > 1, have the tail index 1 − 1/s², times a slowly varying factor
/// that makes fits at finite K smaller, the more so the heavier the tail.
#[test]
fn the_tail_of_a_normal_proposal_is_known() {
    for (variance, index, slack) in [
        (1.25, 0.2, 0.1),
        (2.0, 0.5, 0.1),
        (4.0, 0.75, 0.15),
        (10.0, 0.9, 0.2),
    ] {
        let fits = (0..40).map(|seed| {
            let z = Noise::seeded(seed)
                .normal([1, 1, 5000], &device())
                .into_data();
            let weights = z
                .iter::<f64>()
                .map(|z| 0.5 * (1.0 - 1.0 / variance) * z * z);
            pareto_k(&weights.collect::<Vec<_>>())
        });
        let mean = fits.sum::<f64>() / 40.0;
        assert!(
            mean < index + 0.05 && mean > index - slack,
            "{variance}: {mean}"
        );
    }
}

/// Against `psislw` of arviz_stats 0.8.0 (which takes negated log-weights and returns k̂ second):
///
/// ```python
/// from arviz_stats.base import array_stats
/// array_stats.psislw(numpy.array([0.6 * numpy.log((i + .5) / 900) for i in range(900)]))[1]
/// array_stats.psislw(numpy.array([1.2 * numpy.log((i + .5) / 4900) for i in range(4900)]))[1]
/// array_stats.psislw(numpy.array([-3 * numpy.sin(i * i) for i in range(400)]))[1]
/// array_stats.psislw(numpy.array([100 - 0.002 * i * i for i in range(100)]))[1]
/// ```
///
/// It rounds the tail's size down, the paper up; these sizes have integer tails.
#[test]
fn the_fit_is_that_of_arviz() {
    let fit = |len: u32, weight: fn(f64) -> f64| {
        pareto_k(&(0..len).map(|i| weight(i.into())).collect::<Vec<_>>())
    };
    let pairs = [
        (
            fit(900, |i| -0.6 * ((i + 0.5) / 900.0).ln()),
            0.5825791285095819,
        ),
        (
            fit(4900, |i| -1.2 * ((i + 0.5) / 4900.0).ln()),
            1.1538482373765624,
        ),
        (fit(400, |i| 3.0 * (i * i).sin()), -1.4190623619952403),
        (fit(100, |i| 0.002 * i * i - 100.0), 1.3835140932685208),
    ];
    for (ours, theirs) in pairs {
        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    }
}

#[test]
fn tails_that_cannot_be_fitted() {
    assert_eq!(pareto_k(&[2.5; 100]), 0.0);
    assert!(pareto_k(&[1.0; 20]).is_nan());
    assert_eq!(pareto_k(&[1.0; 21]), 0.0);
    assert!(pareto_k(&[]).is_nan());
    let mut weights: Vec<f64> = (0..100).map(f64::from).collect();
    assert!(pareto_k(&weights) > 1.0);
    // Either sign: inf - inf has its sign bit set on x86.
    for nan in [f64::NAN.copysign(1.0), f64::NAN.copysign(-1.0)] {
        weights[50] = nan;
        assert!(pareto_k(&weights).is_nan());
    }
    // Scale and order do not matter.
    let weights: Vec<f64> = (0..100).map(|i| f64::from(i * 37 % 100) * 0.01).collect();
    let shifted: Vec<f64> = weights.iter().rev().map(|w| w - 1e5).collect();
    assert!((pareto_k(&weights) - pareto_k(&shifted)).abs() < 1e-9);
    assert_eq!(pareto_k(&[f64::NEG_INFINITY; 50]).to_string(), "NaN");
}

/// p(z | x) is much wider than q(z | x) here: the tail index is known to be above 0.7, and the warning comes.
#[test]
fn a_heavy_tail_raises_the_warning() {
    let d = &device();
    let mut model = VaeConfig::new(1, 1)
        .with_hidden(vec![])
        .with_likelihood(LikelihoodConfig::Gaussian(DecoderScale::Fixed { std: 1.0 }))
        .init(d, &mut Noise::seeded(0));
    // x tells nothing of z, so the posterior is N(0, 1); the proposal has variance 1/10: index 1 − 1/10.
    model.encoder.mlp.layers = vec![linear(vec![0.0, 0.0], [1, 2], vec![0.0, -(10f64.ln())], d)];
    let Decoder::Gaussian(decoder) = &mut model.decoder else {
        unreachable!()
    };
    decoder.mlp.layers = vec![linear(vec![0.0], [1, 1], vec![0.0], d)];
    let data = Datapoints::new("x", vec![0.0; 20], 1).unwrap();
    let report = report(&model, &data, &quiet(Binarization::None, 5000)).unwrap();
    let summary = report.summary();
    assert!(summary.num_unreliable >= 15, "{}", summary.num_unreliable);
    assert!((summary.median_pareto_k - 0.9).abs() < 0.15);
    assert!(report.warnings()[0].contains("too heavy"));
    assert!(report.to_string().contains("warning"));
}

/// In expectation the curve does not fall: over 400 datapoints each step is up, by far more than its error.
#[test]
fn the_curve_rises_and_ends_at_the_estimate() {
    let data = binary_rows(400, 5);
    let mut settings = quiet(Binarization::None, 40);
    settings.curve = vec![10, 1, 5, 999];
    let report = report(&model(Uncertainty::EncoderAndDecoder), &data, &settings).unwrap();
    let points: Vec<usize> = report.curve.iter().map(|point| point.num_samples).collect();
    assert_eq!(points, [1, 5, 10, 40]);
    assert_eq!(report.curve[3].values, report.log_likelihood.values);
    for pair in report.curve.windows(2) {
        let rises: Vec<f64> = (pair[0].values.iter().zip(&pair[1].values))
            .map(|(few, many)| many - few)
            .collect();
        let mean = rises.iter().sum::<f64>() / 400.0;
        assert!(mean > 0.0, "{mean}");
    }
    // One sample: the first of the same noise.
    let sampling = LogLikelihoodSettings {
        num_samples: 1,
        ..Default::default()
    };
    let ids: Vec<u32> = (0..400).collect();
    let x = data.select(&ids, &device());
    let one = log_likelihood(
        &model(Uncertainty::EncoderAndDecoder),
        x,
        &sampling,
        &Noise::seeded(0),
    );
    for (a, b) in one.unwrap().values.iter().zip(&report.curve[0].values) {
        assert!((a - b).abs() < 1e-5);
    }
}

#[test]
fn the_report_is_the_log_likelihood_with_the_same_noise() {
    let data = binary_rows(30, 5);
    let random = model(Uncertainty::EncoderAndDecoder);
    let mut settings = quiet(Binarization::Fixed { seed: 9 }, 50)
        .with_seed(11)
        .with_further_rows(10)
        .with_train(binary_rows(12, 6));
    settings.sampling.samples_per_chunk = 7;
    settings.sampling.rows_per_chunk = 4;
    let report = report(&random, &data, &settings).unwrap();

    let ids: Vec<u32> = (0..30).collect();
    let noise = Noise::seeded(11);
    let x = settings
        .binarization
        .apply(data.select(&ids, &device()), &ids, &noise);
    let plain = |model: &Vae| log_likelihood(model, x.clone(), &settings.sampling, &noise).unwrap();
    let (fresh, at_mean) = (plain(&random), plain(&random.posterior_mean().unwrap()));
    for (a, b) in report.log_likelihood.values.iter().zip(&fresh.values) {
        assert!((a - b).abs() < 1e-5);
    }
    let again = report.posterior_mean.as_ref().unwrap();
    assert_eq!(again.rows, (0..10).map(|i| 3 * i).collect::<Vec<_>>());
    for (&row, value) in again.rows.iter().zip(&again.log_likelihood.values) {
        assert!((value - at_mean.values[row as usize]).abs() < 1e-5);
    }
    let expected: f64 = (again.rows.iter())
        .map(|&row| at_mean.values[row as usize] - fresh.values[row as usize])
        .sum();
    assert!((again.difference - expected / 10.0).abs() < 1e-5);

    let train = report.train.as_ref().unwrap();
    assert_eq!(train.values.len(), 12);
    let (gap, _) = report.gap().unwrap();
    assert!((gap - (train.mean() - fresh.mean())).abs() < 1e-5);

    let names: Vec<&str> = report
        .weights
        .iter()
        .map(|layer| layer.name.as_str())
        .collect();
    assert_eq!(names, ["encoder.0", "encoder.1", "decoder.0", "decoder.1"]);
    assert_eq!(report.weights[0].num_weights, 10 * 6 + 6);
    assert!(report.parts.encoder_weight_kl.unwrap() > 0.0);
}

/// |μ|/σ from the layer's own numbers, for a layer with σ = 0.2 everywhere.
#[test]
fn the_signal_to_noise_is_that_of_the_weights() {
    let random = model(Uncertainty::Encoder);
    let report = report(&random, &binary_rows(3, 5), &quiet(Binarization::None, 2)).unwrap();
    let (_, layer) = random.random_layers().swap_remove(0);
    let means: Vec<f64> = layer.weight_loc.val().into_data().iter().collect();
    let ratios = signal_to_noise(layer).unwrap();
    for (ratio, mean) in ratios.iter().zip(&means) {
        assert!((ratio - mean.abs() / 0.2).abs() < 1e-5);
    }
    let below = means.iter().filter(|mean| mean.abs() < 0.2).count() + 6; // the biases are 0
    assert!((report.weights[0].prunable - below as f64 / 66.0).abs() < 1e-12);
    assert!((report.weights[0].mean_std - 0.2).abs() < 1e-6);
}

#[test]
fn a_model_and_itself_differ_by_nothing() {
    let data = binary_rows(20, 5);
    let settings = quiet(Binarization::None, 30);
    let run = |uncertainty| report(&model(uncertainty), &data, &settings).unwrap();
    let a = run(Uncertainty::EncoderAndDecoder);
    let same = compare(&a, &run(Uncertainty::EncoderAndDecoder)).unwrap();
    assert!(same.differences.iter().all(|&difference| difference == 0.0));
    assert_eq!((same.difference, same.standard_error), (0.0, 0.0));
    assert_eq!(same.share_better, 0.5);

    let b = run(Uncertainty::None);
    let (there, back) = (compare(&a, &b).unwrap(), compare(&b, &a).unwrap());
    assert_eq!(there.difference, -back.difference);
    let expected = a.log_likelihood.mean() - b.log_likelihood.mean();
    assert!((there.difference - expected).abs() < 1e-12);
    assert!(there.standard_error < a.log_likelihood.standard_error());

    for (settings, data, name) in [
        (settings.clone().with_seed(1), &data, "seed"),
        (settings.clone().with_num_samples(31), &data, "num_samples"),
        (
            quiet(Binarization::Fixed { seed: 0 }, 30),
            &data,
            "binarization",
        ),
        (settings.clone(), &binary_rows(20, 6), "data"),
    ] {
        let other = report(&model(Uncertainty::None), data, &settings).unwrap();
        let error = compare(&a, &other).unwrap_err();
        assert!(
            matches!(&error, Error::Setting { name: n, .. } if n == name),
            "{error}"
        );
    }
}

/// Two rows that neither model explains are equal; where one cannot be computed, nothing is known.
#[test]
fn rows_without_a_number_are_compared_as_far_as_they_can() {
    let data = binary_rows(4, 5);
    let settings = quiet(Binarization::None, 3);
    let mut a = report(&model(Uncertainty::None), &data, &settings).unwrap();
    let mut b = a.clone();
    a.log_likelihood.values = vec![f64::NEG_INFINITY, f64::NEG_INFINITY, -1.0, -1.0];
    b.log_likelihood.values = vec![f64::NEG_INFINITY, -1.0, f64::NEG_INFINITY, -2.0];
    assert_eq!(compare(&a, &b).unwrap().share_better, 2.5 / 4.0);
    b.log_likelihood.values[3] = f64::NAN;
    assert!(compare(&a, &b).unwrap().share_better.is_nan());
}

#[test]
fn a_report_survives_its_file_and_numbers_that_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.json");
    let data = binary_rows(5, 5);
    let mut original = report(
        &model(Uncertainty::EncoderAndDecoder),
        &data,
        &quiet(Binarization::None, 30),
    )
    .unwrap();
    original.log_likelihood.values[0] = f64::NEG_INFINITY;
    original.parts.log_likelihood = f64::NEG_INFINITY;
    original.posterior_mean.as_mut().unwrap().standard_error = f64::NAN;
    original.log_likelihood.pareto_k[1] = f64::INFINITY;
    original.parts.encoder_weight_kl = Some(f64::NAN);
    original.parts.decoder_weight_kl = None;
    original.weights[0].quantiles[4] = f64::INFINITY;
    original.weights[0].prunable = f64::NAN;
    original.weights[0].mean_std = f64::INFINITY;
    original.save(&path).unwrap();
    let loaded = Report::load(&path).unwrap();
    let (a, b) = (&loaded.log_likelihood, &original.log_likelihood);
    assert_eq!(
        (a.values[0], a.pareto_k[1]),
        (f64::NEG_INFINITY, f64::INFINITY)
    );
    for (a, b) in a.values[1..].iter().zip(&b.values[1..]) {
        assert!((a - b).abs() < 1e-14 * b.abs());
    }
    assert_eq!(loaded.to_string(), original.to_string());
    assert!(loaded.parts.encoder_weight_kl.unwrap().is_nan());
    assert_eq!(loaded.parts.decoder_weight_kl, None);
    let layer = &loaded.weights[0];
    assert_eq!(
        (layer.quantiles[4], layer.mean_std),
        (f64::INFINITY, f64::INFINITY)
    );
    assert!(layer.prunable.is_nan());
    assert!(compare(&loaded, &original).is_ok());
    assert!(original.warnings()[0].contains("not finite"));

    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(json["summary"]["num_datapoints"], 5);
    std::fs::write(&path, "{}").unwrap();
    assert!(
        Report::load(&path)
            .unwrap_err()
            .to_string()
            .contains("report.json")
    );
}

/// A report that was stopped half-way goes on and ends as if it had not been; another model is noticed.
#[test]
fn a_report_goes_on_where_it_was_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part.json");
    let data = binary_rows(10, 5);
    let mut settings = quiet(Binarization::None, 30).with_resume(&path);
    settings.sampling.rows_per_chunk = 2;
    let whole = report(&model(Uncertainty::Encoder), &data, &settings).unwrap();

    // Cut what was saved back to 4 rows of the first pass, which are marked so that a visit would show.
    let mut saved: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mut full = saved["passes"]["test"].clone();
    let four = {
        let settings = ReportSettings {
            resume: None,
            ..settings.clone()
        };
        let part = dir.path().join("four.json");
        let head = settings.with_resume(&part);
        report(&model(Uncertainty::Encoder), &data.rows(0..4), &head).unwrap();
        let text = std::fs::read_to_string(&part).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["passes"]["test"].clone()
    };
    assert_ne!(full, four);
    full = four;
    full["estimate"]["values"][0] = (-1.25).into();
    saved["passes"] = serde_json::json!({ "test": full });
    std::fs::write(&path, saved.to_string()).unwrap();

    let resumed = report(&model(Uncertainty::Encoder), &data, &settings).unwrap();
    assert_eq!(
        resumed.log_likelihood.values[0], -1.25,
        "done rows are not visited again"
    );
    for (a, b) in (resumed.log_likelihood.values.iter())
        .zip(&whole.log_likelihood.values)
        .skip(1)
    {
        assert!((a - b).abs() < 1e-12);
    }
    assert_eq!(resumed.layers[0].variances.len(), 3);
    for (a, b) in resumed.layers[0]
        .variances
        .iter()
        .zip(&whole.layers[0].variances)
    {
        assert!((a - b).abs() < 1e-12);
    }

    let other = report(&model(Uncertainty::None), &data, &settings).unwrap_err();
    assert!(other.to_string().contains("another model"), "{other}");
    let other = settings.clone().with_seed(5);
    let other = report(&model(Uncertainty::Encoder), &data, &other).unwrap_err();
    assert!(other.to_string().contains("settings or data"), "{other}");
}

/// What was saved of one model is not taken for another's, however near it is.
#[test]
fn a_report_goes_on_only_with_the_same_model() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |name: &str, first: &Vae, second: &Vae, data: &Datapoints| {
        let settings = quiet(Binarization::None, 30).with_resume(dir.path().join(name));
        report(first, data, &settings).unwrap();
        assert!(report(first, data, &settings).is_ok());
        let error = report(second, data, &settings).unwrap_err();
        assert!(error.to_string().contains("another model"), "{error}");
    };

    let (original, mut near) = (model(Uncertainty::None), model(Uncertainty::None));
    let Dense::Deterministic(layer) = &mut near.encoder.mlp.layers[0] else {
        unreachable!()
    };
    layer.weight = Param::from_tensor(layer.weight.val() * 1.000001);
    refused("near.json", &original, &near, &binary_rows(10, 5));

    // The decoder's scale is no parameter.
    let scaled = |std| {
        VaeConfig::new(3, 2)
            .with_likelihood(LikelihoodConfig::Gaussian(DecoderScale::Fixed { std }))
            .init(&device(), &mut Noise::seeded(1))
    };
    let data = exact_rows(&Exact::new(&device()), 10);
    refused("scale.json", &scaled(0.5), &scaled(0.6), &data);
}

/// An encoder that gives NaN has a report, and one that goes on from its file.
#[test]
fn a_report_of_nan_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut broken = model(Uncertainty::None);
    let Dense::Deterministic(layer) = &mut broken.encoder.mlp.layers[1] else {
        unreachable!()
    };
    layer.weight = Param::from_tensor(layer.weight.val() * f32::NAN);
    let settings = quiet(Binarization::None, 30).with_resume(dir.path().join("part.json"));
    for _ in 0..2 {
        let found = report(&broken, &binary_rows(10, 5), &settings).unwrap();
        assert_eq!(found.summary().num_non_finite, 10);
        assert!(found.layers[0].variances.iter().all(|v| v.is_nan()));
        assert!(found.log_likelihood.pareto_k.iter().all(|k| k.is_nan()));
    }
}

#[test]
fn settings_and_data_that_cannot_work_are_refused() {
    let random = model(Uncertainty::None);
    let data = binary_rows(3, 5);
    let refused = |settings: ReportSettings, data: &Datapoints| {
        report(&random, data, &settings).unwrap_err().to_string()
    };
    let good = quiet(Binarization::None, 3);
    assert!(refused(good.clone().with_num_samples(0), &data).contains("num_samples"));
    assert!(refused(good.clone().with_further_rows(0), &data).contains("further_rows"));
    let mut zero = good.clone();
    zero.curve = vec![0];
    assert!(refused(zero, &data).contains("curve"));
    let mut nan = good.clone();
    nan.active_threshold = f64::NAN;
    assert!(refused(nan, &data).contains("active_threshold"));
    let mut infinite = good.clone();
    infinite.active_threshold = f64::INFINITY;
    assert!(refused(infinite, &data).contains("active_threshold"));
    let narrow = Datapoints::new("narrow", vec![1.0; 9], 9).unwrap();
    let text = refused(good.clone().with_train(narrow), &data);
    assert!(text.contains("narrow") && text.contains("9"), "{text}");
    let grey = Datapoints::new("grey", vec![0.5; 10], 10).unwrap();
    assert!(refused(good, &grey).contains("grey"));
}

/// Two stochastic layers of one unit: q(z₁ | x) = N(x, v), q(z₂ | z₁) = N(b z₁, w), p(z₂) = N(0, 1), p(z₁ | z₂) = N(a z₂, s²),
/// p(x | z₁) = N(z₁, 1).
#[derive(Module, Debug)]
struct TwoLayers {
    /// Tells the device.
    one: Param<Tensor<1>>,
}

const A: f64 = 0.8;
const B: f64 = 0.5;
const S2: f64 = 0.6;
const V: f64 = 0.3;
const W: f64 = 0.4;

impl LatentVariableModel for TwoLayers {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let like = |loc: Tensor<3>, variance: f64| {
            let variance = loc.ones_like().mul_scalar(variance);
            Normal::from_variance(loc, variance)
        };
        let x = x.unsqueeze_dim::<3>(0);
        let q1 = like(x.clone(), V);
        let (z1, log_q1) = q1.rsample_with_log_prob(num_samples, noise);
        let q2 = like(z1.clone().mul_scalar(B), W);
        let (z2, log_q2) = q2.rsample_with_log_prob(num_samples, noise);
        let p2 = Normal::standard_like(&z2);
        let p1 = like(z2.clone().mul_scalar(A), S2);
        let log_prior = p2.log_prob(z2.clone()) + p1.log_prob(z1.clone());
        LogWeights::new(
            like(z1.clone(), 1.0).log_prob(x),
            log_prior,
            log_q1 + log_q2,
        )
        .with_latent(q1, p1, z1)
        .with_latent(q2, p2, z2)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

/// The KL of each layer and both kinds of activity, by hand; 2000 samples of 50 rows leave errors of a few thousandths.
#[test]
fn layers_above_the_first_are_told_apart() {
    let model = TwoLayers {
        one: Param::from_tensor(Tensor::ones([1], &device())),
    };
    let x: Vec<f32> = (0..50).map(|i| (i as f32 - 24.5) / 10.0).collect();
    let spread = x.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / 50.0; // the mean is 0
    let data = Datapoints::new("x", x, 1).unwrap();
    let mut settings = quiet(Binarization::None, 2000);
    settings.sampling.samples_per_chunk = 300;
    let found = report(&model, &data, &settings).unwrap();

    // E log q(z₁|x) − log p(z₁|z₂), z₂ being drawn from z₁: z₁ − a z₂ = (1 − ab) z₁ − a√w ε, z₁ ~ N(x, v).
    let distance = (1.0 - A * B).powi(2) * (spread + V) + A * A * W;
    let kl1 = 0.5 * (S2 / V).ln() - 0.5 + 0.5 * distance / S2;
    let kl2 = 0.5 * (W - 1.0 - W.ln() + B * B * (spread + V));
    for (found, expected) in found.parts.kl.iter().zip([kl1, kl2]) {
        assert!((found - expected).abs() < 0.02, "{found} {expected}");
    }
    let sum = found.parts.kl[0] + found.parts.kl[1];
    assert!((found.parts.log_ratio - sum).abs() < 1e-4);

    let [first, second] = &found.layers[..] else {
        panic!("two layers")
    };
    assert!((first.variances[0] - spread).abs() < 1e-5);
    assert!((first.single_draw_variances[0] - spread).abs() < 1e-5);
    assert!((second.variances[0] / (B * B * spread) - 1.0).abs() < 0.02);
    // One z₁ for each row adds its variance: 50 of them are good to √(2/50) of the sum, and never below on average.
    let single = B * B * (spread + V);
    assert!((second.single_draw_variances[0] / single - 1.0).abs() < 0.6);
    assert!(second.single_draw_variances[0] != second.variances[0]);
    assert!(found.without_inactive.is_none() && found.weights.is_empty());
}

/// Weights that are the same for all samples, told once for each chunk.
#[derive(Module, Debug)]
struct Constant {
    /// Tells the device.
    one: Param<Tensor<1>>,
}

impl LatentVariableModel for Constant {
    fn log_weights(&self, x: Tensor<2>, _num_samples: usize, _noise: &mut Noise) -> LogWeights {
        let likelihood = x.sum_dim(1).transpose();
        let zero = likelihood.zeros_like();
        LogWeights::new(likelihood, zero.clone(), zero)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

#[test]
fn weights_that_are_told_once_count_for_all_samples() {
    let model = Constant {
        one: Param::from_tensor(Tensor::ones([1], &device())),
    };
    let data = Datapoints::new("x", vec![0.5, -2.0, 3.0], 1).unwrap();
    let mut settings = quiet(Binarization::None, 30);
    settings.sampling.samples_per_chunk = 7;
    let found = report(&model, &data, &settings).unwrap();
    let x = data.select(&[0, 1, 2], &device());
    let alone = log_likelihood(&model, x, &settings.sampling, &Noise::seeded(0)).unwrap();
    assert_eq!(found.log_likelihood, alone);
    assert_eq!(alone.effective_sample_sizes, [30.0; 3]);
    assert_eq!(alone.pareto_k, [0.0; 3]);
    assert_eq!(found.curve.len(), 3);
    for point in &found.curve {
        for (found, expected) in point.values.iter().zip([0.5, -2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{}", point.num_samples);
        }
    }
}
