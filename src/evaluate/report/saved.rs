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
const FORMAT: u32 = 3;

/// The passes that are finished or have begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    key: Key,
    pub passes: BTreeMap<String, Pass>,
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
    /// log p̂ of the first row from one sample. It also depends on settings that are not
    /// parameters, such as a fixed scale.
    probe: f64,
}

impl Saved {
    pub fn new(
        settings: &ReportSettings,
        data: String,
        train: Option<String>,
        parameters: String,
        probe: f64,
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
        }
    }

    /// The contents of the file; without a file nothing is finished.
    pub fn resume(self, path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(self);
        }
        let wrong = |problem: String, cure: &str| Error::Record {
            name: path.display().to_string(),
            problem,
            cure: cure.into(),
        };
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let saved: Self = serde_json::from_str(&text).map_err(|error| {
            wrong(
                format!("is no unfinished report: {error}"),
                "give another path, or remove the file",
            )
        })?;
        let (theirs, ours) = (&saved.key, &self.key);
        let same_probe = (theirs.probe - ours.probe).abs() <= 1e-3 * ours.probe.abs().max(1.0);
        let same_model = theirs.parameters == ours.parameters && same_probe;
        let comparable = Key {
            parameters: ours.parameters.clone(),
            probe: ours.probe,
            ..theirs.clone()
        };
        if comparable != *ours || !same_model {
            let other = if comparable == *ours {
                "another model"
            } else {
                "other settings or data"
            };
            return Err(wrong(
                format!("was begun with {other}"),
                "give another path, or remove the file to begin anew",
            ));
        }
        Ok(saved)
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string(self).map_err(|error| Error::Record {
            name: path.display().to_string(),
            problem: error.to_string(),
            cure: "this is a mistake in the library; leave `resume` out".into(),
        })?;
        file::replace(path, &text)
    }
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
