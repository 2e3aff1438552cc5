//! `results.json`: what came out, and all that decided it.

use crate::{
    Task,
    common::files::{file_error, replace},
    data::Data,
    method::Method,
    run_folder,
    settings::Settings,
};
use burn_bayes::{Error, Result, prelude::*};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::{fs, io::ErrorKind, path::Path};

pub const RESULTS: &str = "results.json";

/// One method with one seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunResult {
    pub method: Method,
    pub seed: u64,
    pub epochs: usize,
    /// With fresh weights for each sample.
    #[serde(deserialize_with = "or_nan")]
    pub test_log_likelihood: f64,
    /// Over test images; undefined for one.
    pub standard_error: Option<f64>,
    /// From the finite number of importance samples; undefined for one.
    pub monte_carlo_error: Option<f64>,
    /// The test log-likelihood with weights at their posterior mean.
    pub posterior_mean_log_likelihood: Option<f64>,
    /// Test images whose log-likelihood is NaN or infinite.
    pub non_finite_images: usize,
    /// Test images whose importance weights have too heavy a tail.
    pub unreliable_images: usize,
    pub active_units: usize,
    /// How much better training images are explained, if some were evaluated.
    pub train_minus_test: Option<f64>,
    pub eval_samples: usize,
    pub eval_images: usize,
    /// Of the evaluation's importance samples, the mean over test images.
    #[serde(deserialize_with = "or_nan")]
    pub effective_sample_size: f64,
    /// If training was stopped, without what came after the last checkpoint. Unknown of some models
    /// that are given.
    pub train_seconds: Option<f64>,
    /// If evaluation was stopped, of its last part.
    pub eval_seconds: f64,
    /// Everything else that decides the numbers.
    pub model: VaeConfig,
    pub training: TrainingConfig,
}

/// JSON has no number that is not finite, and `null` in its place.
fn or_nan<'de, D: Deserializer<'de>>(number: D) -> std::result::Result<f64, D::Error> {
    Ok(Option::deserialize(number)?.unwrap_or(f64::NAN))
}

/// The file.
#[derive(Serialize)]
pub struct Results<'a> {
    pub settings: &'a Settings,
    pub device: &'a str,
    /// What the data are.
    pub data: String,
    /// On what else the models were trained, if on something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trained_on: Option<&'a str>,
    pub results: Vec<&'a RunResult>,
}

impl Results<'_> {
    pub fn write(&self, out: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).expect("numbers and names are valid JSON");
        replace(&out.join(RESULTS), &json)
    }
}

/// What an earlier call left in its folder of results.
#[derive(Default)]
pub struct EarlierResults {
    settings: Value,
    results: Vec<RunResult>,
}

impl EarlierResults {
    /// A damaged file is left out: models and evaluations are in other files, and this one is made
    /// anew.
    pub fn read(out: &Path) -> Result<Self> {
        let path = out.join(RESULTS);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            text => text.map_err(file_error("read", &path))?,
        };
        let json: Value = serde_json::from_slice(&text).unwrap_or_default();
        let Some(results) = json["results"].as_array() else {
            let path = path.display();
            eprintln!("warning: {path} holds no results of this program, and is left out");
            return Ok(Self::default());
        };
        let mut read = Vec::new();
        for result in results {
            match serde_json::from_value(result.clone()) {
                Ok(result) => read.push(result),
                Err(error) => {
                    let path = path.display();
                    eprintln!(
                        "warning: a result of {path} cannot be read, and is left out: {error}"
                    );
                }
            }
        }
        Ok(Self {
            settings: json["settings"].clone(),
            results: read,
        })
    }

    fn of(&self, method: Method, seed: u64) -> Option<&RunResult> {
        let mut results = self.results.iter();
        results.find(|result| (result.method, result.seed) == (method, seed))
    }

    /// How long training took, if it is known.
    pub fn train_seconds(&self, method: Method, seed: u64) -> Option<f64> {
        self.of(method, seed)?.train_seconds
    }

    /// How long training and evaluation took, if it is known.
    pub fn seconds(&self, task: &Task) -> [Option<f64>; 2] {
        let Task { method, seed, .. } = *task;
        let evaluation = self.of(method, seed).map(|result| result.eval_seconds);
        [self.train_seconds(method, seed), evaluation]
    }

    /// Refuses to go on with other settings than those of the results that are there, by the
    /// option: they are for one table. More epochs, methods and seeds may come.
    pub fn check(&self, settings: &Settings, out: &Path) -> Result<()> {
        let may_change = ["methods", "seeds", "epochs"];
        let differences = settings.differences(&self.settings, &may_change);
        let Some(difference) = differences.into_iter().next() else {
            return Ok(());
        };
        Err(Error::Setting {
            name: difference.option,
            problem: format!(
                "is {}, but the results in `{}` have {}",
                difference.here,
                out.display(),
                difference.there
            ),
            cure: "give the options it was begun with, or another folder".into(),
        })
    }

    /// The results with the log-likelihoods of the single test images, as far as the reports are
    /// there; they stay until there are new ones.
    pub fn rows(self, out: &Path, data: &Data) -> Result<Vec<(RunResult, Vec<f64>)>> {
        let test_images = data.test.fingerprint()?;
        let mut rows = Vec::new();
        for result in self.results {
            let path = run_folder(out, result.method, result.seed).join("report.json");
            let Ok(report) = Report::load(&path) else {
                let path = path.display();
                eprintln!("warning: {path} cannot be read, and its results are left out");
                continue;
            };
            let known = !report.fingerprint.is_empty();
            if known && !report.fingerprint.starts_with(&test_images) {
                return Err(Error::Setting {
                    name: "--data-dir".into(),
                    problem: format!("holds other test images than `{}` is of", path.display()),
                    cure: "give the data it was begun with, or another folder".into(),
                });
            }
            rows.push((result, report.log_likelihood.values));
        }
        Ok(rows)
    }
}
