//! The charts of a report.

use crate::{
    draw::{Chart, Colour, Picture},
    error::Result,
    evaluate::{Report, StochasticLayer, pareto::MIN_SAMPLES, pareto_k_threshold},
};

const SIZE: [usize; 2] = [460, 320];
const BINS: usize = 40;

/// All charts, each with its caption.
pub(super) fn all(report: &Report) -> Result<Vec<(&'static str, Picture)>> {
    let mut charts = vec![
        (
            "The mean of log p(x) by the number of samples; band: two standard errors over \
             datapoints. Where it still rises, the estimate is too low.",
            by_samples(report),
        ),
        ("log p(x) of single datapoints.", log_likelihoods(report)),
    ];
    if report.log_likelihood.num_samples >= MIN_SAMPLES {
        let caption = "Pareto k of the importance weights of single datapoints. Right of the \
                       dashed line the tail is too heavy for the estimate to be trusted. Those \
                       that are infinite stand at the right end.";
        charts.push((caption, tails(report)));
    }
    if !report.layers.is_empty() {
        let caption = "Variance over data of each unit's posterior mean, the largest first. Units \
                       below the dashed line are inactive.";
        charts.push((
            caption,
            activity(&report.layers, report.settings.active_threshold),
        ));
    }
    let drawn = charts.into_iter().filter_map(|(caption, chart)| {
        let chart = chart?.with_size(SIZE).draw();
        Some(chart.map(|chart| (caption, chart)))
    });
    drawn.collect()
}

fn by_samples(report: &Report) -> Option<Chart> {
    let points = report.curve.iter().map(|point| {
        let (mean, error) = (point.mean(), point.standard_error());
        (
            point.num_samples as f64,
            mean,
            if error.is_finite() { error } else { 0.0 },
        )
    });
    let points: Vec<_> = points.filter(|(_, mean, _)| mean.is_finite()).collect();
    if points.len() < 2 {
        return None;
    }
    let band: Vec<_> = points
        .iter()
        .map(|&(k, mean, error)| (k, mean - 2.0 * error, mean + 2.0 * error))
        .collect();
    let line: Vec<_> = points.iter().map(|&(k, mean, _)| (k, mean)).collect();
    let chart = Chart::new("log p(x) by samples", "samples", "log p(x) [nats]").with_log_x();
    Some(
        chart
            .band(Colour::Iwae, &band)
            .line("", Colour::Iwae, &line),
    )
}

fn log_likelihoods(report: &Report) -> Option<Chart> {
    let chart = Chart::new("log p(x) of datapoints", "log p(x) [nats]", "share");
    let train = report.train.as_ref().map(|train| finite(&train.values));
    let chart = match train.filter(|values| !values.is_empty()) {
        Some(train) => chart.histogram("training", Colour::IwaeuRec, &train, BINS),
        None => chart,
    };
    let test = finite(&report.log_likelihood.values);
    (!test.is_empty()).then(|| chart.histogram("test", Colour::Iwae, &test, BINS))
}

fn tails(report: &Report) -> Option<Chart> {
    let all = report.log_likelihood.pareto_k.iter().copied();
    let all: Vec<f64> = all.filter(|k| !k.is_nan()).collect();
    if all.is_empty() {
        return None;
    }
    let threshold = pareto_k_threshold(report.log_likelihood.num_samples);
    let finite = finite(&all);
    let low = finite.iter().copied().fold(0.0, f64::min);
    let high = finite.iter().copied().fold(threshold + 0.1, f64::max);
    let values: Vec<f64> = all.iter().map(|k| k.min(high)).collect();
    let top = largest_share(&values, low, high);
    let chart = Chart::new("Tails of the importance weights", "Pareto k", "share")
        .with_x_range(low, high)
        .histogram("", Colour::Iwae, &values, BINS)
        .dashed_line("", Colour::Data, &[(threshold, 0.0), (threshold, top)]);
    Some(chart)
}

fn activity(layers: &[StochasticLayer], threshold: f64) -> Option<Chart> {
    let title = "Activity of latent units";
    let mut chart = Chart::new(title, "unit, by activity", "variance of the posterior mean");
    let mut any = false;
    let most = layers.iter().map(|layer| layer.variances.len()).max()?;
    for (i, layer) in layers.iter().enumerate() {
        let units = layer
            .by_activity()
            .into_iter()
            .map(|unit| layer.variances[unit]);
        let points: Vec<_> = (1..)
            .map(f64::from)
            .zip(units)
            .filter(|(_, y)| y.is_finite())
            .collect();
        if points.is_empty() {
            continue;
        }
        any = true;
        let name = format!("layer {}", i + 1);
        chart = chart.line(name, Colour::Category(i as u8), &points);
    }
    let line = [(1.0, threshold), (most.max(2) as f64, threshold)];
    any.then(|| chart.dashed_line("", Colour::Data, &line))
}

/// The share of the fullest bin.
fn largest_share(values: &[f64], low: f64, high: f64) -> f64 {
    let mut counts = [0; BINS];
    for value in values {
        let place = (value - low) / (high - low) * BINS as f64;
        counts[(place as usize).min(BINS - 1)] += 1;
    }
    let most = counts.into_iter().max().unwrap_or(0);
    f64::from(most) / values.len() as f64
}

fn finite(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect()
}
