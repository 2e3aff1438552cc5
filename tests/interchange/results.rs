//! Results.

use super::*;
use burn_bayes::evaluate::{Again, Report, ReportSettings, Scores, predictive_variance};
use safetensors::Dtype;
use std::panic::{AssertUnwindSafe, catch_unwind};

const K: usize = 500;

fn random_model() -> Vae {
    model(&config(Uncertainty::EncoderAndDecoder), 1)
}

pub fn report() -> Report {
    let settings = ReportSettings::new()
        .with_num_samples(K)
        .with_progress(Progress::Silent);
    let rows = x().into_data().try_to_vec().unwrap();
    let data = Datapoints::new("rows", rows, 6).unwrap();
    evaluate::report_with_train(&random_model(), &data, &data, &settings).unwrap()
}

/// Those that the report is made of, `[K, datapoints]`.
pub fn log_weights() -> Tensor<2> {
    random_model()
        .log_weights(x(), K, &mut Noise::seeded(0))
        .total()
}

fn bytes(path: &Path, name: &str) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    tensors.tensor(name).unwrap().data().to_vec()
}

/// The bytes of an array, whose numbers are doubles.
fn doubles(path: &Path, name: &str) -> Vec<u64> {
    let bytes = fs::read(path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let tensor = tensors.tensor(name).unwrap();
    assert_eq!(tensor.dtype(), Dtype::F64);
    let (chunks, _) = tensor.data().as_chunks::<8>();
    chunks
        .iter()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .collect()
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[test]
fn a_report_has_these_arrays() {
    let mut report = report();
    let mut again = report.posterior_mean.clone().unwrap();
    let values = again.log_likelihood.values.iter_mut();
    values.for_each(|value| *value -= 1.0);
    report.without_inactive = Some(again);
    let arrays = report.arrays();
    let names: Vec<String> = (arrays.names())
        .map(|(name, dims)| format!("{name}[{}]", dims.join(", ")))
        .collect();
    let mut expected = vec![
        "curve[curve_point, datapoint]".to_string(),
        "curve_num_samples[curve_point]".into(),
        "layer_1_single_draw_variance[layer_1_unit]".into(),
        "layer_1_variance[layer_1_unit]".into(),
        "posterior_mean_row[posterior_mean_datapoint]".into(),
        "without_inactive_row[without_inactive_datapoint]".into(),
    ];
    for prefix in ["", "posterior_mean_", "train_", "without_inactive_"] {
        for name in [
            "effective_sample_size",
            "largest_share",
            "log_likelihood",
            "pareto_k",
        ] {
            expected.push(format!("{prefix}{name}[{prefix}datapoint]"));
        }
    }
    expected.sort();
    assert_eq!(names, expected);

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.safetensors");
    arrays.save(&path).unwrap();
    let estimate = &report.log_likelihood;
    let of_again = |again: &Option<Again>| again.clone().unwrap().log_likelihood.values;
    for (name, numbers) in [
        (
            "train_log_likelihood",
            &report.train.clone().unwrap().values,
        ),
        (
            "posterior_mean_log_likelihood",
            &of_again(&report.posterior_mean),
        ),
        (
            "without_inactive_log_likelihood",
            &of_again(&report.without_inactive),
        ),
        ("log_likelihood", &estimate.values),
        ("effective_sample_size", &estimate.effective_sample_sizes),
        ("largest_share", &estimate.largest_shares),
        ("pareto_k", &estimate.pareto_k),
        ("layer_1_variance", &report.layers[0].variances),
    ] {
        assert_eq!(doubles(&path, name), bits(numbers), "{name}");
    }
    let curve: Vec<f64> = (report.curve.iter())
        .flat_map(|point| point.values.clone())
        .collect();
    assert_eq!(doubles(&path, "curve"), bits(&curve));
    assert_eq!(shapes(&path)["curve"], [report.curve.len(), 7]);
    let first = fs::read(&path).unwrap();
    arrays.save(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first);
}

#[test]
fn numbers_that_are_none_and_predictions() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scores.safetensors");
    let numbers = [f64::NAN, f64::NEG_INFINITY, -0.0];
    let scores = Scores {
        log_likelihood: numbers.to_vec(),
        disagreement: vec![0.5; 3],
    };
    let variance = predictive_variance(&random_model(), x(), 2, 2, &mut Noise::seeded(0));
    let all = (scores.arrays()).with_all("predicted_", variance.arrays().unwrap());
    all.save(&path).unwrap();
    assert_eq!(doubles(&path, "log_likelihood"), bits(&numbers));
    for (part, tensor) in [
        ("mean", variance.mean),
        ("from_weights", variance.from_weights),
        ("from_latents", variance.from_latents),
        ("from_likelihood", variance.from_likelihood),
    ] {
        let name = format!("predicted_{part}");
        assert_eq!(shapes(&path)[&name], [7, 6]);
        assert_eq!(bytes(&path, &name), tensor.into_data().as_bytes(), "{part}");
    }
    let empty = Arrays::new().with_numbers("none", ["datapoint"], [0], Vec::<f32>::new());
    empty.save(&path).unwrap();
    assert_eq!(shapes(&path)["none"], [0]);
}

#[test]
fn arrays_that_do_not_fit_are_refused() {
    let panics = |with: &dyn Fn(Arrays) -> Arrays, expected: &str| {
        let arrays = Arrays::new().with_numbers("a", ["row"], [2], vec![1i64, 2]);
        let refused = catch_unwind(AssertUnwindSafe(|| with(arrays))).unwrap_err();
        let message = refused.downcast_ref::<String>().unwrap();
        assert!(message.contains(expected), "{message}");
    };
    panics(
        &|arrays| arrays.with_numbers("a", ["row"], [2], vec![1.0; 2]),
        "there are two arrays `a`",
    );
    panics(
        &|arrays| arrays.with_numbers("b", ["row"], [3], vec![1.0; 3]),
        "the dimension row has length 2, and length 3 in `b`",
    );
    panics(
        &|arrays| arrays.with_numbers("b", ["row", "column"], [2, 2], vec![1.0; 3]),
        "`b` is to have the shape [2, 2], of 4 numbers",
    );
    panics(
        &|arrays| {
            let other = arrays.clone();
            arrays.with_all("", other)
        },
        "there are two arrays `a`",
    );
}
