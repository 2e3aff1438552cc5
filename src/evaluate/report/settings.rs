//! The settings of a report.

use crate::error::{Error, Result};
use crate::{evaluate::LogLikelihoodSettings, progress::Progress};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Settings of [`report`](super::report).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportSettings {
    /// K, and the sizes of chunks.
    pub sampling: LogLikelihoodSettings,
    /// The numbers of samples at which log p̂(x) is stated, from the same draws. Those above K are
    /// left out, and K is always among them.
    pub curve: Vec<usize>,
    /// The seed of all noise. Reports with the same seed share it, see
    /// [`compare`](crate::evaluate::compare).
    pub seed: u64,
    /// A unit is active if the variance of its posterior mean is above this.
    pub active_threshold: f64,
    /// How many rows, evenly strided, are visited again with weights at their mean and without
    /// inactive units. `None`: all.
    pub further_rows: Option<usize>,
    /// A file that keeps finished work, so that a stopped report can be resumed. If the work is
    /// complete, the report is made from the file. It is written first before the first pass, and
    /// its folder is created if needed.
    #[serde(skip)]
    pub resume: Option<PathBuf>,
    /// What is shown meanwhile.
    #[serde(skip)]
    pub progress: Progress,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self::new()
    }
}

impl ReportSettings {
    /// The settings of the literature: 5000 samples, the curve at 1, 5, 50, 500 and 5000, active
    /// units above 0.01. The seed is 0, further passes visit all rows, and progress goes to
    /// standard error.
    pub fn new() -> Self {
        Self {
            sampling: LogLikelihoodSettings::default(),
            curve: vec![1, 5, 50, 500, 5000],
            seed: 0,
            active_threshold: 0.01,
            further_rows: None,
            resume: None,
            progress: Progress::Auto,
        }
    }

    /// With another K.
    pub fn with_num_samples(mut self, num_samples: usize) -> Self {
        self.sampling.num_samples = num_samples;
        self
    }

    /// With another seed.
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// With this number of rows in the passes without inactive units and with weights at their
    /// mean.
    pub fn with_further_rows(mut self, rows: usize) -> Self {
        self.further_rows = Some(rows);
        self
    }

    /// With a file to resume from.
    pub fn with_resume(mut self, path: impl Into<PathBuf>) -> Self {
        self.resume = Some(path.into());
        self
    }

    /// Chooses what is shown.
    pub fn with_progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    pub(super) fn validate(&self, rows: usize) -> Result<()> {
        self.sampling.validate(rows)?;
        if self.curve.contains(&0) {
            return Err(Error::setting("curve", "has a 0", "give at least 1 sample"));
        }
        if !(self.active_threshold >= 0.0 && self.active_threshold.is_finite()) {
            return Err(Error::setting(
                "active_threshold",
                format!("is {}", self.active_threshold),
                "give a variance, such as 0.01",
            ));
        }
        if self.further_rows == Some(0) {
            return Err(Error::setting("further_rows", "is 0", "give at least 1"));
        }
        Ok(())
    }

    /// The curve's points, ascending, up to K and with it.
    pub(super) fn points(&self) -> Vec<usize> {
        let k = self.sampling.num_samples;
        let mut points: Vec<usize> = self.curve.iter().copied().filter(|&n| n < k).collect();
        points.push(k);
        points.sort_unstable();
        points.dedup();
        points
    }
}
