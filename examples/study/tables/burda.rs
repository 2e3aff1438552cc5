//! The table of Burda et al. (2016), and the same with uncertain weights.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain},
};
use crate::{
    plan::Study,
    result::{Results, RunResult},
    studies::burda,
};
use burn_bayes::Result;

/// Layers, k, and −log p(x) with active units of VAE and IWAE.
type Cells = (usize, usize, &'static str, &'static str);

/// As published (Burda et al. 2016, Table 1).
const MNIST: [Cells; 6] = [
    (1, 1, "86.76, 19", "86.76, 19"),
    (1, 5, "86.47, 20", "85.54, 22"),
    (1, 50, "86.35, 20", "84.78, 25"),
    (2, 1, "85.33, 16+5", "85.33, 16+5"),
    (2, 5, "85.01, 17+5", "83.89, 21+5"),
    (2, 50, "84.78, 17+5", "82.90, 26+7"),
];
const OMNIGLOT: [Cells; 6] = [
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

/// With the data that it is of, if they are not the authors'.
pub fn omniglot(results: &Results) -> Result<String> {
    let mut data = Vec::new();
    for run in Study::Omniglot.runs(1) {
        for found in results.seeds(Study::Omniglot, &run.name)? {
            data.push(found.data);
        }
    }
    data.sort();
    data.dedup();
    if data == ["OMNIGLOT"] {
        return of(results, Study::Omniglot, &OMNIGLOT);
    }
    // Published numbers beside those of other data would be compared.
    let unknown = OMNIGLOT.map(|(layers, k, ..)| (layers, k, NONE, NONE));
    let table = of(results, Study::Omniglot, &unknown)?;
    Ok(match data.is_empty() {
        true => table,
        false => format!("{table}\nData: {}.\n", data.join("; ")),
    })
}

fn of(results: &Results, study: Study, published: &[Cells]) -> Result<String> {
    let mut rows = vec![row(&[
        "layers",
        "k",
        "VAE, here",
        "VAE, published",
        "IWAE, here",
        "IWAE, published",
    ])];
    let mut any = false;
    for &(layers, k, vae, iwae) in published {
        let here = |method: &str| {
            // With one sample they are the same.
            let method = if k == 1 { "vae" } else { method };
            cell(&results.seeds(study, &burda::name(method, layers, k))?)
        };
        let [here_vae, here_iwae] = [here("vae")?, here("iwae")?];
        any |= here_vae != NONE || here_iwae != NONE;
        let [layers, k] = [layers, k].map(|number| number.to_string());
        rows.push(row(&[&layers, &k, &here_vae, vae, &here_iwae, iwae]));
    }
    rows.truncate(if any { rows.len() } else { 1 });
    Ok(markdown(&rows))
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
    // With k = 50 that of the table above, whose ε is another.
    for (layers, k, fixed) in [
        (1, 5, "iwae_eps"),
        (1, 50, "iwae"),
        (2, 5, "iwae_eps"),
        (2, 50, "iwae"),
    ] {
        let of = |method: &str| results.seeds(Study::Burda, &burda::name(method, layers, k));
        let fixed = of(fixed)?;
        let random = [of("iwaeu_rec")?, of("iwaeu")?];
        if random.iter().all(Vec::is_empty) {
            continue;
        }
        let mut cells = vec![layers.to_string(), k.to_string(), cell(&fixed)?];
        for found in &random {
            cells.push(cell(found)?);
        }
        cells.extend(random.iter().map(|found| gain(found, &fixed)));
        rows.push(cells);
    }
    Ok(markdown(&rows))
}

/// −log p̂(x) over seeds, and the active units of the first, layer by layer.
fn cell(found: &[RunResult]) -> Result<String> {
    let values: Vec<f64> = found
        .iter()
        .map(|run| -run.summary.log_likelihood)
        .collect();
    Ok(match (OverSeeds::of(&values), found.first()) {
        (Some(over), Some(first)) => {
            let units = first.summary.active_units.iter();
            let units: Vec<String> = units.map(|(active, _)| active.to_string()).collect();
            format!("{}, {}", over.show(false), units.join("+"))
        }
        _ => NONE.into(),
    })
}
