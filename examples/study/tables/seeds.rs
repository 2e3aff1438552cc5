//! The results of one row with several seeds.

use crate::result::RunResult;

/// A mean over seeds, and what it is known to.
pub struct OverSeeds {
    pub mean: f64,
    /// The standard error from the spread over seeds; of one seed, `None`.
    pub error: Option<f64>,
}

impl OverSeeds {
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len();
        if count == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let error = (count > 1).then(|| (squares / (count - 1) as f64 / count as f64).sqrt());
        Some(Self { mean, error })
    }

    pub fn show(&self, signed: bool) -> String {
        let mean = match signed {
            true => format!("{:+.2}", self.mean),
            false => format!("{:.2}", self.mean),
        };
        match self.error {
            Some(error) => format!("{mean} ± {error:.2}"),
            None => mean,
        }
    }
}

/// The mean over seeds of what there is.
pub fn mean_of(values: &[f64], signed: bool) -> String {
    OverSeeds::of(values).map_or("–".into(), |over| over.show(signed))
}

/// Runs with the base of the same seed, of those that have one.
pub fn pairs<'a>(
    found: &'a [RunResult],
    base: &'a [RunResult],
) -> impl Iterator<Item = (&'a RunResult, &'a RunResult)> {
    found.iter().filter_map(|run| {
        let other = base.iter().find(|other| other.run.seed == run.run.seed)?;
        Some((run, other))
    })
}

/// The mean difference of two results on the same images, and its standard error over images.
pub fn paired(one: &RunResult, other: &RunResult) -> Option<(f64, f64)> {
    let (a, b) = (&one.log_likelihoods, &other.log_likelihoods);
    if one.data != other.data || a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let over = OverSeeds::of(&differences)?;
    Some((over.mean, over.error?))
}

/// Of runs and the base of the same seed, how much higher log p̂ is with weights at their means.
pub fn gains_at_means(found: &[RunResult], base: &[RunResult]) -> Vec<f64> {
    let gain = |(run, other): (&RunResult, &RunResult)| {
        let (added, _) = run.summary.posterior_mean?;
        Some(run.summary.log_likelihood + added - other.summary.log_likelihood)
    };
    pairs(found, base).filter_map(gain).collect()
}

/// How much better one is than the other: with several seeds, the mean and its error from the
/// spread over seeds; with one, the error over images, which holds nothing of the chance of
/// training.
pub fn gain(found: &[RunResult], base: &[RunResult]) -> String {
    let gains: Vec<(f64, f64)> = (pairs(found, base))
        .filter_map(|(run, other)| paired(run, other))
        .collect();
    match gains[..] {
        [] => "–".into(),
        [(value, error)] => format!("{value:+.2} (± {error:.2} over images)"),
        _ => {
            let values: Vec<f64> = gains.iter().map(|&(value, _)| value).collect();
            mean_of(&values, true)
        }
    }
}
