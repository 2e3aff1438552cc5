//! The finished part of a report, in a file.

use super::{ReportSettings, pass::Pass};
use crate::{
    error::{Error, Result},
    evaluate::sampling::read,
    file,
    hash::Hash,
};
use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::Tensor,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// The version of the file format: it increases when the meaning of the file changes.
const FORMAT: u32 = 5;

/// The passes that are finished or have begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    key: Key,
    pub passes: BTreeMap<String, Pass>,
    /// A hash of the rest.
    #[serde(default)]
    check: String,
}

/// Everything that the numbers depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Key {
    format: u32,
    num_samples: usize,
    points: Vec<usize>,
    settings: String,
    data: String,
    /// A hash of the model's parameters.
    parameters: String,
    /// log p̂ of some rows from one sample. It also depends on settings that are not parameters,
    /// such as a fixed scale.
    probe: Vec<f64>,
}

impl Saved {
    pub fn new(
        settings: &ReportSettings,
        data: String,
        train: Option<String>,
        parameters: String,
        probe: Vec<f64>,
    ) -> Self {
        let key = Key {
            format: FORMAT,
            num_samples: settings.sampling.num_samples,
            points: settings.points(),
            settings: format!(
                "seed {}, active above {}, further rows {:?}, train {train:?}",
                settings.seed, settings.active_threshold, settings.further_rows,
            ),
            data,
            parameters,
            probe,
        };
        Self {
            key,
            passes: BTreeMap::new(),
            check: String::new(),
        }
    }

    /// The contents of the file; without a file nothing is finished.
    pub fn resume(self, path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(self);
        }
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let saved: Self = serde_json::from_str(&text).map_err(|error| {
            wrong(
                path,
                format!("is no unfinished report: {error}"),
                "give another path, or remove the file",
            )
        })?;
        let (theirs, ours) = (&saved.key, &self.key);
        let near = |a: &f64, b: &f64| (a - b).abs() <= 1e-3 * b.abs().max(1.0);
        let mut probes = theirs.probe.iter().zip(&ours.probe);
        let same_probe = theirs.probe.len() == ours.probe.len() && probes.all(|(a, b)| near(a, b));
        let same_model = theirs.parameters == ours.parameters && same_probe;
        let comparable = Key {
            parameters: ours.parameters.clone(),
            probe: ours.probe.clone(),
            ..theirs.clone()
        };
        if comparable != *ours || !same_model {
            let other = if theirs.format != ours.format {
                "another version"
            } else if comparable == *ours {
                "another model"
            } else {
                "other settings or data"
            };
            return Err(wrong(
                path,
                format!("was begun with {other}"),
                "give another path, or remove the file to begin anew",
            ));
        }
        match saved.check == saved.hash(path)? {
            true => Ok(saved),
            false => Err(damaged(path)),
        }
    }

    pub fn write(&mut self, path: &Path) -> Result<()> {
        self.check = self.hash(path)?;
        file::replace(path, &json(self, path)?)
    }

    /// Numbers survive JSON to the bit, so what was read has the hash of what was written.
    fn hash(&self, path: &Path) -> Result<String> {
        let text = json(&(&self.key, &self.passes), path)?;
        let hash = Hash::default().and(text.as_bytes());
        Ok(format!("{:016x}", hash.value()))
    }
}

fn json(value: &impl Serialize, path: &Path) -> Result<String> {
    let cure = "this is a mistake in the library; leave `resume` out";
    serde_json::to_string(value).map_err(|error| wrong(path, error.to_string(), cure))
}

fn wrong(path: &Path, problem: String, cure: &str) -> Error {
    Error::Record {
        name: path.display().to_string(),
        problem,
        cure: cure.into(),
    }
}

/// The error for a file that does not hold what was written.
pub(super) fn damaged(path: &Path) -> Error {
    let problem = "is damaged: its numbers are not those that were written";
    wrong(
        path,
        problem.into(),
        "put it back, or remove the file to begin anew",
    )
}

/// A hash of the float parameters, in their order.
pub(super) fn parameters<M: Module>(model: &M) -> Result<String> {
    struct Visitor(Result<Hash>);
    impl ModuleVisitor for Visitor {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Ok(hash) = self.0 {
                let hash = |values: Vec<f64>| {
                    let values = values.into_iter();
                    values.fold(hash, |hash, value| hash.and(&value.to_le_bytes()))
                };
                self.0 = read(param.val()).map(hash);
            }
        }
    }
    let mut visitor = Visitor(Ok(Hash::default()));
    model.visit(&mut visitor);
    Ok(format!("{:016x}", visitor.0?.value()))
}
