//! A report as a table.

use super::{Again, Report};
use crate::evaluate::{
    pareto::MIN_SAMPLES,
    pareto_k_threshold,
    statistics::{mean, quantile},
};
use serde::Serialize;
use std::fmt;

/// The main numbers of a [`Report`]. Those that are not defined, such as the error of a single
/// datapoint, are NaN. In JSON these and infinite ones are `null`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The number of datapoints.
    pub num_datapoints: usize,
    /// K.
    pub num_samples: usize,
    /// The mean of log p̂(x), in nats.
    pub log_likelihood: f64,
    /// Its standard error over datapoints.
    pub standard_error: f64,
    /// Its standard error from sampling.
    pub monte_carlo_error: f64,
    /// Its approximate bias from sampling.
    pub monte_carlo_bias: f64,
    /// Pairs of a number of samples and the mean log p̂(x) from so many.
    pub curve: Vec<(usize, f64)>,
    /// The mean of E log p(x | z) − KL over datapoints.
    pub evidence_lower_bound: f64,
    /// The mean effective sample size.
    pub effective_sample_size: f64,
    /// Its median.
    pub median_effective_sample_size: f64,
    /// The mean share of the largest importance weight.
    pub largest_share: f64,
    /// The median of k̂.
    pub median_pareto_k: f64,
    /// The number of datapoints whose k̂ is above [`pareto_k_threshold`] or NaN.
    pub num_unreliable: usize,
    /// The number of datapoints with a log p̂(x) that is not finite.
    pub num_non_finite: usize,
    /// Active units and all units of each stochastic layer.
    pub active_units: Vec<(usize, usize)>,
    /// The change of log p̂(x) when inactive units are switched off, and its standard error.
    pub without_inactive: Option<(f64, f64)>,
    /// The change of log p̂(x) when random weights are set to their means, and its standard error.
    pub posterior_mean: Option<(f64, f64)>,
    /// log p̂(x) of training data minus that of test data, and its standard error.
    pub gap: Option<(f64, f64)>,
}

impl Report {
    /// The main numbers.
    pub fn summary(&self) -> Summary {
        let estimate = &self.log_likelihood;
        let again = |again: &Again| (again.difference, again.standard_error);
        let median = |values: &[f64]| quantile(values, 0.5);
        let threshold = self.settings.active_threshold;
        Summary {
            num_datapoints: estimate.values.len(),
            num_samples: estimate.num_samples,
            log_likelihood: estimate.mean(),
            standard_error: estimate.standard_error(),
            monte_carlo_error: estimate.monte_carlo_error(),
            monte_carlo_bias: estimate.monte_carlo_bias(),
            curve: (self.curve.iter())
                .map(|point| (point.num_samples, point.mean()))
                .collect(),
            evidence_lower_bound: self.parts.bound(),
            effective_sample_size: estimate.mean_effective_sample_size(),
            median_effective_sample_size: median(&estimate.effective_sample_sizes),
            largest_share: mean(&estimate.largest_shares),
            median_pareto_k: median(&estimate.pareto_k),
            num_unreliable: estimate.num_unreliable(),
            num_non_finite: estimate.num_non_finite(),
            active_units: (self.layers.iter())
                .map(|layer| (layer.active(threshold).len(), layer.variances.len()))
                .collect(),
            without_inactive: self.without_inactive.as_ref().map(again),
            posterior_mean: self.posterior_mean.as_ref().map(again),
            gap: self.gap(),
        }
    }

    /// Reasons to distrust the estimate, in words; empty if there are none.
    pub fn warnings(&self) -> Vec<String> {
        let summary = self.summary();
        let mut warnings = Vec::new();
        if summary.num_non_finite > 0 {
            warnings.push(format!(
                "log p(x) of {} datapoints is not finite; the mean is no result.",
                summary.num_non_finite
            ));
        }
        if summary.num_samples < MIN_SAMPLES {
            warnings.push(format!(
                "{} samples are too few to judge the tail of importance weights; give {MIN_SAMPLES} or more.",
                summary.num_samples
            ));
        } else if summary.num_unreliable > 0 {
            warnings.push(format!(
                "For {} of {} datapoints the tail of importance weights is too heavy (Pareto k above {:.2}): \
                 their log p(x) is likely too low, by more than the errors say. More samples or a better encoder help.",
                summary.num_unreliable,
                summary.num_datapoints,
                pareto_k_threshold(summary.num_samples)
            ));
        }
        warnings
    }
}

impl Report {
    /// What was evaluated, and how.
    pub(super) fn heading(&self) -> String {
        let counted = |count: usize, one: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {one}s"),
        };
        format!(
            "{}, {} each, seed {}; nats, higher is better",
            counted(self.log_likelihood.values.len(), "datapoint"),
            counted(self.log_likelihood.num_samples, "sample"),
            self.settings.seed
        )
    }

    /// The rows of the table: names and values, as text.
    pub(super) fn rows(&self) -> Vec<(String, String)> {
        let summary = self.summary();
        let error = |(difference, error): (f64, f64)| format!("{difference:+.3} ± {error:.3}");
        let mut rows: Vec<(String, String)> = Vec::new();
        let mut row = |name: &str, text: String| rows.push((name.into(), text));
        row(
            "log p(x)",
            format!(
                "{:.3} ± {:.3} (over datapoints), ± {:.3} (from sampling, and {:.3} too low or more)",
                summary.log_likelihood,
                summary.standard_error,
                summary.monte_carlo_error,
                -summary.monte_carlo_bias
            ),
        );
        let curve = summary.curve.iter();
        let curve: Vec<String> = curve.map(|(k, mean)| format!("{k}: {mean:.2}")).collect();
        row("  with fewer samples", curve.join(", "));
        row(
            "evidence lower bound",
            format!(
                "{:.3} = {:.3} (likelihood) - {:.3} (latents)",
                summary.evidence_lower_bound, self.parts.log_likelihood, self.parts.log_ratio
            ),
        );
        row(
            "effective sample size",
            format!(
                "{:.1} mean, {:.1} median; the largest importance weight has {:.0} % of the sum",
                summary.effective_sample_size,
                summary.median_effective_sample_size,
                100.0 * summary.largest_share
            ),
        );
        if summary.num_samples >= MIN_SAMPLES {
            row(
                "tail of importance weights",
                format!(
                    "Pareto k {:.2} median, above {:.2} for {} datapoints",
                    summary.median_pareto_k,
                    pareto_k_threshold(summary.num_samples),
                    summary.num_unreliable
                ),
            );
        }
        for (i, layer) in self.layers.iter().enumerate() {
            let (active, all) = summary.active_units[i];
            row(
                &format!("stochastic layer {}", i + 1),
                format!("{active} of {all} units active, KL {:.2}", layer.kl),
            );
        }
        if let Some(difference) = summary.without_inactive {
            row("without inactive units", error(difference));
        }
        if let Some(difference) = summary.posterior_mean {
            row("weights at their mean", error(difference));
        }
        if let Some(difference) = summary.gap {
            row("training minus test", error(difference));
        }
        for (name, kl) in [
            ("KL of encoder weights", self.parts.encoder_weight_kl),
            ("KL of decoder weights", self.parts.decoder_weight_kl),
        ] {
            if let Some(kl) = kl {
                row(name, format!("{kl:.0} (of all, once)"));
            }
        }
        for layer in &self.weights {
            row(
                &format!("weights of {}", layer.name),
                format!(
                    "signal-to-noise {:.2} median ({:.2} to {:.2} from 5 to 95 %), {:.0} % of {} below 1",
                    layer.quantiles[2],
                    layer.quantiles[0],
                    layer.quantiles[4],
                    100.0 * layer.prunable,
                    layer.num_weights
                ),
            );
        }
        rows
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "{}\n{}\n", self.data, self.heading())?;
        for (name, text) in self.rows() {
            writeln!(f, "{name:<28}{text}")?;
        }
        for warning in self.warnings() {
            writeln!(f, "\nwarning: {warning}")?;
        }
        Ok(())
    }
}
