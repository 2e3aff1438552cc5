//! Results on paper: the table, and what it does not say by itself.

use crate::{
    common::{images::Source, output::replace},
    method::Method,
    results::{Results, RunResult},
    settings::Settings,
};
use burn_bayes::Result;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

const TABLE: &str = "table.md";

/// All results, with the log-likelihoods of the single test images for paired differences.
pub struct Table {
    settings: Settings,
    source: Source,
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
    pub fn new(settings: Settings, source: Source, device: &str, out: &Path) -> Self {
        Self {
            settings,
            source,
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
            "{} on {}: {num_train} training images, {epochs} epochs, batches of {batch_size}, k = {k}, \
             networks 784 - {hidden:?} - {latent}, seeds {seeds:?}, device {}\n{}",
            names.join(", "),
            self.source.name(),
            self.device,
            self.about_data()
        )
    }

    fn is_mnist(&self) -> bool {
        self.source == Source::Mnist
    }

    fn about_data(&self) -> String {
        let left_out = match self.is_mnist() {
            true => "",
            false => "; the published numbers are of MNIST and are left out",
        };
        format!("Data: {}{left_out}.", self.source)
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
        let mut columns = vec![
            "method",
            "this run",
            "weights at their mean",
            "minus IWAE, paired",
        ];
        if self.is_mnist() {
            columns.extend(["published (talk)", "published minus IWAE"]);
        }
        let mut text = format!(
            "Average test log-likelihood on {} in nats, higher is better\n\n| {} |\n|{}\n",
            self.source.name(),
            columns.join(" | "),
            " --- |".repeat(columns.len())
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
            let mut cells = vec![
                method.name().to_string(),
                format!("{mean:.2} ± {}", two_digits(error)),
                at_mean,
                difference,
            ];
            if self.is_mnist() {
                cells.extend(published(method));
            }
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.push('\n');
        text.push_str(&self.remarks());
        text
    }

    fn remarks(&self) -> String {
        let of_the_talk = match self.is_mnist() {
            true => " (the talk does not say what its own is)",
            false => "",
        };
        let mut text = format!(
            "{}\n± is the standard error over test images{of_the_talk}. Each number is an importance\n\
             sampling estimate, in expectation a lower bound, with fresh weights for each sample. \
             All methods share the test\nset's binarization and the noise of the latents.\n",
            self.about_data()
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
        if self.is_mnist() {
            text.push_str(&self.protocol());
        }
        text
    }

    /// How far the numbers can be compared with the published ones.
    fn protocol(&self) -> String {
        let mut text = String::new();
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
        let results = Results {
            settings: &self.settings,
            device: &self.device,
            data: self.source.to_string(),
            results: self.runs.iter().map(|(run, _)| run).collect(),
        };
        results.write(&self.out)?;
        replace(&self.out.join(TABLE), &self.table())
    }
}

/// A method's cells of the columns that are the talk's.
fn published(method: Method) -> [String; 2] {
    let (value, error) = method.published();
    let difference = match method {
        Method::Iwae => "–".into(),
        _ => format!("{:+.3}", value - Method::Iwae.published().0),
    };
    [format!("{value:.3} ± {error:.3}"), difference]
}
