//! One setting changed at a time.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain},
};
use crate::{
    plan::Study,
    result::Results,
    studies::{talk::METHODS, uncertain},
};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "run",
        "log p(x), test",
        "minus its IWAE",
        "at the weights' mean, added",
        "training minus test",
        "epoch",
        "KL of the weights a datapoint: encoder, decoder",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let methods = METHODS.map(|(method, _)| uncertain::name(method, uncertain::VARIED));
    let variations = uncertain::variations(1).into_iter().map(|run| run.name);
    for name in methods.into_iter().chain(variations) {
        let found = results.seeds(Study::Uncertain, &name)?;
        let Some(first) = found.first() else { continue };
        let values: Vec<f64> = found.iter().map(|run| run.summary.log_likelihood).collect();
        let base = base(&name);
        let of_pair = |pair: Option<(f64, f64)>| match pair {
            Some((value, error)) => format!("{value:+.2} ± {error:.2}"),
            None => "–".into(),
        };
        let kl = |kl: Option<f64>| kl.map_or("–".into(), |kl| format!("{kl:.0}"));
        rows.push(vec![
            format!("`{name}`"),
            OverSeeds::of(&values).map_or("–".into(), |over| over.show(false)),
            match name == base {
                true => "–".into(),
                false => gain(&found, &results.seeds(Study::Uncertain, &base)?),
            },
            of_pair(first.summary.posterior_mean),
            of_pair(first.summary.gap),
            first.epoch.to_string(),
            first.summary.weight_kl.map(kl).join(", "),
        ]);
    }
    Ok(markdown(&rows))
}

/// The IWAE with the same data, non-linearity and batches.
fn base(name: &str) -> String {
    let same = ["fixed", "grey", "relu", "softplus", "batch20"];
    let setting = same
        .into_iter()
        .find(|setting| name.contains(&format!("-{setting}-")));
    let what = setting.map_or("iwae".into(), |setting| format!("iwae-{setting}"));
    uncertain::name(&what, uncertain::VARIED)
}
