//! `results.json`: what came out, and all that decided it.

use crate::{
    common::output::{file_error, replace},
    method::Method,
    settings::Settings,
};
use burn_bayes::{
    Error, Result,
    prelude::{TrainingConfig, VaeConfig},
};
use serde::Serialize;
use serde_json::Value;
use std::{fs, path::Path};

const RESULTS: &str = "results.json";

/// One method with one seed.
#[derive(Clone, Debug, Serialize)]
pub struct RunResult {
    pub method: Method,
    pub seed: u64,
    pub epochs: usize,
    /// With fresh weights for each sample.
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
    pub effective_sample_size: f64,
    /// If training was stopped, without what came after the last checkpoint.
    pub train_seconds: f64,
    /// If evaluation was stopped, of its last part.
    pub eval_seconds: f64,
    /// Everything else that decides the numbers.
    pub model: VaeConfig,
    pub training: TrainingConfig,
}

/// The file.
#[derive(Serialize)]
pub struct Results<'a> {
    pub settings: &'a Settings,
    pub device: &'a str,
    /// What the data are.
    pub data: String,
    pub results: Vec<&'a RunResult>,
}

impl Results<'_> {
    pub fn write(&self, out: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self).expect("numbers and names are valid JSON");
        replace(&out.join(RESULTS), &json)
    }
}

/// How long those runs took of which the folder holds results.
pub struct Seconds(Vec<Value>);

impl Seconds {
    /// Of a run that goes on; of others nothing is asked.
    pub fn read(out: &Path, resume: bool) -> Result<Self> {
        let path = out.join(RESULTS);
        if !resume || !path.exists() {
            return Ok(Self(Vec::new()));
        }
        let text = fs::read_to_string(&path).map_err(file_error("read", &path))?;
        let json: Value = serde_json::from_str(&text).unwrap_or_default();
        match json["results"].as_array() {
            Some(results) => Ok(Self(results.clone())),
            None => Err(Error::Data {
                name: path.display().to_string(),
                problem: "holds no results of this program".into(),
                cure: "give another folder, or --overwrite to replace them".into(),
            }),
        }
    }

    /// Of training and of evaluation.
    pub fn of(&self, method: Method, seed: u64) -> Option<[f64; 2]> {
        let result = self
            .0
            .iter()
            .find(|result| result["method"] == method.file_name() && result["seed"] == seed)?;
        let seconds = |name: &str| result[name].as_f64();
        Some([seconds("train_seconds")?, seconds("eval_seconds")?])
    }
}
