//! Short runs with weights that begin with more noise or less, and with a charge.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain, mean_of},
};
use crate::{plan::Study, result::Results, studies::scale::SETTINGS};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "method",
        "initial σ",
        "charged weights",
        "log p(x), test",
        "minus IWAE",
        "at the weights' means, added",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let base = results.seeds(Study::Scale, &SETTINGS[0].name())?;
    for setting in &SETTINGS {
        let found = results.seeds(Study::Scale, &setting.name())?;
        let values: Vec<f64> = found.iter().map(|run| run.summary.log_likelihood).collect();
        let Some(level) = OverSeeds::of(&values) else {
            continue;
        };
        let added = found.iter().filter_map(|run| run.summary.posterior_mean);
        let added: Vec<f64> = added.map(|(added, _)| added).collect();
        let mut cells = match setting.method {
            "iwae" => vec!["IWAE".into(), "–".into(), "–".into()],
            method => vec![
                method.replacen("iwaeu", "IWAEU", 1),
                setting.initial_std.to_string(),
                setting.charged().into(),
            ],
        };
        cells.extend([
            level.show(false),
            match setting.method {
                "iwae" => "–".into(),
                _ => gain(&found, &base),
            },
            mean_of(&added, true),
        ]);
        rows.push(cells);
    }
    Ok(markdown(&rows))
}
