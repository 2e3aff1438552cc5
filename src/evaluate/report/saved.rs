//! What is done of a report, in a file.

use super::{ReportSettings, pass::Pass};
use crate::{
    data::Datapoints,
    error::{Error, Result},
    file,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// Counts up when the meaning of the file changes.
const FORMAT: u32 = 1;

/// The passes that were made, or begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    key: Key,
    pub passes: BTreeMap<String, Pass>,
}

/// What the numbers depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Key {
    format: u32,
    num_samples: usize,
    points: Vec<usize>,
    settings: String,
    data: String,
    /// log p̂ of the first row from one sample: another model has another.
    probe: f64,
}

impl Saved {
    pub fn new(settings: &ReportSettings, data: &Datapoints, probe: f64) -> Self {
        let train = settings.train.as_ref().map(fingerprint);
        let key = Key {
            format: FORMAT,
            num_samples: settings.sampling.num_samples,
            points: settings.points(),
            settings: format!(
                "{:?}, seed {}, active above {}, further rows {:?}, train {train:?}",
                settings.binarization,
                settings.seed,
                settings.active_threshold,
                settings.further_rows,
            ),
            data: fingerprint(data),
            probe,
        };
        Self {
            key,
            passes: BTreeMap::new(),
        }
    }

    /// What the file holds if there is one, else nothing done.
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
        let comparable = Key {
            probe: ours.probe,
            ..theirs.clone()
        };
        if comparable != *ours || !same_probe {
            let other = if comparable == *ours {
                "model"
            } else {
                "settings or data"
            };
            return Err(wrong(
                format!("was begun with another {other}"),
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

/// Name, size and a hash (FNV-1a) of the numbers.
pub(super) fn fingerprint(data: &Datapoints) -> String {
    let hash = data
        .values()
        .iter()
        .flat_map(|value| value.to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!(
        "{}, {} rows of {}, {hash:016x}",
        data.name(),
        data.len(),
        data.num_features()
    )
}
