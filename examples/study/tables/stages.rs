//! How the bounds of the table of Burda et al. (2016) rise from stage to stage.

use super::{
    burda::{MNIST, lead},
    page::markdown,
    seeds::gain,
};
use crate::{
    plan::Study,
    result::{Results, RunResult},
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
            let bounds = bounds(first);
            let show = |bound: Option<f64>| bound.map_or("–".into(), |nats| format!("{nats:.2}"));
            let mut row = vec![layers.to_string(), k.to_string(), shown.into()];
            row.extend(bounds.map(show));
            row.push(difference(bounds[4], bounds[3]));
            rows.push(row);
        }
    }
    Ok(markdown(&rows))
}

/// What 50 samples gain the VAE over one: its bound on training images as each stage ends, and
/// log p(x) of the test.
pub fn samples(results: &Results) -> Result<String> {
    let mut heads = vec!["layers".into()];
    heads.extend(ENDS.map(|end| format!("epoch {end}")));
    heads.extend(["log p(x), test", "published"].map(String::from));
    let mut rows = vec![heads];
    for layers in [1, 2] {
        let of = |k| results.seeds(Study::Burda, &name("vae", layers, k));
        let [one, many] = [of(1)?, of(50)?];
        let Some((first_one, first_many)) = one.first().zip(many.first()) else {
            continue;
        };
        let stages = bounds(first_many).into_iter().zip(bounds(first_one));
        let published = |of| {
            MNIST
                .iter()
                .find(|cells| (cells.0, cells.1) == (layers, of))
        };
        let mut row = vec![layers.to_string()];
        row.extend(stages.map(|(many, one)| difference(many, one)));
        row.push(gain(&many, &one));
        row.extend((published(1).zip(published(50))).map(|(one, many)| lead(one.2, many.2)));
        rows.push(row);
    }
    Ok(markdown(&rows))
}

fn bounds(run: &RunResult) -> [Option<f64>; ENDS.len()] {
    let at = |end| run.curve.iter().find(|&&(epoch, ..)| epoch == end);
    ENDS.map(|end| at(end).map(|&(_, train, _)| train))
}

fn difference(one: Option<f64>, other: Option<f64>) -> String {
    let difference = one.zip(other).map(|(one, other)| one - other);
    difference.map_or("–".into(), |nats| format!("{nats:+.2}"))
}
