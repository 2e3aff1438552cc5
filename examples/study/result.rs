//! What came of a run: a small file with its settings, its curve and the summary of its report.

use crate::{
    common::files::{file_error, replace},
    plan::Study,
    run::{Run, file_name},
};
use burn_bayes::{Error, Result, evaluate::Report};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;
use std::{
    fs,
    io::ErrorKind,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

/// Those that tables look for.
pub const SEEDS: RangeInclusive<u64> = 1..=20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunResult {
    pub run: Run,
    /// The data set.
    #[serde(default = "mnist")]
    pub data: String,
    /// The epoch whose model was evaluated.
    pub epoch: usize,
    pub train_seconds: f64,
    pub eval_seconds: f64,
    pub summary: Summary,
    /// Epochs with their bounds on training and validation images, in nats.
    pub curve: Vec<(usize, f64, f64)>,
    /// log p̂(x) of each test image, to a hundredth of a nat, for paired differences.
    pub log_likelihoods: Vec<f64>,
}

/// The numbers of a report that tables need.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    pub log_likelihood: f64,
    pub standard_error: f64,
    pub monte_carlo_error: f64,
    /// Numbers of samples, and log p̂ with so many.
    pub by_samples: Vec<(usize, f64)>,
    pub evidence_lower_bound: f64,
    /// Undefined for few samples.
    pub median_pareto_k: Option<f64>,
    /// Of each stochastic layer from the data up, active units and all.
    pub active_units: Vec<(usize, usize)>,
    /// What setting random weights to their means adds on 1000 images or all, and its error.
    pub posterior_mean: Option<(f64, f64)>,
    /// Training minus test on 1000 images or all, and its error.
    pub gap: Option<(f64, f64)>,
    /// KL(q ‖ p) of encoder and decoder weights by number of training images, if they are random.
    pub weight_kl: [Option<f64>; 2],
    /// Mean standard deviations of random weights, layer by layer.
    pub weight_stds: Vec<(String, f64)>,
}

impl Summary {
    /// That of a report; `images` is how many were trained on.
    pub fn of(report: &Report, images: usize) -> Self {
        let found = report.summary();
        let per_image = |kl: Option<f64>| kl.map(|kl| rounded(kl / images as f64, 4));
        let pair = |(a, b): (f64, f64)| (rounded(a, 4), rounded(b, 4));
        Self {
            log_likelihood: rounded(found.log_likelihood, 4),
            standard_error: rounded(found.standard_error, 4),
            monte_carlo_error: rounded(found.monte_carlo_error, 4),
            by_samples: found
                .curve
                .iter()
                .map(|&(k, value)| (k, rounded(value, 4)))
                .collect(),
            evidence_lower_bound: rounded(found.evidence_lower_bound, 4),
            median_pareto_k: (found.median_pareto_k.is_finite())
                .then(|| rounded(found.median_pareto_k, 3)),
            active_units: found.active_units,
            posterior_mean: found.posterior_mean.map(pair),
            gap: found.gap.map(pair),
            weight_kl: [
                per_image(report.parts.encoder_weight_kl),
                per_image(report.parts.decoder_weight_kl),
            ],
            weight_stds: (report.weights.iter())
                .map(|layer| (layer.name.clone(), rounded(layer.mean_std, 6)))
                .collect(),
        }
    }
}

/// The data of results that do not say what they are of.
fn mnist() -> String {
    "MNIST".into()
}

impl RunResult {
    pub fn write(&self, folder: &Path) -> Result<PathBuf> {
        write(self, folder, &self.run.file_name())
    }
}

/// Writes a file of a study's folder.
pub fn write(found: &impl Serialize, folder: &Path, name: &str) -> Result<PathBuf> {
    fs::create_dir_all(folder).map_err(file_error("create", folder))?;
    let path = folder.join(format!("{name}.json"));
    // One line for each part: small, and a change of one shows.
    let json = json!(found);
    let parts = json.as_object().into_iter().flatten();
    let lines: Vec<String> = parts
        .map(|(name, part)| format!("\"{name}\": {part}"))
        .collect();
    replace(&path, &format!("{{\n{}\n}}\n", lines.join(",\n")))?;
    Ok(path)
}

/// The result of a run, if it is there. It must be of the same data, if they are known.
pub fn read(folder: &Path, run: &Run, data: Option<&str>) -> Result<Option<RunResult>> {
    let path = folder.join(run.file_name() + ".json");
    let Some(found) = read_file::<RunResult>(&path)? else {
        return Ok(None);
    };
    check(&path, (&found.run, &found.data), run, data)?;
    Ok(Some(found))
}

/// Refuses what a file has of another run, or of other data, if they are known.
pub fn check(path: &Path, found: (&Run, &str), run: &Run, data: Option<&str>) -> Result<()> {
    let (found, found_data) = found;
    let other = match data {
        _ if json!(found) != json!(run) => "with other settings".into(),
        Some(data) if data != found_data => format!("of {found_data}, not of {data}"),
        _ => return Ok(()),
    };
    Err(Error::Setting {
        name: "--results".into(),
        problem: format!("holds `{}`, a run {other}", path.display()),
        cure: "give another folder, or remove that file".into(),
    })
}

pub fn read_file<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(file_error("read", path))?,
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| Error::Data {
            name: path.display().to_string(),
            problem: format!("is no result of a study: {error}"),
            cure: "remove that file, and make it again".into(),
        })
}

/// All results of a folder.
pub struct Results<'a> {
    pub folder: &'a Path,
    /// Whether they are of runs that were shortened.
    pub quick: bool,
}

impl Results<'_> {
    /// The runs of a study as they are planned.
    pub fn planned(&self, study: Study, seed: u64) -> Vec<Run> {
        let runs = study.runs(seed).into_iter();
        match self.quick {
            true => runs.map(Run::shortened).collect(),
            false => runs.collect(),
        }
    }

    /// The folder of a study.
    pub fn folder(&self, study: Study) -> PathBuf {
        study.folder(self.folder)
    }

    /// Another file of a study's folder, if it is there.
    pub fn other<T: DeserializeOwned>(&self, study: Study, name: &str) -> Result<Option<T>> {
        read_file(&self.folder(study).join(format!("{name}.json")))
    }

    /// Those of a name, by their seeds. They are what is planned now, on the same data: after a
    /// change of the plan tables would be of other settings than they say.
    pub fn seeds(&self, study: Study, name: &str) -> Result<Vec<RunResult>> {
        let folder = self.folder(study);
        let mut all: Vec<RunResult> = Vec::new();
        for seed in SEEDS {
            let path = folder.join(file_name(name, seed) + ".json");
            let Some(found) = read_file::<RunResult>(&path)? else {
                continue;
            };
            let planned = self.planned(study, seed).into_iter();
            let planned = planned.filter(|run| run.name == name);
            let first = all.first().map(|first| first.data.as_str());
            for run in planned {
                check(&path, (&found.run, &found.data), &run, first)?;
            }
            all.push(found);
        }
        Ok(all)
    }
}

pub fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (number * scale).round() / scale
}
