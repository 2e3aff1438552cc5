//! What units of a trained model are worth: log p̂ without those whose posterior mean hardly moves.

use crate::{
    data::Data,
    plan::Study,
    result::{self, Results},
    run::Run,
    work::{load, rounded},
};
use burn_bayes::{Error, Result, data::Binarized, prelude::*};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Between those of Burda et al. (2016) and thirty times as much.
pub const THRESHOLDS: [f64; 4] = [0.01, 0.03, 0.1, 0.3];
/// Test images, and samples of each.
const MOST: usize = 1000;

/// The units of a model, and the cuts that were tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Units {
    pub run: Run,
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
    /// What log p̂ is higher without the others, and its error over images; of no others, none.
    pub change: Option<(f64, f64)>,
}

impl Units {
    fn file_name(run: &Run) -> String {
        run.file_name() + ".units"
    }

    /// Those of a run, if they were looked at.
    pub fn read(results: &Results, study: Study, run: &Run) -> Result<Option<Self>> {
        results.other(study, &Self::file_name(run))
    }
}

/// Looks at the models that runs have left in a folder.
pub fn all(runs: &[Run], results: &Path, out: &Path, data: &Data, device: &Device) -> Result<()> {
    let mut failed = Vec::new();
    for run in runs {
        // Others may have one.
        let (_, model) = match load(run, out, device) {
            Ok(found) => found,
            Err(error) => {
                eprintln!("error: {error}");
                failed.push(run.file_name());
                continue;
            }
        };
        let images = Run {
            eval_images: run.eval_images.min(MOST),
            ..run.clone()
        };
        println!("{}, seed {}:", run.name, run.seed);
        let units = of(run, &model, &data.of(&images)?.test)?;
        let path = result::write(&units, results, &Units::file_name(run))?;
        println!("written: {}", path.display());
    }
    match failed[..] {
        [] => Ok(()),
        _ => Err(Error::Training(format!(
            "without a model: {}",
            failed.join(", ")
        ))),
    }
}

fn of(run: &Run, model: &Vae, data: &Binarized) -> Result<Units> {
    let settings = ReportSettings::new().with_num_samples(run.eval_samples.min(MOST));
    let mut units = Units {
        run: run.clone(),
        num_images: data.len(),
        num_samples: settings.sampling.num_samples,
        log_likelihood: f64::NAN,
        variances: Vec::new(),
        cuts: Vec::new(),
    };
    for threshold in THRESHOLDS {
        let settings = ReportSettings {
            active_threshold: threshold,
            ..settings.clone()
        };
        let report = evaluate::report(model, data, &settings)?;
        let summary = report.summary();
        if summary.num_non_finite > 0 {
            let problem = "gives images a likelihood that is not finite";
            return Err(Error::Training(format!("{} {problem}", run.name)));
        }
        // The same in all four.
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
