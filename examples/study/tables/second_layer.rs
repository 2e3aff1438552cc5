//! What a second stochastic layer gains, beside Burda et al. (2016).

use super::{
    burda::{Cells, MNIST, OMNIGLOT, published},
    page::markdown,
    seeds::gain,
};
use crate::{plan::Study, result::Results, studies::burda::name};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "data",
        "k",
        "VAE, here",
        "published",
        "IWAE, here",
        "published",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    for (study, data, cells) in [
        (Study::Burda, "MNIST", &MNIST),
        (Study::Omniglot, "OMNIGLOT", &OMNIGLOT),
    ] {
        let (one, two) = cells.split_at(cells.len() / 2);
        for (one, two) in one.iter().zip(two) {
            let here = |method: &str| -> Result<String> {
                let of = |&(layers, k, ..): &Cells| results.seeds(study, &name(method, layers, k));
                Ok(gain(&of(two)?, &of(one)?))
            };
            let paper = |one: &str, two: &str| {
                let both = published(one).zip(published(two));
                both.map_or("–".into(), |(one, two)| format!("{:+.2}", one - two))
            };
            let (vae, iwae) = (here("vae")?, here("iwae")?);
            if vae == "–" && iwae == "–" {
                continue;
            }
            let k = one.1;
            let mut row = vec![data.into(), k.to_string(), vae, paper(one.2, two.2)];
            row.extend(match k {
                // With one sample they are the same.
                1 => ["–".into(), "–".into()],
                _ => [iwae, paper(one.3, two.3)],
            });
            rows.push(row);
        }
    }
    Ok(markdown(&rows))
}
