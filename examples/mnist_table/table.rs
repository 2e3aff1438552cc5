//! Results on paper: a table, a JSON file, and a folder that loses nothing.

use crate::options::{Method, Settings};
use burn_bayes::{
    Error, Result,
    prelude::{TrainingConfig, VaeConfig},
};
use serde::Serialize;
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

const RESULTS: &str = "results.json";
const TABLE: &str = "table.md";

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
    pub train_seconds: f64,
    pub eval_seconds: f64,
    /// Everything else that decides the numbers.
    pub model: VaeConfig,
    pub training: TrainingConfig,
}

/// All results, with the log-likelihoods of the single test images for paired differences.
pub struct Table {
    settings: Settings,
    device: String,
    out: PathBuf,
    runs: Vec<(RunResult, Vec<f64>)>,
}

/// Mean and standard error; the latter is undefined for one value.
fn statistics(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let error = (squares / (n - 1.0) / n).sqrt();
    (mean, error.is_finite().then_some(error))
}

/// An error as text.
pub fn two_digits(error: Option<f64>) -> String {
    error.map_or("undefined".into(), |error| format!("{error:.2}"))
}

impl Table {
    pub fn new(settings: Settings, device: &str, out: &Path) -> Self {
        Self {
            settings,
            device: device.into(),
            out: out.into(),
            runs: Vec::new(),
        }
    }

    pub fn dir(&self) -> &Path {
        &self.out
    }

    pub fn add(&mut self, result: RunResult, values: Vec<f64>) {
        self.runs.push((result, values));
    }

    pub fn introduction(&self, num_train: usize) -> String {
        let Settings {
            methods,
            seeds,
            epochs,
            batch_size,
            k,
            hidden,
            latent,
            ..
        } = &self.settings;
        let names: Vec<&str> = methods.iter().map(|method| method.name()).collect();
        format!(
            "{} on MNIST: {num_train} training images, {epochs} epochs, batches of {batch_size}, k = {k}, \
             networks 784 - {hidden:?} - {latent}, seeds {seeds:?}, device {}",
            names.join(", "),
            self.device
        )
    }

    /// A method's log-likelihood of each test image, averaged over seeds.
    fn values(&self, method: Method) -> Option<Vec<f64>> {
        let runs: Vec<&Vec<f64>> = self
            .runs
            .iter()
            .filter(|(run, _)| run.method == method)
            .map(|(_, values)| values)
            .collect();
        let images = runs.first()?.len();
        let mean =
            |image: usize| runs.iter().map(|values| values[image]).sum::<f64>() / runs.len() as f64;
        Some((0..images).map(mean).collect())
    }

    /// A method's results over seeds, by `f`.
    fn seeds(&self, method: Method, f: impl Fn(&RunResult) -> Option<f64>) -> Vec<f64> {
        self.runs
            .iter()
            .filter(|(run, _)| run.method == method)
            .filter_map(|(run, _)| f(run))
            .collect()
    }

    pub fn table(&self) -> String {
        let mut text = String::from(
            "Average test log-likelihood on MNIST in nats, higher is better\n\n\
             | method | this run | weights at their mean | minus IWAE, paired | published (talk) | published minus IWAE |\n\
             | --- | --- | --- | --- | --- | --- |\n",
        );
        let baseline = self.values(Method::Iwae);
        for &method in &self.settings.methods {
            let Some(values) = self.values(method) else {
                continue;
            };
            let (mean, error) = statistics(&values);
            let at_mean = self.seeds(method, |run| run.posterior_mean_log_likelihood);
            let at_mean = match at_mean.is_empty() {
                true => "the same".into(),
                false => format!("{:.2}", at_mean.iter().sum::<f64>() / at_mean.len() as f64),
            };
            let difference = match &baseline {
                Some(baseline) if method != Method::Iwae => {
                    let differences: Vec<f64> =
                        values.iter().zip(baseline).map(|(a, b)| a - b).collect();
                    let (mean, error) = statistics(&differences);
                    format!("{mean:+.2} ± {}", two_digits(error))
                }
                _ => "–".into(),
            };
            let (published, published_error) = method.published();
            let published_difference = match method {
                Method::Iwae => "–".into(),
                _ => format!("{:+.3}", published - Method::Iwae.published().0),
            };
            let _ = writeln!(
                text,
                "| {} | {mean:.2} ± {} | {at_mean} | {difference} | {published:.3} ± {published_error:.3} | \
                 {published_difference} |",
                method.name(),
                two_digits(error)
            );
        }
        text.push('\n');
        text.push_str(&self.remarks());
        text
    }

    fn remarks(&self) -> String {
        let mut text = String::from(
            "± is the standard error over test images (the talk does not say what its own is). Each number is \
             an importance\nsampling estimate, in expectation a lower bound, with fresh weights for each sample. \
             All methods share the test\nset's binarization and the noise of the latents.\n",
        );
        if self.settings.seeds.len() > 1 {
            for &method in &self.settings.methods {
                // A table that was stopped lacks runs.
                let means = self.seeds(method, |run| Some(run.test_log_likelihood));
                if means.is_empty() {
                    continue;
                }
                let (mean, error) = statistics(&means);
                let _ = writeln!(
                    text,
                    "Over {} seed{}, {}: {mean:.2} ± {}.",
                    means.len(),
                    if means.len() == 1 { "" } else { "s" },
                    method.name(),
                    two_digits(error)
                );
            }
        }
        for (run, _) in &self.runs {
            if run.non_finite_images > 0 {
                let _ = writeln!(
                    text,
                    "{} with seed {}: the log-likelihood of {} images is not finite; its mean is no result.",
                    run.method.name(),
                    run.seed,
                    run.non_finite_images
                );
            }
        }
        let differences = self.settings.differences_from_paper();
        if differences.is_empty() {
            text.push_str(
                "The talk states networks, latent variables and k; the rest is this program's reading of it.\n",
            );
        } else {
            text.push_str("\nNot comparable with the published numbers as it stands. These settings differ from `--preset paper`:\n");
            for difference in differences {
                let _ = writeln!(text, "- {difference}");
            }
            text.push_str(
                "For the full protocol: cargo run --release --example mnist_table -- --preset paper\n",
            );
        }
        text
    }

    /// Writes `results.json` and `table.md`; each replaces its older self as a whole.
    pub fn write(&self) -> Result<()> {
        #[derive(Serialize)]
        struct Results<'a> {
            settings: &'a Settings,
            device: &'a str,
            results: Vec<&'a RunResult>,
        }
        let results = Results {
            settings: &self.settings,
            device: &self.device,
            results: self.runs.iter().map(|(run, _)| run).collect(),
        };
        let json =
            serde_json::to_string_pretty(&results).expect("numbers and names are valid JSON");
        self.replace(RESULTS, &json)?;
        self.replace(TABLE, &self.table())
    }

    fn replace(&self, name: &str, text: &str) -> Result<()> {
        let (path, aside) = (self.out.join(name), self.out.join(format!("{name}.part")));
        let failed = |source| Error::Io {
            action: "write",
            path: path.clone(),
            source,
        };
        let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, &path));
        written.map_err(|error| {
            let _ = fs::remove_file(&aside);
            failed(error)
        })
    }
}
