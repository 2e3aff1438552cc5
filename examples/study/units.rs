//! What units of a trained model are worth: log p̂ without those whose posterior mean hardly moves.

use crate::{
    data::Data,
    kept,
    result::{self, rounded},
    run::Run,
};
use burn_bayes::{Error, Result, prelude::*};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// From that of Burda et al. (2016) to thirty times as much.
pub const THRESHOLDS: [f64; 4] = [0.01, 0.03, 0.1, 0.3];
/// Test images, and samples of each.
const MOST: usize = 1000;

/// The units of a model, and the cuts that were tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Units {
    pub run: Run,
    /// The data set.
    pub data: String,
    pub num_images: usize,
    pub num_samples: usize,
    pub log_likelihood: f64,
    /// Of each stochastic layer from the data up, the variances of posterior means, descending.
    pub variances: Vec<Vec<f64>>,
    pub cuts: Vec<Cut>,
}

/// The model without the units whose variance is not above a threshold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cut {
    pub threshold: f64,
    /// How many units are left, layer by layer.
    pub left: Vec<usize>,
    /// By how much log p̂ rises without the others, and its error over images; `None` if all are
    /// left.
    pub change: Option<(f64, f64)>,
}

impl Units {
    fn name(run: &Run) -> String {
        run.file_name() + ".units"
    }

    /// Those of a run, if its model was looked at: of the same data, if they are known.
    pub fn read(folder: &Path, run: &Run, data: Option<&str>) -> Result<Option<Self>> {
        let path = folder.join(Self::name(run) + ".json");
        let Some(found) = result::read_file::<Self>(&path)? else {
            return Ok(None);
        };
        result::check(&path, (&found.run, &found.data), run, data)?;
        Ok(Some(found))
    }
}

/// Looks at the models that runs have left, but for those that were looked at.
pub fn all(runs: &[Run], results: &Path, out: &Path, data: &Data, device: &Device) -> Result<()> {
    let mut failed = Vec::new();
    for run in runs {
        if Units::read(results, run, Some(&data.source.name()))?.is_some() {
            continue;
        }
        println!("{}, seed {}:", run.name, run.seed);
        match of(run, out, data, device) {
            Ok(units) => {
                let path = result::write(&units, results, &Units::name(run))?;
                println!("written: {}", path.display());
            }
            // Others do not depend on it.
            Err(error) => {
                eprintln!("error: {error}");
                failed.push(run.file_name());
            }
        }
    }
    match failed[..] {
        [] => Ok(()),
        _ => {
            let failed = failed.join(", ");
            Err(Error::Training(format!("without a result: {failed}")))
        }
    }
}

fn of(run: &Run, out: &Path, data: &Data, device: &Device) -> Result<Units> {
    let source = data.source.name();
    let (_, model) = kept::load(run, Some(&source), out, device)?;
    let fewer = Run {
        eval_images: run.eval_images.min(MOST),
        ..run.clone()
    };
    let data = data.of(&fewer)?.test;
    let settings = ReportSettings::new().with_num_samples(run.eval_samples.min(MOST));
    let mut units = Units {
        run: run.clone(),
        data: source,
        num_images: data.len(),
        num_samples: settings.sampling.num_samples,
        log_likelihood: 0.0,
        variances: Vec::new(),
        cuts: Vec::new(),
    };
    for threshold in THRESHOLDS {
        let settings = ReportSettings {
            active_threshold: threshold,
            ..settings.clone()
        };
        let report = evaluate::report(&model, &data, &settings)?;
        let summary = report.summary();
        if summary.num_non_finite > 0 {
            let problem = "gives images a likelihood that is not finite";
            return Err(Error::Training(format!("{} {problem}", run.name)));
        }
        // The same for each threshold.
        units.log_likelihood = rounded(summary.log_likelihood, 4);
        units.variances = (report.layers.iter())
            .map(|layer| {
                let sorted = layer.by_activity().into_iter();
                let sorted = sorted.map(|unit| rounded(layer.variances[unit], 5));
                sorted.collect()
            })
            .collect();
        units.cuts.push(Cut {
            threshold,
            left: summary.active_units.iter().map(|&(left, _)| left).collect(),
            change: (summary.without_inactive)
                .map(|(change, error)| (rounded(change, 4), rounded(error, 4))),
        });
    }
    Ok(units)
}
