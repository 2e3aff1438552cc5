//! −log p(x) of others' programs with the networks of Burda et al. (2016), on MNIST.

use super::{
    burda::{MNIST, published},
    page::markdown,
    seeds::OverSeeds,
};
use crate::{plan::Study, result::Results, studies::burda::name};
use burn_bayes::Result;

/// The VAE and the IWAE of one and two layers, each with k = 1, 5 and 50; `None` where a source has
/// no number.
type Found = [[Option<f64>; 2]; 6];

const fn both(vae: f64, iwae: f64) -> [Option<f64>; 2] {
    [Some(vae), Some(iwae)]
}

const fn only(iwae: f64) -> [Option<f64>; 2] {
    [None, Some(iwae)]
}

/// Li and Turner's as their paper has them, the others' as README files do, at 0216b45 and 1bc9753.
const OTHERS: [(&str, Found); 3] = [
    (
        "Li and Turner",
        [
            [None; 2],
            only(85.41),
            only(84.80),
            [None; 2],
            only(83.92),
            only(83.05),
        ],
    ),
    (
        "nbip",
        [
            both(86.35, 86.35),
            both(86.10, 85.18),
            both(86.06, 84.59),
            both(84.83, 84.83),
            both(84.08, 83.48),
            both(83.89, 82.82),
        ],
    ),
    (
        "xqding",
        [
            both(87.78, 87.75),
            both(87.15, 85.46),
            both(87.47, 84.59),
            both(89.16, 88.39),
            both(91.37, 84.69),
            both(89.16, 83.29),
        ],
    ),
];

pub fn table(results: &Results) -> Result<String> {
    let mut heads = vec!["layers".into(), "k".into(), "paper".into()];
    heads.extend(OTHERS.map(|(source, _)| source.into()));
    heads.push("here".into());
    let mut rows = vec![heads];
    for (index, &(layers, k, vae, iwae)) in MNIST.iter().enumerate() {
        let here = |method: &str| -> Result<Option<f64>> {
            let found = results.seeds(Study::Burda, &name(method, layers, k))?;
            let values: Vec<f64> = found
                .iter()
                .map(|run| -run.summary.log_likelihood)
                .collect();
            Ok(OverSeeds::of(&values).map(|over| over.mean))
        };
        // With one sample they are the same.
        let iwae_here = here(if k == 1 { "vae" } else { "iwae" })?;
        let mut row = vec![layers.to_string(), k.to_string()];
        row.push(cell(k, [published(vae), published(iwae)]));
        row.extend(OTHERS.map(|(_, found)| cell(k, found[index])));
        row.push(cell(k, [here("vae")?, iwae_here]));
        rows.push(row);
    }
    Ok(markdown(&rows))
}

/// Both, and by how much the IWAE is ahead.
fn cell(k: usize, found: [Option<f64>; 2]) -> String {
    match found {
        [Some(vae), Some(iwae)] if k == 1 && vae == iwae => format!("{vae:.2}"),
        // Two runs of one objective.
        [Some(vae), Some(iwae)] if k == 1 => format!("{vae:.2}, {iwae:.2}"),
        [Some(vae), Some(iwae)] => format!("{vae:.2}, {iwae:.2}: {:+.2}", vae - iwae),
        [None, Some(iwae)] => format!("–, {iwae:.2}"),
        [Some(vae), None] => format!("{vae:.2}, –"),
        [None, None] => "–".into(),
    }
}
