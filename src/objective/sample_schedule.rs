//! The number of samples in the first steps of training.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// k, the number of samples of the latent, as a function of the training step.
///
/// Few samples suffice in early steps. They are cheaper, and the encoder's gradient has a higher
/// signal-to-noise ratio (Rainforth et al. 2018). After the last stage, and in validation, k is
/// [`Objective::num_samples`](super::Objective::num_samples).
///
/// # Example
///
/// ```
/// use burn_bayes::{objective::SampleSchedule, prelude::*};
///
/// let schedule = SampleSchedule::until([(1000, 1), (5000, 5)]);
/// assert_eq!([0, 1000, 4999, 5000].map(|step| schedule.num_samples(step)), [
///     Some(1),
///     Some(5),
///     Some(5),
///     None, // as the objective says
/// ]);
/// let objective = Objective::iwae(50).with_sample_schedule(schedule);
/// # assert!(objective.validate().is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<Vec<(u64, usize)>>", into = "Vec<(u64, usize)>")]
pub struct SampleSchedule {
    stages: Vec<(u64, usize)>,
}

impl SampleSchedule {
    /// A schedule of stages (end, k): a stage has its k in all steps before `end`. Without stages k
    /// is constant.
    pub fn until(stages: impl Into<Vec<(u64, usize)>>) -> Self {
        Self {
            stages: stages.into(),
        }
    }

    /// k at a step, counted from 0; `None` after the last stage.
    pub fn num_samples(&self, step: u64) -> Option<usize> {
        let stage = self.stages.iter().find(|(end, _)| step < *end);
        stage.map(|(_, k)| *k)
    }

    /// The k of all stages.
    pub(super) fn counts(&self) -> impl Iterator<Item = usize> {
        self.stages.iter().map(|(_, k)| *k)
    }

    pub(super) fn validate(&self) -> Result<()> {
        let refused = |problem, cure| Err(Error::setting("sample_schedule", problem, cure));
        if self.counts().any(|k| k == 0) {
            return refused("has 0 samples", "give at least 1 in each stage");
        }
        let ends: Vec<u64> = [0]
            .into_iter()
            .chain(self.stages.iter().map(|(end, _)| *end))
            .collect();
        match ends.windows(2).find(|pair| pair[1] <= pair[0]) {
            Some(pair) => refused(
                &format!(
                    "has a stage that begins at step {} and ends at {}",
                    pair[0], pair[1]
                ),
                "give the steps before which stages end, in ascending order",
            ),
            None => Ok(()),
        }
    }
}

/// Files of earlier versions have no schedule: they give `None`.
impl From<Option<Vec<(u64, usize)>>> for SampleSchedule {
    fn from(stages: Option<Vec<(u64, usize)>>) -> Self {
        Self::until(stages.unwrap_or_default())
    }
}

impl From<SampleSchedule> for Vec<(u64, usize)> {
    fn from(schedule: SampleSchedule) -> Self {
        schedule.stages
    }
}
