//! What uncertain weights bring by the size of the training set.

use super::{
    page::markdown,
    seeds::{OverSeeds, gain, mean_of, paired, pairs},
};
use crate::{
    plan::Study,
    result::{Results, RunResult},
    studies::{talk, uncertain},
};
use burn_bayes::{
    Result,
    draw::{Chart, Colour, Picture},
};

const METHODS: [(&str, &str, Colour); 2] = [
    ("iwaeu_rec", "IWAEU_rec", Colour::IwaeuRec),
    ("iwaeu", "IWAEU", Colour::Iwaeu),
];

/// The talk's runs have all images but those for validation.
const ALL: usize = 59_600;

/// The sizes of the training set.
fn sizes() -> impl Iterator<Item = usize> {
    let sizes = uncertain::SIZES.into_iter().map(|(images, _)| images);
    sizes.chain([ALL])
}

/// The runs of a method on so many images.
fn runs(results: &Results, method: &str, images: usize) -> Result<Vec<RunResult>> {
    match images {
        ALL => results.seeds(Study::Talk, &talk::name(method, talk::EPOCHS[0])),
        _ => results.seeds(Study::Uncertain, &uncertain::name(method, images)),
    }
}

pub fn table(results: &Results) -> Result<String> {
    let heads = [
        "images",
        "seeds",
        "IWAE",
        "IWAEU_rec minus IWAE of the same seeds",
        "IWAEU minus IWAE of the same seeds",
        "training minus test, IWAE",
    ];
    let mut rows = vec![heads.map(String::from).to_vec()];
    for images in sizes() {
        let mut base = runs(results, "iwae", images)?;
        // Of IWAE more seeds may be there, which other runs begin with.
        for (method, ..) in METHODS {
            let found = runs(results, method, images)?;
            let has = |seed| found.iter().any(|run| run.run.seed == seed);
            base.retain(|run| found.is_empty() || has(run.run.seed));
        }
        if base.is_empty() {
            continue;
        }
        let levels: Vec<f64> = base.iter().map(|run| run.summary.log_likelihood).collect();
        let gaps: Vec<f64> = base
            .iter()
            .filter_map(|run| Some(run.summary.gap?.0))
            .collect();
        let mut cells = vec![
            match images {
                ALL => format!("{images}, the talk's runs"),
                _ => images.to_string(),
            },
            base.len().to_string(),
            mean_of(&levels, false),
        ];
        for (method, ..) in METHODS {
            cells.push(gain(&runs(results, method, images)?, &base));
        }
        cells.push(mean_of(&gaps, true));
        rows.push(cells);
    }
    Ok(markdown(&rows))
}

/// The gain over IWAE against the number of images, a point for each seed and a line through their
/// means; `None` before there are two sizes.
pub fn figure(results: &Results) -> Result<Option<Picture>> {
    let mut chart = Chart::new(
        "Gain over IWAE: points are seeds, lines their means",
        "training images",
        "log p(x), minus IWAE [nats]",
    )
    .with_log_x();
    let mut most = 0;
    for (method, shown, colour) in METHODS {
        let (mut points, mut means) = (Vec::new(), Vec::new());
        for images in sizes() {
            let base = runs(results, "iwae", images)?;
            let gains = runs(results, method, images)?;
            let gains: Vec<f64> = (pairs(&gains, &base))
                .filter_map(|(run, other)| Some(paired(run, other)?.0))
                .collect();
            points.extend(gains.iter().map(|&gain| (images as f64, gain)));
            means.extend(OverSeeds::of(&gains).map(|over| (images as f64, over.mean)));
        }
        if !means.is_empty() {
            most = most.max(means.len());
            chart = chart
                .line(shown, colour, &means)
                .points("", colour, &points);
        }
    }
    (most > 1).then(|| chart.draw()).transpose()
}
