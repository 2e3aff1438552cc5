//! What the reports of the talk's models say beside log p(x).

use super::{page::markdown, seeds::OverSeeds};
use crate::{
    plan::Study,
    result::{Results, RunResult, Summary},
    studies::talk::{self, METHODS},
};
use burn_bayes::Result;

/// A figure of each report, over the seeds of a method.
type Figure = (&'static str, fn(&[RunResult]) -> String);

const FIGURES: [Figure; 5] = [
    ("evidence lower bound", |found| {
        mean(found, |summary| Some(summary.evidence_lower_bound))
    }),
    ("Pareto k̂, median", |found| {
        mean(found, |summary| summary.median_pareto_k)
    }),
    ("active units of 40, by seed", |found| {
        let units = found
            .iter()
            .flat_map(|run| run.summary.active_units.first());
        let units: Vec<String> = units.map(|(active, _)| active.to_string()).collect();
        units.join(", ")
    }),
    ("σ of the encoder's weights, mean by layer", |found| {
        stds(found, "encoder")
    }),
    ("σ of the decoder's weights, mean by layer", |found| {
        stds(found, "decoder")
    }),
];

pub fn table(results: &Results) -> Result<String> {
    let heads = ["of the report", "IWAE", "IWAEU_rec", "IWAEU"];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let found =
        METHODS.map(|(method, _)| results.seeds(Study::Talk, &talk::name(method, talk::EPOCHS[0])));
    let found = found.into_iter().collect::<Result<Vec<_>>>()?;
    if found.iter().all(Vec::is_empty) {
        return Ok(markdown(&rows));
    }
    for (name, figure) in FIGURES {
        let cells = found.iter().map(|found| match figure(found) {
            cell if cell.is_empty() => "–".into(),
            cell => cell,
        });
        rows.push(std::iter::once(name.to_string()).chain(cells).collect());
    }
    Ok(markdown(&rows))
}

fn mean(found: &[RunResult], of: fn(&Summary) -> Option<f64>) -> String {
    let values: Vec<f64> = found.iter().filter_map(|run| of(&run.summary)).collect();
    OverSeeds::of(&values).map_or(String::new(), |over| over.show(false))
}

/// The mean standard deviation of each layer's weights in a network, from its input on.
fn stds(found: &[RunResult], network: &str) -> String {
    let Some(first) = found.first() else {
        return String::new();
    };
    let names = first.summary.weight_stds.iter().map(|(name, _)| name);
    let layers = names.filter(|name| name.starts_with(network));
    let means = layers.map(|layer| {
        let stds = found.iter().flat_map(|run| &run.summary.weight_stds);
        let stds = stds.filter(|(name, _)| name == layer);
        let stds: Vec<f64> = stds.map(|&(_, std)| std).collect();
        OverSeeds::of(&stds).map_or("–".into(), |over| format!("{:.4}", over.mean))
    });
    means.collect::<Vec<_>>().join(", ")
}
