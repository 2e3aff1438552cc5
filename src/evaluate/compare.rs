//! Two models on the same data under the same noise.

use super::{
    Report,
    statistics::{mean, standard_error},
};
use crate::error::{Error, Result};
use serde::Serialize;
use std::{cmp::Ordering, fmt};

/// How much better one model explains data than another, datapoint by datapoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// log p̂(x) of the first model minus that of the second, for each datapoint, in nats.
    pub differences: Vec<f64>,
    /// Their mean: positive if the first is better.
    pub difference: f64,
    /// The standard error of the mean over datapoints. It is smaller than those of the two means,
    /// because datapoints that are hard for one model are hard for the other.
    pub standard_error: f64,
    /// The share of datapoints that the first model explains better. Equal values count half, also
    /// two of −∞. NaN if any value is NaN.
    pub share_better: f64,
}

/// The paired difference of two reports, the first minus the second.
///
/// # Errors
///
/// [`Error::Setting`] unless both have the same data, binarization, seed and number of samples.
/// Otherwise the difference would not be due to the models alone.
///
/// # Example
///
/// See [`report`](super::report).
pub fn compare(first: &Report, second: &Report) -> Result<Comparison> {
    let (a, b) = (&first.settings, &second.settings);
    let differ = |name: &str, a: String, b: String| match a == b {
        true => Ok(()),
        false => Err(Error::setting(
            name,
            format!("is {a} in the first report and {b} in the second"),
            "make both reports with the same settings and data",
        )),
    };
    // The same data may have another name, so fingerprints are compared. Files of older versions
    // have no separate fingerprint.
    match first.fingerprint == second.fingerprint && !first.fingerprint.is_empty() {
        true => {}
        false => differ("data", first.data.clone(), second.data.clone())?,
    }
    differ("seed", a.seed.to_string(), b.seed.to_string())?;
    differ(
        "num_samples",
        a.sampling.num_samples.to_string(),
        b.sampling.num_samples.to_string(),
    )?;
    let (a, b) = (&first.log_likelihood.values, &second.log_likelihood.values);
    let rows = |values: &[f64]| format!("{} datapoints", values.len());
    differ("data", rows(a), rows(b))?;
    Ok(Comparison::of(a, b))
}

impl Comparison {
    fn of(first: &[f64], second: &[f64]) -> Self {
        let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        // Values are compared, not differences: the difference of two equal infinities is NaN.
        let better = first
            .iter()
            .zip(second)
            .map(|(a, b)| match a.partial_cmp(b) {
                Some(Ordering::Greater) => 1.0,
                Some(Ordering::Equal) => 0.5,
                Some(Ordering::Less) => 0.0,
                None => f64::NAN,
            });
        Self {
            difference: mean(&differences),
            standard_error: standard_error(&differences),
            share_better: better.sum::<f64>() / differences.len() as f64,
            differences,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "{:+.3} ± {:.3} nats (better for {:.0} % of {} datapoints)",
            self.difference,
            self.standard_error,
            100.0 * self.share_better,
            self.differences.len()
        )
    }
}
