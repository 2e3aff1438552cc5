//! Results that are nearly equal.

use approx::{
    RelativeEq, assert_abs_diff_eq, assert_abs_diff_ne, assert_relative_eq, assert_relative_ne,
};
use burn_bayes::evaluate::{
    Again, BoundParts, Comparison, CurvePoint, LogLikelihood, LogLikelihoods, Scores,
    StochasticLayer, Summary,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn estimate() -> Value {
    json!({
        "num_samples": 50, "values": [-90.0, -100.0], "effective_sample_sizes": [5.0, 6.0],
        "largest_shares": [0.5, 0.25], "pareto_k": [0.5, 0.75],
    })
}

/// Moves the numbers of a result one after the other, by a millionth: it is nearly equal to a
/// hundred thousandth, and not to a tenth of a millionth. Counts must be the same.
fn every_number_counts<T>(result: &T, read: impl Fn(Value) -> T)
where
    T: Serialize + RelativeEq<Epsilon = f64> + std::fmt::Debug,
{
    let json = json!(result);
    assert_relative_eq!(result, &read(json.clone()));
    assert_abs_diff_eq!(result, &read(json.clone()));
    let mut moved = 0;
    visit(&json, &mut |path| {
        let mut other = json.clone();
        let number = other.pointer_mut(path).unwrap();
        if number.is_u64() {
            *number = json!(number.as_u64().unwrap() + 1);
            assert_relative_ne!(result, &read(other), epsilon = 2.0, max_relative = 2.0);
        } else {
            *number = json!(number.as_f64().unwrap() * (1.0 + 1e-6));
            let other = read(other);
            assert_relative_eq!(result, &other, max_relative = 1e-5);
            assert_relative_ne!(result, &other, max_relative = 1e-7);
            assert_abs_diff_eq!(result, &other, epsilon = 1e-3);
            assert_abs_diff_ne!(result, &other, epsilon = 1e-8);
        }
        moved += 1;
    });
    assert!(moved > 2);
}

/// Calls with the path of each number.
fn visit(json: &Value, call: &mut impl FnMut(&str)) {
    fn walk(json: &Value, path: &str, call: &mut impl FnMut(&str)) {
        match json {
            Value::Number(_) => call(path),
            Value::Array(values) => (values.iter().enumerate())
                .for_each(|(i, value)| walk(value, &format!("{path}/{i}"), call)),
            Value::Object(values) => (values.iter())
                .for_each(|(name, value)| walk(value, &format!("{path}/{name}"), call)),
            _ => {}
        }
    }
    walk(json, "", call);
}

fn from_json<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

#[test]
fn every_number_of_what_is_read_counts() {
    every_number_counts(&from_json::<LogLikelihood>(estimate()), from_json);
    let point = json!({ "num_samples": 5, "values": [-91.0, -101.0] });
    every_number_counts(&from_json::<CurvePoint>(point), from_json);
    let parts = json!({
        "log_likelihood": -80.0, "log_ratio": 10.0, "kl": [4.0, 6.0],
        "encoder_weight_kl": 1e3, "decoder_weight_kl": null,
    });
    every_number_counts(&from_json::<BoundParts>(parts), from_json);
    let again = json!({
        "rows": [3, 8], "log_likelihood": estimate(), "difference": 0.5, "standard_error": 0.25,
    });
    every_number_counts(&from_json::<Again>(again), from_json);
    let layer = json!({
        "kl": 10.0, "variances": [0.5, 1.0], "single_draw_variances": [0.75, 1.5],
    });
    every_number_counts(&from_json::<StochasticLayer>(layer), from_json);
}

#[test]
fn every_number_of_a_comparison_and_of_a_summary_counts() {
    let comparison = Comparison {
        differences: vec![1.0, -2.0],
        difference: -0.5,
        standard_error: 1.5,
        share_better: 0.5,
    };
    let number = |json: &Value| json.as_f64().unwrap();
    every_number_counts(&comparison, |json| Comparison {
        differences: from_json(json["differences"].clone()),
        difference: number(&json["difference"]),
        standard_error: number(&json["standard_error"]),
        share_better: number(&json["share_better"]),
    });
    let summary = Summary {
        num_datapoints: 2,
        num_samples: 50,
        log_likelihood: -95.0,
        standard_error: 5.0,
        monte_carlo_error: 0.25,
        monte_carlo_bias: -0.125,
        curve: vec![(1, -100.0), (10, -97.0)],
        evidence_lower_bound: -99.0,
        effective_sample_size: 5.5,
        median_effective_sample_size: 5.25,
        largest_share: 0.375,
        median_pareto_k: 0.625,
        num_unreliable: 1,
        num_non_finite: 0,
        active_units: vec![(20, 50)],
        without_inactive: Some((0.0625, 0.03125)),
        posterior_mean: Some((-1.0, 0.5)),
        gap: Some((3.0, 1.25)),
    };
    every_number_counts(&summary, |json| Summary {
        num_datapoints: from_json(json["num_datapoints"].clone()),
        num_samples: from_json(json["num_samples"].clone()),
        log_likelihood: number(&json["log_likelihood"]),
        standard_error: number(&json["standard_error"]),
        monte_carlo_error: number(&json["monte_carlo_error"]),
        monte_carlo_bias: number(&json["monte_carlo_bias"]),
        curve: from_json(json["curve"].clone()),
        evidence_lower_bound: number(&json["evidence_lower_bound"]),
        effective_sample_size: number(&json["effective_sample_size"]),
        median_effective_sample_size: number(&json["median_effective_sample_size"]),
        largest_share: number(&json["largest_share"]),
        median_pareto_k: number(&json["median_pareto_k"]),
        num_unreliable: from_json(json["num_unreliable"].clone()),
        num_non_finite: from_json(json["num_non_finite"].clone()),
        active_units: from_json(json["active_units"].clone()),
        without_inactive: from_json(json["without_inactive"].clone()),
        posterior_mean: from_json(json["posterior_mean"].clone()),
        gap: from_json(json["gap"].clone()),
    });
    let other = Summary {
        gap: None,
        ..summary.clone()
    };
    assert_relative_ne!(summary, other, epsilon = 1e9);
}

#[test]
fn parts_that_are_missing_and_numbers_that_are_none() {
    let estimate: LogLikelihood = from_json(estimate());
    let one = LogLikelihoods {
        fresh_weights: estimate.clone(),
        posterior_mean: None,
    };
    let two = LogLikelihoods {
        posterior_mean: Some(estimate),
        ..one.clone()
    };
    assert_relative_eq!(one, one.clone());
    assert_relative_eq!(two, two.clone());
    assert_relative_ne!(one, two, epsilon = 1e9);

    let scores = |log_likelihood: f64, disagreement: Vec<f64>| Scores {
        log_likelihood: vec![log_likelihood],
        disagreement,
    };
    let infinite = scores(f64::NEG_INFINITY, vec![0.0]);
    assert_abs_diff_eq!(infinite, infinite.clone());
    assert_abs_diff_ne!(infinite, scores(-1e300, vec![0.0]), epsilon = 1e305);
    assert_abs_diff_ne!(infinite, scores(f64::NEG_INFINITY, vec![]), epsilon = 1e9);
    let nan = scores(f64::NAN, vec![0.0]);
    assert_abs_diff_ne!(nan, nan.clone(), epsilon = 1e9);
}
