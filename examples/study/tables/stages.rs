//! How the bounds of the table of Burda et al. (2016) rise from stage to stage.

use super::page::markdown;
use crate::{
    plan::Study,
    result::Results,
    studies::burda::{EPOCHS, name},
};
use burn_bayes::Result;

/// The last epochs of the first stages, which have 3⁰, 3¹, 3², … epochs.
const ENDS: [usize; 5] = [1, 4, 13, 40, EPOCHS];

/// The bound on training images as each stage ends, and what the last one brought.
pub fn table(results: &Results) -> Result<String> {
    let mut heads = vec!["layers".into(), "k".into(), "bound".into()];
    heads.extend(ENDS.map(|end| format!("epoch {end}")));
    heads.push("gained in the last stage".into());
    let mut rows = vec![heads];
    for layers in [1, 2] {
        for (method, shown, k) in [
            ("vae", "VAE", 1),
            ("vae", "VAE", 5),
            ("vae", "VAE", 50),
            ("iwae", "IWAE", 5),
            ("iwae", "IWAE", 50),
            ("iwae_pruned", "IWAE, pruned", 50),
        ] {
            let found = results.seeds(Study::Burda, &name(method, layers, k))?;
            let Some(first) = found.first() else { continue };
            let at = |end| first.curve.iter().find(|&&(epoch, ..)| epoch == end);
            let bounds = ENDS.map(|end| at(end).map(|&(_, train, _)| train));
            let show = |bound: Option<f64>| bound.map_or("–".into(), |nats| format!("{nats:.2}"));
            let gained = bounds[4].zip(bounds[3]).map(|(last, before)| last - before);
            let mut row = vec![layers.to_string(), k.to_string(), shown.into()];
            row.extend(bounds.map(show));
            row.push(gained.map_or("–".into(), |nats| format!("{nats:+.2}")));
            rows.push(row);
        }
    }
    Ok(markdown(&rows))
}
