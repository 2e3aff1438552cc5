//! The talk's table.

use super::{
    drawings,
    page::markdown,
    seeds::{gain, mean_of},
};
use crate::{
    plan::Study,
    result::{Results, RunResult, Summary},
    studies::talk,
};
use burn_bayes::Result;

/// A method's name in results and in tables, the talk's log p(x), and what it has more than IWAE.
type Published = (&'static str, &'static str, &'static str, &'static str);

/// The talk's log p(x) on MNIST.
const MNIST: [Published; 3] = [
    ("iwae", "IWAE", "-95.18 ± 0.02", "–"),
    ("iwaeu_rec", "IWAEU_rec", "-94.71 ± 0.03", "+0.47"),
    ("iwaeu", "IWAEU", "-94.35 ± 0.03", "+0.84"),
];

/// The talk's log p(x) on OMNIGLOT.
const OMNIGLOT: [Published; 3] = [
    ("iwae", "IWAE", "-118.77 ± 0.04", "–"),
    ("iwaeu_rec", "IWAEU_rec", "-118.65 ± 0.03", "+0.12"),
    ("iwaeu", "IWAEU", "-118.54 ± 0.05", "+0.23"),
];

pub fn table(results: &Results) -> Result<String> {
    let exact = (talk::EXACT, "IWAE, exact passes", "–", "–");
    let all = |epochs| {
        let methods = MNIST.into_iter().chain([exact]);
        methods.map(move |published| (epochs, published))
    };
    let rows = talk::EPOCHS.into_iter().flat_map(all);
    of(rows, |method, epochs| {
        results.seeds(Study::Talk, &talk::name(method, epochs))
    })
}

/// Without what was published, if it is of other data.
pub fn omniglot(results: &Results) -> Result<String> {
    let data = drawings::others(results)?;
    let rows = OMNIGLOT.map(|(method, shown, published, difference)| {
        let published = match data {
            None => (method, shown, published, difference),
            Some(_) => (method, shown, "–", "–"),
        };
        (talk::OMNIGLOT_EPOCHS, published)
    });
    let table = of(rows, |method, _| {
        results.seeds(Study::Omniglot, &talk::omniglot_name(method))
    })?;
    Ok(table + &data.unwrap_or_default())
}

/// A row for each number of epochs and published method, from the results that `of` finds.
fn of(
    published: impl IntoIterator<Item = (usize, Published)>,
    of: impl Fn(&str, usize) -> Result<Vec<RunResult>>,
) -> Result<String> {
    let heads = [
        "method",
        "epochs",
        "seeds",
        "log p(x), test",
        "minus IWAE of the same seeds",
        "weights at their mean, added (1000 images)",
        "training minus test",
        "talk",
        "talk, minus IWAE",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    for (epochs, (method, shown, published, difference)) in published {
        let (base, found) = (of("iwae", epochs)?, of(method, epochs)?);
        if found.is_empty() {
            continue;
        }
        let values: Vec<f64> = found.iter().map(|run| run.summary.log_likelihood).collect();
        let level = mean_of(&values, false);
        let mean = |of: fn(&Summary) -> Option<(f64, f64)>| {
            let values = found.iter().filter_map(|run| Some(of(&run.summary)?.0));
            mean_of(&values.collect::<Vec<_>>(), true)
        };
        let gain = match method {
            "iwae" => "–".into(),
            _ => gain(&found, &base),
        };
        rows.push(vec![
            shown.into(),
            epochs.to_string(),
            found.len().to_string(),
            level,
            gain,
            mean(|summary| summary.posterior_mean),
            mean(|summary| summary.gap),
            published.into(),
            difference.into(),
        ]);
    }
    Ok(markdown(&rows))
}
