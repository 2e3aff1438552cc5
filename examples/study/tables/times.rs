//! How much of each study is done, how long it took, and how heavy its importance weights are.

use super::page::markdown;
use crate::{plan::Study, result::Results};
use burn_bayes::Result;
use clap::ValueEnum;

/// Runs of the first seed and of others, the recorded times of training and evaluation, and the
/// least and the greatest of the runs' median Pareto k̂.
pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "study",
        "runs done, seed 1",
        "other seeds",
        "all runs, hours",
        "the longest, minutes",
        "median Pareto k̂ of the runs",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    for &study in Study::value_variants() {
        let planned = study.runs(1);
        let mut found = Vec::new();
        for run in &planned {
            found.extend(results.seeds(study, &run.name)?);
        }
        let first = found.iter().filter(|result| result.run.seed == 1).count();
        let minutes = found
            .iter()
            .map(|result| (result.train_seconds + result.eval_seconds) / 60.0);
        let Some(longest) = minutes.clone().reduce(f64::max) else {
            continue;
        };
        let ks = found
            .iter()
            .filter_map(|result| result.summary.median_pareto_k);
        let ks = ks.clone().reduce(f64::min).zip(ks.reduce(f64::max));
        rows.push(vec![
            study.name().into(),
            format!("{first} of {}", planned.len()),
            (found.len() - first).to_string(),
            format!("{:.1}", minutes.sum::<f64>() / 60.0),
            format!("{longest:.0}"),
            ks.map_or("–".into(), |(least, greatest)| {
                format!("{least:.2} to {greatest:.2}")
            }),
        ]);
    }
    Ok(markdown(&rows))
}
