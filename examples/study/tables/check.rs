//! VAEs of this crate beside those of PyTorch.

use super::{page::markdown, seeds::mean_of};
use crate::{plan::Study, result::Results, studies::check::VAE};
use burn_bayes::Result;
use serde::Deserialize;

/// What `docs/results/check/vae.py` writes, as far as the table needs it.
#[derive(Deserialize)]
struct Other {
    program: String,
    runs: Vec<OtherRun>,
}

#[derive(Deserialize)]
struct OtherRun {
    evidence_lower_bound: f64,
    active_units: usize,
    curve_of_bound_and_kl: Vec<(f64, f64)>,
}

/// A run: the bound of its last epoch, the evidence lower bound on test images, and active units.
type Row = (Option<f64>, f64, Option<usize>);

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "program",
        "seeds",
        "bound in the last epoch of training",
        "evidence lower bound, test",
        "active units of 40, by seed",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    if let Some(other) = results.other::<Other>(Study::Check, "pytorch")? {
        let of = |run: &OtherRun| {
            let training = run.curve_of_bound_and_kl.last().map(|epoch| epoch.0);
            (training, run.evidence_lower_bound, Some(run.active_units))
        };
        rows.push(row(other.program, other.runs.iter().map(of).collect()));
    }
    let found = results.seeds(Study::Check, VAE)?;
    let of = found.iter().map(|run| {
        let units = run.summary.active_units.first().map(|units| units.0);
        let training = run.curve.last().map(|epoch| epoch.1);
        (training, run.summary.evidence_lower_bound, units)
    });
    if !found.is_empty() {
        rows.push(row("this crate".into(), of.collect()));
    }
    Ok(markdown(&rows))
}

fn row(program: String, runs: Vec<Row>) -> Vec<String> {
    let mean = |values: Vec<f64>| mean_of(&values, false);
    let units = runs.iter().map(|run| run.2);
    let units = units.map(|units| units.map_or("–".into(), |units| units.to_string()));
    vec![
        program,
        runs.len().to_string(),
        mean(runs.iter().filter_map(|run| run.0).collect()),
        mean(runs.iter().map(|run| run.1).collect()),
        units.collect::<Vec<String>>().join(", "),
    ]
}
