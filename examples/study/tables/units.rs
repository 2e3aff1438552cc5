//! Active units by threshold, and what the others are worth.

use super::page::markdown;
use crate::{
    plan::Study,
    result::Results,
    units::{Cut, THRESHOLDS, Units},
};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let mut heads = vec!["data".into(), "run".into()];
    heads.extend(THRESHOLDS.map(|threshold| format!("above {threshold}")));
    let mut rows = vec![heads];
    for (study, data) in [(Study::Burda, "MNIST"), (Study::Omniglot, "OMNIGLOT")] {
        for run in study.runs(1) {
            let Some(units) = Units::read(results, study, &run)? else {
                continue;
            };
            let mut row = vec![data.into(), format!("`{}`", run.name)];
            row.extend(units.cuts.iter().map(cell));
            rows.push(row);
        }
    }
    Ok(markdown(&rows))
}

/// How many units are left, layer by layer, and the change of log p̂.
fn cell(cut: &Cut) -> String {
    let left: Vec<String> = cut.left.iter().map(usize::to_string).collect();
    let left = left.join("+");
    match cut.change {
        Some((by, error)) => format!("{left}: {by:+.2} ± {error:.2}"),
        None => left,
    }
}
