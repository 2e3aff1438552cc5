//! One setting changed at a time.

use super::{
    page::markdown,
    seeds::{OverSeeds, paired},
};
use crate::{
    plan::Study,
    result::{Results, RunResult},
};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "run",
        "log p(x), test",
        "minus its IWAE",
        "at the weights' mean, added",
        "training minus test",
        "epoch",
        "KL of the weights a datapoint: encoder, decoder",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    for run in Study::Screening.runs(1) {
        let found = results.seeds(Study::Screening, &run.name)?;
        let Some(first) = found.first() else { continue };
        let values: Vec<f64> = found.iter().map(|run| run.summary.log_likelihood).collect();
        let base = results.seeds(Study::Screening, &base(&run.name))?;
        let of_pair = |pair: Option<(f64, f64)>| match pair {
            Some((value, error)) => format!("{value:+.2} ± {error:.2}"),
            None => "–".into(),
        };
        let kl = |kl: Option<f64>| kl.map_or("–".into(), |kl| format!("{kl:.0}"));
        rows.push(vec![
            format!("`{}`", run.name),
            OverSeeds::of(&values).map_or("–".into(), |over| over.show(false)),
            match run.name == base_name(&base) {
                true => "–".into(),
                false => gain(&found, &base),
            },
            of_pair(first.summary.posterior_mean),
            of_pair(first.summary.gap),
            first.epoch.to_string(),
            first.summary.weight_kl.map(kl).join(", "),
        ]);
    }
    Ok(markdown(&rows))
}

/// The IWAE with the same data, non-linearity and batches.
fn base(name: &str) -> String {
    let same = ["fixed", "grey", "relu", "softplus", "batch20"];
    match name.rsplit_once('-') {
        Some((_, setting)) if same.contains(&setting) => format!("iwae-{setting}"),
        _ => "iwae".into(),
    }
}

fn base_name(base: &[RunResult]) -> &str {
    base.first().map_or("", |run| &run.run.name)
}

/// How much better one is than the other: with several seeds, the mean and its error from the
/// spread over seeds; with one, the error over images, which holds nothing of the chance of
/// training.
pub fn gain(found: &[RunResult], base: &[RunResult]) -> String {
    let pairs = found.iter().filter_map(|run| {
        let other = base.iter().find(|other| other.run.seed == run.run.seed)?;
        paired(run, other)
    });
    let pairs: Vec<(f64, f64)> = pairs.collect();
    match pairs[..] {
        [] => "–".into(),
        [(value, error)] => format!("{value:+.2} (± {error:.2} over images)"),
        _ => {
            let values: Vec<f64> = pairs.iter().map(|&(value, _)| value).collect();
            OverSeeds::of(&values).map_or("–".into(), |over| over.show(true))
        }
    }
}
