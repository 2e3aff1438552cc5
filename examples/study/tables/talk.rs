//! The talk's table by its own protocol.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain},
};
use crate::{plan::Study, result::Results};
use burn_bayes::Result;

/// The talk's log p(x) on MNIST.
const PUBLISHED: [(&str, &str, &str, &str); 3] = [
    ("iwae", "IWAE", "-95.18 ± 0.02", "–"),
    ("iwaeu_rec", "IWAEU_rec", "-94.71 ± 0.03", "+0.47"),
    ("iwaeu", "IWAEU", "-94.35 ± 0.03", "+0.84"),
];

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "method",
        "seeds",
        "log p(x), test",
        "minus IWAE",
        "weights at their mean, added",
        "talk",
        "talk, minus IWAE",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let base = results.seeds(Study::Talk, "iwae")?;
    for (name, shown, talk, difference) in PUBLISHED {
        let found = results.seeds(Study::Talk, name)?;
        if base.is_empty() && found.is_empty() {
            continue;
        }
        let values: Vec<f64> = found.iter().map(|run| run.summary.log_likelihood).collect();
        let means: Vec<f64> = (found.iter())
            .filter_map(|run| Some(run.summary.posterior_mean?.0))
            .collect();
        let over = OverSeeds::of(&values).map_or("–".into(), |over| over.show(false));
        let mean = OverSeeds::of(&means).map_or("–".into(), |over| over.show(true));
        let gain = match name {
            "iwae" => "–".into(),
            _ => gain(&found, &base),
        };
        rows.push(vec![
            shown.into(),
            found.len().to_string(),
            over,
            gain,
            mean,
            talk.into(),
            difference.into(),
        ]);
    }
    Ok(markdown(&rows))
}
