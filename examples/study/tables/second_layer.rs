//! What a second stochastic layer gains, beside Burda et al. (2016).

use super::{
    burda::{Cells, MNIST, OMNIGLOT, lead},
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
        "published, on the authors' data",
        "IWAE, here",
        "published, on the authors' data",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    for (study, cells) in [(Study::Burda, &MNIST), (Study::Omniglot, &OMNIGLOT)] {
        let (one, two) = cells.split_at(cells.len() / 2);
        for (one, two) in one.iter().zip(two) {
            let of = |method: &str, &(layers, k, ..): &Cells| {
                results.seeds(study, &name(method, layers, k))
            };
            let [vae_of_one, vae_of_two] = [of("vae", one)?, of("vae", two)?];
            let (Some(first), Some(_)) = (vae_of_one.first(), vae_of_two.first()) else {
                continue;
            };
            let k = one.1;
            let vae = gain(&vae_of_two, &vae_of_one);
            let mut row = vec![first.data.clone(), k.to_string(), vae, lead(one.2, two.2)];
            row.extend(match k {
                // With one sample they are the same.
                1 => ["–".into(), "–".into()],
                _ => [
                    gain(&of("iwae", two)?, &of("iwae", one)?),
                    lead(one.3, two.3),
                ],
            });
            rows.push(row);
        }
    }
    Ok(markdown(&rows))
}
