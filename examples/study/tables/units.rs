//! Active units by threshold, and what the others are worth.

use super::page::{counts, markdown};
use crate::{
    plan::Study,
    result::{Results, SEEDS},
    units::{Cut, THRESHOLDS, Units},
};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let mut heads = vec!["data".into(), "run".into()];
    heads.extend(THRESHOLDS.map(|threshold| format!("above {threshold}")));
    let mut rows = vec![heads];
    for study in [Study::Burda, Study::Omniglot] {
        for run in SEEDS.flat_map(|seed| results.planned(study, seed)) {
            let Some(units) = Units::read(&results.folder(study), &run, None)? else {
                continue;
            };
            let name = match run.seed {
                1 => format!("`{}`", run.name),
                seed => format!("`{}`, seed {seed}", run.name),
            };
            let mut row = vec![units.data, name];
            row.extend(THRESHOLDS.map(|threshold| {
                let mut cuts = units.cuts.iter();
                let cut = cuts.find(|cut| cut.threshold == threshold);
                cut.map_or("–".into(), cell)
            }));
            rows.push(row);
        }
    }
    Ok(markdown(&rows))
}

/// How many units are left, layer by layer, and the change of log p̂.
fn cell(cut: &Cut) -> String {
    let left = counts(&cut.left);
    match cut.change {
        Some((by, error)) => format!("{left}: {by:+.2} ± {error:.2}"),
        None => left,
    }
}
