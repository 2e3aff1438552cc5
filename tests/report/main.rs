//! The evaluation report, against models whose answers are known.

mod approximate;
mod autodiff;
#[path = "../common/mod.rs"]
mod common;
mod file;
mod html;
mod latents;
mod pareto;
#[path = "../common/unfinished.rs"]
mod unfinished;

use burn::module::Param;
use burn_bayes::{
    Error,
    data::Source,
    evaluate::{
        Report, ReportSettings, compare, log_likelihood, pareto_k, report, report_with_train,
        signal_to_noise,
    },
    objective::Bound,
    prelude::*,
};
use common::{Exact, linear};
use std::sync::{Arc, Mutex};

fn device() -> Device {
    Device::default()
}

fn quiet(num_samples: usize) -> ReportSettings {
    ReportSettings::new()
        .with_num_samples(num_samples)
        .with_progress(Progress::Silent)
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

/// With the exact posterior as proposal every weight is p(x): the estimate has no error for any
/// number of samples, the bound's parts add up, and the units' variances are those of Wᵀ(x − b)/(l
/// + s²).
#[test]
fn the_exact_model_is_seen_as_exact() {
    let exact = Exact::new(&device());
    let data = exact_rows(&exact, 300);
    let settings = quiet(60);
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
    // The closed form has the expectation of the draws: 300 · 60 of them, each with a sd of about
    // 1.
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

/// In expectation the curve does not fall: over 2000 datapoints each step is up, by more than 5
/// standard errors.
#[test]
fn the_curve_rises_and_ends_at_the_estimate() {
    let data = binary_rows(2000, 5);
    let mut settings = quiet(40);
    settings.sampling.rows_per_chunk = 500;
    settings.curve = vec![10, 1, 5, 999];
    let report = report(&model(Uncertainty::EncoderAndDecoder), &data, &settings).unwrap();
    let points: Vec<usize> = report.curve.iter().map(|point| point.num_samples).collect();
    assert_eq!(points, [1, 5, 10, 40]);
    assert_eq!(report.curve[3].values, report.log_likelihood.values);
    for pair in report.curve.windows(2) {
        let rises: Vec<f64> = (pair[0].values.iter().zip(&pair[1].values))
            .map(|(few, many)| many - few)
            .collect();
        let mean = rises.iter().sum::<f64>() / 2000.0;
        let squares = rises.iter().map(|rise| (rise - mean).powi(2));
        let error = (squares.sum::<f64>() / 1999.0 / 2000.0).sqrt();
        assert!(mean > 5.0 * error, "{mean} ± {error}");
    }
    // One sample: the first of the same noise.
    let sampling = LogLikelihoodSettings {
        num_samples: 1,
        ..Default::default()
    };
    let ids: Vec<u32> = (0..2000).collect();
    let x = data.select(&ids, &device());
    let one = log_likelihood(
        &model(Uncertainty::EncoderAndDecoder),
        x,
        &sampling,
        &Noise::seeded(0),
    );
    for (a, b) in one.unwrap().values.iter().zip(&report.curve[0].values) {
        // Up to 40 nats: some roundings of 4e-6.
        assert!((a - b).abs() < 2e-5);
    }
}

#[test]
fn the_report_is_the_log_likelihood_with_the_same_noise() {
    let fixed = |data: Datapoints| data.binarized(Binarization::Fixed { seed: 9 });
    let (data, train) = (fixed(binary_rows(30, 5)), fixed(binary_rows(12, 6)));
    let random = model(Uncertainty::EncoderAndDecoder);
    let mut settings = quiet(50).with_seed(11).with_further_rows(10);
    settings.sampling.samples_per_chunk = 7;
    settings.sampling.rows_per_chunk = 4;
    let report = report_with_train(&random, &data, &train, &settings).unwrap();

    let ids: Vec<u32> = (0..30).collect();
    let noise = Noise::seeded(11);
    let x = data.select(&ids, &device(), &noise).unwrap();
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
    let differences: Vec<f64> = (again.rows.iter())
        .map(|&row| at_mean.values[row as usize] - fresh.values[row as usize])
        .collect();
    let (difference, error) = mean_and_error(&differences);
    assert!((again.difference - difference).abs() < 1e-5);
    assert!((again.standard_error - error).abs() < 1e-5);

    // Training data have noise of their own.
    let ids: Vec<u32> = (0..12).collect();
    let x = train.select(&ids, &device(), &noise).unwrap();
    let noise = noise.fork(u64::from_be_bytes(*b"training"));
    let seen = log_likelihood(&random, x, &settings.sampling, &noise).unwrap();
    let train = report.train.as_ref().unwrap();
    assert_eq!(train.values.len(), 12);
    for (a, b) in train.values.iter().zip(&seen.values) {
        assert!((a - b).abs() < 1e-5);
    }
    let [of_seen, of_fresh] = [&seen, &fresh].map(|found| mean_and_error(&found.values));
    let (gap, error) = report.gap().unwrap();
    assert!((gap - (of_seen.0 - of_fresh.0)).abs() < 1e-5);
    assert!((error - (of_seen.1.powi(2) + of_fresh.1.powi(2)).sqrt()).abs() < 1e-5);

    let names: Vec<&str> = report
        .weights
        .iter()
        .map(|layer| layer.name.as_str())
        .collect();
    assert_eq!(names, ["encoder.0", "encoder.1", "decoder.0", "decoder.1"]);
    assert_eq!(report.weights[0].num_weights, 10 * 6 + 6);
    assert!(report.parts.encoder_weight_kl.unwrap() > 0.0);
}

/// By the definitions.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// The numbers that are printed and summed up are those of their names.
#[test]
fn a_comparison_and_a_table_say_what_they_are_of() {
    let fixed = model(Uncertainty::None);
    let made = report(&fixed, &binary_rows(3, 5), &quiet(50)).unwrap();
    let (mut first, mut second) = (made.clone(), made);
    first.log_likelihood.values = vec![-1.0, -2.0, -6.0];
    second.log_likelihood.values = vec![0.0; 3];
    let comparison = compare(&first, &second).unwrap();
    let error = (7.0f64 / 3.0).sqrt(); // the variance is 7
    assert_eq!(comparison.difference, -3.0);
    assert!((comparison.standard_error - error).abs() < 1e-12);
    assert!(comparison.to_string().starts_with("-3.000 ± 1.528 nats"));

    let (parts, summary) = (&first.parts, first.summary());
    let bound = parts.log_likelihood - parts.log_ratio;
    assert_eq!(summary.evidence_lower_bound, bound);
    assert!((summary.standard_error - error).abs() < 1e-12);
    let sampling = first.log_likelihood.monte_carlo_error();
    assert!(sampling > 0.0 && (sampling - error).abs() > 1e-2);
    let text = first.to_string();
    for expected in [
        format!("-3.000 ± 1.528 (over datapoints), ± {sampling:.3} (from sampling"),
        format!(
            "{bound:.3} = {:.3} (likelihood) - {:.3} (latents)",
            parts.log_likelihood, parts.log_ratio
        ),
    ] {
        assert!(text.contains(&expected), "{text}");
    }
}

/// |μ|/σ from the layer's own numbers, for a layer with σ = 0.2 everywhere.
#[test]
fn the_signal_to_noise_is_that_of_the_weights() {
    let random = model(Uncertainty::Encoder);
    let report = report(&random, &binary_rows(3, 5), &quiet(2)).unwrap();
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
    let settings = quiet(30);
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
    let settings = quiet(3);
    let mut a = report(&model(Uncertainty::None), &data, &settings).unwrap();
    let mut b = a.clone();
    a.log_likelihood.values = vec![f64::NEG_INFINITY, f64::NEG_INFINITY, -1.0, -1.0];
    b.log_likelihood.values = vec![f64::NEG_INFINITY, -1.0, f64::NEG_INFINITY, -2.0];
    assert_eq!(compare(&a, &b).unwrap().share_better, 2.5 / 4.0);
    b.log_likelihood.values[3] = f64::NAN;
    assert!(compare(&a, &b).unwrap().share_better.is_nan());
}

/// Passes that take a moment end for a function of the caller's, too.
#[test]
fn a_function_is_told_of_each_pass_and_its_end() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let copy = told.clone();
    let progress = Progress::call(move |update| {
        let pass = update.task.to_string();
        copy.lock()
            .unwrap()
            .push((pass, update.fraction(), update.end));
    });
    let settings = quiet(5).with_progress(progress);
    let data = binary_rows(2, 1);
    evaluate::report(&model(Uncertainty::Encoder), &data, &settings).unwrap();
    let pass = |name: &str| (name.to_string(), Some(1.0), true);
    let ends: Vec<_> = (told.lock().unwrap().iter())
        .filter(|(_, _, end)| *end)
        .cloned()
        .collect();
    assert_eq!(ends.first(), Some(&pass("test")));
    assert_eq!(ends.last(), Some(&pass("weights at their mean")));
}

#[test]
fn settings_and_data_that_cannot_work_are_refused() {
    let random = model(Uncertainty::None);
    let data = binary_rows(3, 5);
    let refused = |settings: ReportSettings, data: &Datapoints| {
        report(&random, data, &settings).unwrap_err().to_string()
    };
    let good = quiet(3);
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
    let text = report_with_train(&random, &data, &narrow, &good)
        .unwrap_err()
        .to_string();
    assert!(text.contains("narrow") && text.contains("9"), "{text}");
    let grey = Datapoints::new("grey", vec![0.5; 10], 10).unwrap();
    assert!(refused(good, &grey).contains("grey"));
}

/// Both draw directly from the noise they are given, so that a common one would show.
#[derive(Module, Debug)]
struct Direct {
    device: Param<Tensor<1>>,
    #[module(skip)]
    num_rows: usize,
}

impl LatentVariableModel for Direct {
    fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
        let [batch, _] = x.dims();
        let z = noise.normal([num_samples, batch, 1], &x.device());
        let distance = (z - x.unsqueeze_dim::<3>(0)).squeeze_dim::<2>(2);
        let zeros = distance.zeros_like();
        LogWeights::new(-distance.square(), zeros.clone(), zeros)
    }

    fn support(&self) -> Support {
        Support::Real
    }
}

impl Source for Direct {
    type Rows = Tensor<2>;

    fn name(&self) -> &str {
        "draws"
    }

    fn len(&self) -> usize {
        self.num_rows
    }

    fn select(&self, ids: &[u32], device: &Device, visit: &Noise) -> Result<Tensor<2>, Error> {
        Ok(visit
            .clone()
            .normal([1, ids.len(), 1], device)
            .squeeze_dim(0))
    }

    fn fingerprint(&self) -> Result<String, Error> {
        Ok("draws".into())
    }

    fn check(&self, _: Support) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn data_are_not_made_of_the_models_noise() {
    let direct = Direct {
        device: Param::from_tensor(Tensor::zeros([1], &device())),
        num_rows: 20,
    };
    let found = report(&direct, &direct, &quiet(1)).unwrap();
    let far = |value: &&f64| **value < -1e-3;
    let far = found.log_likelihood.values.iter().filter(far).count();
    assert!(far > 15, "{:?}", found.log_likelihood.values);

    // Nor do they depend on the rows that are in memory with them.
    let mut chunks = quiet(1);
    chunks.sampling.rows_per_chunk = 7;
    let in_parts = report(&direct, &direct, &chunks).unwrap();
    assert_eq!(in_parts.log_likelihood.values, found.log_likelihood.values);

    let none = Direct {
        num_rows: 0,
        ..direct.clone()
    };
    let error = report_with_train(&direct, &direct, &none, &quiet(1)).unwrap_err();
    assert!(error.to_string().contains("`train` has no rows"), "{error}");
}
