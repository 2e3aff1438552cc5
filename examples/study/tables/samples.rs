//! What the number of samples in an evaluation does to the difference of methods.

use super::{page::markdown, seeds::mean_of};
use crate::{
    plan::Study,
    result::{Results, RunResult},
    studies::{
        talk::{self, METHODS},
        uncertain,
    },
};
use burn_bayes::Result;
use std::collections::BTreeMap;

const SAMPLES: [usize; 7] = [1, 5, 50, 500, 1000, 5000, 10_000];

/// Of 1000 images, models and the same evaluated once more; of all images, the talk's.
pub fn table(results: &Results) -> Result<String> {
    let few = |method: &str| {
        let of = |what: &str| {
            let name = uncertain::name(what, uncertain::VARIED);
            results.seeds(Study::Uncertain, &name)
        };
        Ok([of(method)?, of(&format!("{method}-more"))?].concat())
    };
    let all = |method: &str| results.seeds(Study::Talk, &talk::name(method, talk::EPOCHS[0]));
    let methods = METHODS.map(|(method, _)| method);
    let few: Vec<_> = methods.into_iter().map(few).collect::<Result<_>>()?;
    let all: Vec<_> = methods.into_iter().map(all).collect::<Result<_>>()?;
    let heads = ["1000 images", "all images"].map(|images| {
        let iwae = format!("IWAE, {images}");
        [iwae, "IWAEU_rec − IWAE".into(), "IWAEU − IWAE".into()]
    });
    let mut rows = vec![[vec!["samples".into()], heads.concat()].concat()];
    for samples in SAMPLES {
        let cells = [&few, &all].map(|methods| cells(methods, samples)).concat();
        if cells.iter().any(|cell| cell != "–") {
            rows.push([vec![samples.to_string()], cells].concat());
        }
    }
    Ok(markdown(&rows))
}

/// The level of the first method, and what others have more, over seeds that all have, of those
/// with any result.
fn cells(methods: &[Vec<RunResult>], samples: usize) -> Vec<String> {
    let mut values: Vec<_> = methods
        .iter()
        .map(|found| by_seed(found, samples))
        .collect();
    let all = values.clone();
    for found in &mut values {
        found.retain(|seed, _| {
            let mut others = all.iter().filter(|other| !other.is_empty());
            others.all(|other| other.contains_key(seed))
        });
    }
    let Some((base, others)) = values.split_first() else {
        return Vec::new();
    };
    let level = mean_of(&base.values().copied().collect::<Vec<_>>(), false);
    let gains = others.iter().map(|of| {
        let pairs = of
            .iter()
            .filter_map(|(seed, value)| Some(value - base.get(seed)?));
        mean_of(&pairs.collect::<Vec<_>>(), true)
    });
    std::iter::once(level).chain(gains).collect()
}

/// log p̂ with so many samples.
fn by_seed(found: &[RunResult], samples: usize) -> BTreeMap<u64, f64> {
    let of = |run: &RunResult| {
        let mut by_samples = run.summary.by_samples.iter();
        let (_, value) = by_samples.find(|(count, _)| *count == samples)?;
        Some((run.run.seed, *value))
    };
    found.iter().filter_map(of).collect()
}
