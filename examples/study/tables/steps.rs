//! What smaller steps bring each method, and whether random weights gain beside them.

use super::{
    page::markdown,
    seeds::{gain, gains_at_means, mean_of},
};
use crate::{
    plan::Study,
    result::{Results, RunResult},
    studies::uncertain,
};
use burn_bayes::Result;

/// Runs at 10⁻⁴, and those at 10⁻³ that they go on from, if they are rows of their own.
const METHODS: [(Option<&str>, &str, &str); 5] = [
    (Some("iwae"), "iwae-slower", "IWAE"),
    (Some("iwaeu_rec"), "iwaeu_rec-slower", "IWAEU_rec"),
    (Some("iwaeu"), "iwaeu-slower", "IWAEU"),
    (
        None,
        "iwaeu-centred0.011-slower",
        "IWAEU around the IWAE of 10⁻³, charged",
    ),
    (
        None,
        "iwaeu-centred0.011-after_slower",
        "IWAEU around the IWAE of 10⁻⁴, charged",
    ),
];

/// Of each row the seeds that have both.
pub fn table(results: &Results) -> Result<String> {
    let of = |what: &str| {
        let name = uncertain::name(what, uncertain::VARIED);
        results.seeds(Study::Uncertain, &name)
    };
    let heads = [
        "method",
        "seeds",
        "10⁻³",
        "10⁻⁴ after it",
        "gained",
        "minus IWAE, 10⁻³",
        "minus IWAE, 10⁻⁴ after it",
        "at the weights' means, minus IWAE, 10⁻⁴ after it",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    let base = [of("iwae")?, of("iwae-slower")?];
    for (before, after, shown) in METHODS {
        let is_base = before == Some("iwae");
        let mut after = of(after)?;
        let mut before = before.map(of).transpose()?;
        if let Some(before) = &mut before {
            common(before, &mut after);
        }
        let before = before.unwrap_or_default();
        if after.is_empty() {
            continue;
        }
        let level = |found: &[RunResult]| {
            let values: Vec<_> = found.iter().map(|run| run.summary.log_likelihood).collect();
            mean_of(&values, false)
        };
        let mut cells = vec![
            shown.into(),
            after.len().to_string(),
            level(&before),
            level(&after),
            gain(&after, &before),
        ];
        cells.extend(match is_base {
            true => [(); 3].map(|()| "–".into()),
            false => [
                gain(&before, &base[0]),
                gain(&after, &base[1]),
                mean_of(&gains_at_means(&after, &base[1]), true),
            ],
        });
        rows.push(cells);
    }
    Ok(markdown(&rows))
}

/// Leaves the seeds that both have.
fn common(one: &mut Vec<RunResult>, other: &mut Vec<RunResult>) {
    let seeds =
        |found: &[RunResult]| -> Vec<u64> { found.iter().map(|run| run.run.seed).collect() };
    let both = [seeds(one), seeds(other)];
    for found in [one, other] {
        found.retain(|run| both.iter().all(|seeds| seeds.contains(&run.run.seed)));
    }
}
