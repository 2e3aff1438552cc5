//! One setting changed at a time.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain, gains_at_means, mean_of, paired, pairs},
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
        "at the weights' means, added",
        "at their means, minus its IWAE",
        "training minus test",
        "epochs evaluated",
        "KL of the weights to their prior, a datapoint: encoder, decoder",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let methods = METHODS.map(|(method, _)| uncertain::name(method, uncertain::VARIED));
    let variations = uncertain::variations(1).into_iter().map(|run| run.name);
    let more =
        METHODS.map(|(method, _)| uncertain::name(&format!("{method}-more"), uncertain::VARIED));
    for name in methods.into_iter().chain(variations).chain(more) {
        let found = results.seeds(Study::Uncertain, &name)?;
        if found.is_empty() {
            continue;
        }
        let base_name = base(&name);
        let base = results.seeds(Study::Uncertain, &base_name)?;
        let mean = |of: &dyn Fn(&Summary) -> Option<f64>, signed| {
            let values = found.iter().filter_map(|run| of(&run.summary));
            mean_of(&values.collect::<Vec<_>>(), signed)
        };
        let kl = |network: usize| {
            let values = found
                .iter()
                .filter_map(|run| run.summary.weight_kl[network]);
            let over = OverSeeds::of(&values.collect::<Vec<_>>());
            over.map_or("–".into(), |over| format!("{:.0}", over.mean))
        };
        let epoch = |epoch| match epoch {
            0 => "–".into(), // trained by another run
            _ => format!("{epoch}"),
        };
        let epochs: Vec<String> = found.iter().map(|run| epoch(run.epoch)).collect();
        rows.push(vec![
            format!("`{name}`"),
            found.len().to_string(),
            mean(&|summary| Some(summary.log_likelihood), false),
            match name == base_name {
                true => "–".into(),
                false => gain(&found, &base),
            },
            mean(&|summary| Some(summary.posterior_mean?.0), true),
            mean_of(&gains_at_means(&found, &base), true),
            mean(&|summary| Some(summary.gap?.0), true),
            epochs.join(", "),
            [kl(0), kl(1)].join(", "),
        ]);
    }
    for (method, _) in &METHODS[1..] {
        rows.extend(over_settings(results, method)?);
    }
    Ok(markdown(&rows))
}

/// A method beside its IWAE, over all seeds of all settings that both have.
fn over_settings(results: &Results, method: &str) -> Result<Option<Vec<String>>> {
    let (mut fresh, mut at_means) = (Vec::new(), Vec::new());
    for setting in [""].into_iter().chain(SETTINGS) {
        let of = |method: &str| {
            let what = match setting {
                "" => method.into(),
                _ => format!("{method}-{setting}"),
            };
            results.seeds(Study::Uncertain, &uncertain::name(&what, uncertain::VARIED))
        };
        let (found, base) = (of(method)?, of("iwae")?);
        let gains = pairs(&found, &base).filter_map(|(run, other)| Some(paired(run, other)?.0));
        fresh.extend(gains);
        at_means.extend(gains_at_means(&found, &base));
    }
    let none = || "–".to_string();
    let cells = [
        format!("`{method}` in all settings of data, non-linearity and batches"),
        fresh.len().to_string(),
        none(),
        mean_of(&fresh, true),
        none(),
        mean_of(&at_means, true),
        none(),
        none(),
        none(),
    ];
    Ok((fresh.len() > 1).then(|| cells.to_vec()))
}

/// Those in which all methods were trained.
const SETTINGS: [&str; 5] = ["fixed", "grey", "relu", "softplus", "batch20"];

/// The IWAE with the same data, non-linearity, batches and samples.
fn base(name: &str) -> String {
    let setting = SETTINGS
        .into_iter()
        .chain(["more"])
        .find(|setting| name.contains(&format!("-{setting}-")));
    let what = setting.map_or("iwae".into(), |setting| format!("iwae-{setting}"));
    uncertain::name(&what, uncertain::VARIED)
}
