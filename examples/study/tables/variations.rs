//! One setting changed at a time.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain},
};
use crate::{
    plan::Study,
    result::{Results, Summary},
    studies::{talk::METHODS, uncertain},
};
use burn_bayes::Result;

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "run",
        "seeds",
        "log p(x), test",
        "minus its IWAE of the same seeds",
        "at the weights' mean, added",
        "training minus test",
        "epochs evaluated",
        "KL of the weights to their prior, a datapoint: encoder, decoder",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let methods = METHODS.map(|(method, _)| uncertain::name(method, uncertain::VARIED));
    let variations = uncertain::variations(1).into_iter().map(|run| run.name);
    for name in methods.into_iter().chain(variations) {
        let found = results.seeds(Study::Uncertain, &name)?;
        if found.is_empty() {
            continue;
        }
        let base = base(&name);
        let mean = |of: &dyn Fn(&Summary) -> Option<f64>, signed| {
            let values = found.iter().filter_map(|run| of(&run.summary));
            let over = OverSeeds::of(&values.collect::<Vec<_>>());
            over.map_or("–".into(), |over| over.show(signed))
        };
        let kl = |network: usize| {
            let values = found
                .iter()
                .filter_map(|run| run.summary.weight_kl[network]);
            let over = OverSeeds::of(&values.collect::<Vec<_>>());
            over.map_or("–".into(), |over| format!("{:.0}", over.mean))
        };
        let epochs: Vec<String> = found.iter().map(|run| run.epoch.to_string()).collect();
        rows.push(vec![
            format!("`{name}`"),
            found.len().to_string(),
            mean(&|summary| Some(summary.log_likelihood), false),
            match name == base {
                true => "–".into(),
                false => gain(&found, &results.seeds(Study::Uncertain, &base)?),
            },
            mean(&|summary| Some(summary.posterior_mean?.0), true),
            mean(&|summary| Some(summary.gap?.0), true),
            epochs.join(", "),
            [kl(0), kl(1)].join(", "),
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
