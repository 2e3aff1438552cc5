//! The talk's table by its own protocol.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain},
};
use crate::{plan::Study, result::Results, studies::talk};
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
        "epochs",
        "seeds",
        "log p(x), test",
        "minus IWAE of the same seeds",
        "weights at their mean, added (1000 images)",
        "talk",
        "talk, minus IWAE",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let all = |epochs| PUBLISHED.map(|published| (epochs, published));
    for (epochs, (method, shown, published, difference)) in talk::EPOCHS.into_iter().flat_map(all) {
        let base = results.seeds(Study::Talk, &talk::name("iwae", epochs))?;
        let found = results.seeds(Study::Talk, &talk::name(method, epochs))?;
        if base.is_empty() && found.is_empty() {
            continue;
        }
        let values: Vec<f64> = found.iter().map(|run| run.summary.log_likelihood).collect();
        let means: Vec<f64> = (found.iter())
            .filter_map(|run| Some(run.summary.posterior_mean?.0))
            .collect();
        let over = OverSeeds::of(&values).map_or("–".into(), |over| over.show(false));
        let mean = OverSeeds::of(&means).map_or("–".into(), |over| over.show(true));
        let gain = match method {
            "iwae" => "–".into(),
            _ => gain(&found, &base),
        };
        rows.push(vec![
            shown.into(),
            epochs.to_string(),
            found.len().to_string(),
            over,
            gain,
            mean,
            published.into(),
            difference.into(),
        ]);
    }
    Ok(markdown(&rows))
}
