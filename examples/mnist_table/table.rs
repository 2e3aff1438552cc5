//! Results on paper.

use crate::{
    common::{files::replace, images::Source},
    method::Method,
    results::{Results, RunResult},
    settings::Settings,
};
use burn_bayes::Result;
use std::{fmt::Write, path::PathBuf};

pub const TABLE: &str = "table.md";

/// All results, with the log-likelihoods of the single test images for paired differences.
pub struct Table {
    /// Their methods and seeds are those of all results.
    pub settings: Settings,
    pub source: Source,
    pub device: String,
    /// On what else models were trained, if they are given and it is something else.
    pub trained_on: Option<String>,
    pub out: PathBuf,
    pub runs: Vec<(RunResult, Vec<f64>)>,
}

/// Mean and standard error; the latter is undefined for one value.
pub fn statistics(values: &[f64]) -> (f64, Option<f64>) {
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
    /// Adds a result, in the place of an earlier one of the same run.
    pub fn add(&mut self, result: RunResult, values: Vec<f64>) {
        let run = (result.seed, result.method);
        self.runs
            .retain(|(other, _)| (other.seed, other.method) != run);
        self.runs.push((result, values));
        self.runs.sort_by_key(|(run, _)| (run.seed, run.method));
        let Settings { methods, seeds, .. } = &mut self.settings;
        methods.push(run.1);
        seeds.push(run.0);
        methods.sort();
        methods.dedup();
        seeds.sort();
        seeds.dedup();
    }

    pub fn is_mnist(&self) -> bool {
        self.source == Source::Mnist
    }

    /// A method's log-likelihood of each test image, averaged over its seeds, or over those that
    /// `other` has, too.
    fn values(&self, method: Method, other: Option<Method>) -> Option<Vec<f64>> {
        let has = |method, seed| {
            let mut runs = self.runs.iter();
            runs.any(|(run, _)| (run.method, run.seed) == (method, seed))
        };
        let runs: Vec<&Vec<f64>> = self
            .runs
            .iter()
            .filter(|(run, _)| run.method == method)
            .filter(|(run, _)| other.is_none_or(|other| has(other, run.seed)))
            .map(|(_, values)| values)
            .collect();
        let images = runs.first()?.len();
        let mean =
            |image: usize| runs.iter().map(|values| values[image]).sum::<f64>() / runs.len() as f64;
        Some((0..images).map(mean).collect())
    }

    /// A method's results over seeds, by `f`.
    pub fn seeds(&self, method: Method, f: impl Fn(&RunResult) -> Option<f64>) -> Vec<f64> {
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
        for &method in &self.settings.methods {
            let Some(values) = self.values(method, None) else {
                continue;
            };
            let (mean, error) = statistics(&values);
            let at_mean = self.seeds(method, |run| run.posterior_mean_log_likelihood);
            let at_mean = match at_mean.is_empty() {
                true => "the same".into(),
                false => format!("{:.2}", at_mean.iter().sum::<f64>() / at_mean.len() as f64),
            };
            // Seeds differ by more than methods do.
            let values = self.values(method, Some(Method::Iwae));
            let baseline = self.values(Method::Iwae, Some(method));
            let difference = match values.zip(baseline) {
                Some((values, baseline)) if method != Method::Iwae => {
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

    /// Writes `results.json` and `table.md`; each replaces its older self as a whole.
    pub fn write(&self) -> Result<()> {
        let results = Results {
            settings: &self.settings,
            device: &self.device,
            data: self.source.to_string(),
            trained_on: self.trained_on.as_deref(),
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
