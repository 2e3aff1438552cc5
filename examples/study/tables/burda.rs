//! The table of Burda et al. (2016), and the same with uncertain weights.

use super::{
    drawings,
    page::{counts, markdown},
    seeds::{OverSeeds, gain},
};
use crate::{
    plan::Study,
    result::{Results, RunResult},
    studies::burda,
};
use burn_bayes::Result;

/// Layers, k, and −log p(x) with active units of VAE and IWAE.
pub(super) type Cells = (usize, usize, &'static str, &'static str);

/// As published (Burda et al. 2016, Table 1).
pub(super) const MNIST: [Cells; 6] = [
    (1, 1, "86.76, 19", "86.76, 19"),
    (1, 5, "86.47, 20", "85.54, 22"),
    (1, 50, "86.35, 20", "84.78, 25"),
    (2, 1, "85.33, 16+5", "85.33, 16+5"),
    (2, 5, "85.01, 17+5", "83.89, 21+5"),
    (2, 50, "84.78, 17+5", "82.90, 26+7"),
];
pub(super) const OMNIGLOT: [Cells; 6] = [
    (1, 1, "108.11, 28", "108.11, 28"),
    (1, 5, "107.62, 28", "106.12, 34"),
    (1, 50, "107.80, 28", "104.67, 41"),
    (2, 1, "107.58, 28+4", "107.56, 30+5"),
    (2, 5, "106.31, 30+5", "104.79, 38+6"),
    (2, 50, "106.30, 30+5", "103.38, 44+7"),
];

/// Where there is no run.
const NONE: &str = "–";

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| cell.to_string()).collect()
}

pub fn table(results: &Results) -> Result<String> {
    of(results, Study::Burda, &MNIST)
}

/// Without what was published, if it is of other data.
pub fn omniglot(results: &Results) -> Result<String> {
    let Some(data) = drawings::others(results)? else {
        return of(results, Study::Omniglot, &OMNIGLOT);
    };
    let unknown = OMNIGLOT.map(|(layers, k, ..)| (layers, k, NONE, NONE));
    Ok(of(results, Study::Omniglot, &unknown)? + &data)
}

fn of(results: &Results, study: Study, published: &[Cells]) -> Result<String> {
    let mut rows = vec![row(&[
        "layers",
        "k",
        "VAE, here",
        "VAE, published",
        "IWAE, here",
        "IWAE, published",
        "IWAE over VAE, here",
        "published",
    ])];
    let mut any = false;
    for &(layers, k, vae, iwae) in published {
        let here = |method: &str| results.seeds(study, &burda::name(method, layers, k));
        // With one sample they are the same.
        let [runs_vae, runs_iwae] = [here("vae")?, here(if k == 1 { "vae" } else { "iwae" })?];
        let [here_vae, here_iwae] = [cell(&runs_vae), cell(&runs_iwae)];
        let leads = match k {
            1 => [NONE.into(), NONE.into()],
            _ => [gain(&runs_iwae, &runs_vae), lead(vae, iwae)],
        };
        any |= here_vae != NONE || here_iwae != NONE;
        let [layers, k] = [layers, k].map(|number| number.to_string());
        let [here, published] = &leads;
        rows.push(row(&[
            &layers, &k, &here_vae, vae, &here_iwae, iwae, here, published,
        ]));
    }
    rows.truncate(if any { rows.len() } else { 1 });
    Ok(markdown(&rows))
}

/// VAE and IWAE with k = 5 as the last two stages end, and after all of the paper's.
pub fn earlier(results: &Results) -> Result<String> {
    type Name = fn(&str, usize, usize) -> String;
    let stages: [(usize, Name); 2] = [
        (burda::EARLIER, burda::earlier_name),
        (burda::EPOCHS, burda::name),
    ];
    let mut rows = vec![row(&["layers", "epochs", "VAE", "IWAE", "IWAE over VAE"])];
    for &(layers, k, vae, iwae) in MNIST.iter().filter(|&&(_, k, ..)| k == 5) {
        let shown = layers.to_string();
        let mut any = false;
        for (epochs, name) in stages {
            let here = |method| results.seeds(Study::Burda, &name(method, layers, k));
            let [vae, iwae] = [here("vae")?, here("iwae")?];
            if vae.is_empty() && iwae.is_empty() {
                continue;
            }
            any = true;
            let [vae_cell, iwae_cell, epochs] = [cell(&vae), cell(&iwae), epochs.to_string()];
            rows.push(row(&[
                &shown,
                &epochs,
                &vae_cell,
                &iwae_cell,
                &gain(&iwae, &vae),
            ]));
        }
        if any {
            rows.push(row(&[
                &shown,
                "3280, published",
                vae,
                iwae,
                &lead(vae, iwae),
            ]));
        }
    }
    Ok(markdown(&rows))
}

/// What the second of two published cells has more.
pub(super) fn lead(first: &str, second: &str) -> String {
    match (published(first), published(second)) {
        (Some(first), Some(second)) => format!("{:+.2}", first - second),
        _ => NONE.into(),
    }
}

/// −log p(x) of a published cell.
pub(super) fn published(cell: &str) -> Option<f64> {
    cell.split_once(',')?.0.parse().ok()
}

pub fn uncertain(results: &Results) -> Result<String> {
    let mut rows = vec![row(&[
        "layers",
        "k",
        "IWAE",
        "IWAEU_rec",
        "IWAEU",
        "IWAEU_rec minus IWAE",
        "IWAEU minus IWAE",
    ])];
    // With k = 50 passes are pruned in all three, and this one's ε is another.
    for (layers, k, fixed) in [
        (1, 5, "iwae_eps"),
        (1, 50, "iwae_pruned"),
        (2, 5, "iwae_eps"),
        (2, 50, "iwae_pruned"),
    ] {
        let of = |method: &str| results.seeds(Study::Burda, &burda::name(method, layers, k));
        let fixed = of(fixed)?;
        let random = [of("iwaeu_rec")?, of("iwaeu")?];
        if random.iter().all(Vec::is_empty) {
            continue;
        }
        let mut cells = vec![layers.to_string(), k.to_string(), cell(&fixed)];
        for found in &random {
            cells.push(cell(found));
        }
        cells.extend(random.iter().map(|found| gain(found, &fixed)));
        rows.push(cells);
    }
    Ok(markdown(&rows))
}

/// −log p̂(x) over seeds, and the active units of the first, layer by layer.
fn cell(found: &[RunResult]) -> String {
    let values: Vec<f64> = found
        .iter()
        .map(|run| -run.summary.log_likelihood)
        .collect();
    match (OverSeeds::of(&values), found.first()) {
        (Some(over), Some(first)) => {
            let units = first.summary.active_units.iter();
            let units = counts(units.map(|(active, _)| active));
            format!("{}, {units}", over.show(false))
        }
        _ => NONE.into(),
    }
}
