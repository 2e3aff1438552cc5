//! The learning rate as a function of time.

use crate::error::{Error, Result};
use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord, module_lr_scheduler::ModuleLrScheduler};
use serde::{Deserialize, Serialize};

/// The learning rate of each epoch, or of each optimizer step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum Schedule {
    /// The same at every epoch.
    Constant {
        /// The learning rate.
        learning_rate: f64,
    },
    /// The eight stages of Burda et al. (2016). Stage i = 0 … 7 lasts 3^i epochs, 3280 in all. Its
    /// learning rate is `learning_rate` · 10^(−i/7), with the factor rounded: 1, 0.72, 0.52, 0.37,
    /// 0.27, 0.19, 0.14, 0.1. Longer training keeps the last rate.
    Burda {
        /// The first stage's learning rate; theirs was 1e-3.
        learning_rate: f64,
    },
    /// A user-defined schedule: a learning rate for each epoch. Longer training keeps the last
    /// rate.
    ///
    /// A warm-up of five epochs:
    ///
    /// ```
    /// # use burn_bayes::train::Schedule;
    /// let learning_rates = (1..=5).map(|epoch| 1e-3 * f64::from(epoch) / 5.0).collect();
    /// let schedule = Schedule::Epochs { learning_rates };
    /// assert_eq!(schedule.learning_rate(100, 1), 1e-3);
    /// ```
    Epochs {
        /// The learning rates.
        learning_rates: Vec<f64>,
    },
    /// A learning rate for each optimizer step, for example from one of burn's schedulers
    /// ([`Schedule::of_burn`]). Longer training keeps the last rate.
    Steps {
        /// The learning rates.
        learning_rates: Vec<f64>,
    },
}

impl Schedule {
    /// The first `num_steps` learning rates of a scheduler, burn's or your own.
    ///
    /// The settings of a run hold all these rates, so that it can be resumed and repeated. All
    /// parameters have the same rate. Separate rates for groups of parameters are not used.
    ///
    /// # Example
    ///
    /// Half a cosine over 10 epochs of 600 steps.
    ///
    /// ```
    /// use burn::lr_scheduler::cosine::CosineAnnealingLrSchedulerConfig;
    /// use burn_bayes::train::Schedule;
    ///
    /// let cosine = CosineAnnealingLrSchedulerConfig::new(1e-3, 6000).with_min_lr(1e-5);
    /// let schedule = Schedule::of_burn(cosine.init().expect("rates from 0 to 1"), 6000);
    /// assert_eq!(schedule.learning_rate(0, 600), 1e-3);
    /// assert!(schedule.learning_rate(5999, 600) < 1.1e-5);
    /// ```
    pub fn of_burn(scheduler: impl Into<ModuleLrScheduler>, num_steps: usize) -> Self {
        let mut scheduler = scheduler.into();
        Self::Steps {
            learning_rates: (0..num_steps).map(|_| scheduler.step().base()).collect(),
        }
    }

    /// The learning rate of an optimizer step, counted from 0.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::train::Schedule;
    ///
    /// let schedule = Schedule::Burda { learning_rate: 1e-3 };
    /// let rates: Vec<f64> = (0..4).map(|step| schedule.learning_rate(step, 2)).collect();
    /// assert_eq!(rates, [1e-3, 1e-3, 7.2e-4, 7.2e-4]); // two steps an epoch
    /// ```
    pub fn learning_rate(&self, step: usize, steps_per_epoch: usize) -> f64 {
        let epoch = step / steps_per_epoch.max(1);
        let listed = |rates: &[f64], at: usize| {
            // The list is not empty: see `validate`.
            let last = rates.last().copied().unwrap_or(f64::NAN);
            rates.get(at).copied().unwrap_or(last)
        };
        match self {
            Self::Constant { learning_rate } => *learning_rate,
            Self::Epochs { learning_rates } => listed(learning_rates, epoch),
            Self::Steps { learning_rates } => listed(learning_rates, step),
            Self::Burda { learning_rate } => {
                // Stage i ends before epoch 1 + 3 + … + 3^i = (3^(i+1) − 1)/2.
                let ended = (1..8).take_while(|&i| epoch >= (3usize.pow(i) - 1) / 2);
                let tenths = 10f64.powf(1.0 - ended.count() as f64 / 7.0);
                learning_rate * (tenths * 10.0).round() / 100.0
            }
        }
    }

    /// Checks settings that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if a learning rate is not a positive number, or a list is empty.
    pub fn validate(&self) -> Result<()> {
        let rates = match self {
            Self::Constant { learning_rate } | Self::Burda { learning_rate } => {
                std::slice::from_ref(learning_rate)
            }
            Self::Epochs { learning_rates } | Self::Steps { learning_rates } => learning_rates,
        };
        let wrong = |rate: &&f64| !(**rate > 0.0 && rate.is_finite());
        let problem = match rates.iter().find(wrong) {
            Some(rate) => format!("is {rate}"),
            None if rates.is_empty() => "is an empty list".into(),
            None => return Ok(()),
        };
        let name = match self {
            Self::Constant { .. } | Self::Burda { .. } => "learning_rate",
            Self::Epochs { .. } | Self::Steps { .. } => "learning_rates",
        };
        Err(Error::setting(
            name,
            problem,
            "give a positive number, such as 1e-3",
        ))
    }

    /// The schedule for burn's engine, which calls it once before each optimizer step.
    pub(super) fn for_steps(&self, steps_per_epoch: usize) -> StepSchedule {
        StepSchedule {
            schedule: self.clone(),
            steps_per_epoch,
            step: 0,
        }
    }
}

/// A [`Schedule`] that counts optimizer steps.
#[derive(Clone, Debug)]
pub(super) struct StepSchedule {
    schedule: Schedule,
    steps_per_epoch: usize,
    /// The number of the next step.
    step: usize,
}

impl LrScheduler for StepSchedule {
    fn step(&mut self) -> f64 {
        let step = self.step;
        self.step += 1;
        self.schedule.learning_rate(step, self.steps_per_epoch)
    }

    fn to_record(&self) -> LrSchedulerRecord {
        LrSchedulerRecord::new().with_scalar("step", self.step)
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        self.step = record.scalar("step").unwrap_or(self.step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BURDA: Schedule = Schedule::Burda {
        learning_rate: 1e-3,
    };

    #[test]
    fn burda_stages_are_those_of_the_paper() {
        let first_epochs = [0, 1, 4, 13, 40, 121, 364, 1093];
        let rates = [1e-3, 7.2e-4, 5.2e-4, 3.7e-4, 2.7e-4, 1.9e-4, 1.4e-4, 1e-4];
        let close = |rate: f64, expected: f64| (rate / expected - 1.0).abs() < 1e-12;
        for (stage, (&first, expected)) in first_epochs.iter().zip(rates).enumerate() {
            let last = first_epochs.get(stage + 1).unwrap_or(&3280) - 1;
            assert!(
                close(BURDA.learning_rate(first, 1), expected),
                "first of stage {stage}"
            );
            assert!(
                close(BURDA.learning_rate(last, 1), expected),
                "last of stage {stage}"
            );
        }
        assert!(close(BURDA.learning_rate(1_000_000, 1), 1e-4));
    }

    #[test]
    fn a_stage_lasts_whole_epochs_and_resumes_in_the_middle() {
        let mut steps = BURDA.for_steps(3);
        let first: Vec<f64> = (0..3).map(|_| steps.step()).collect();
        assert_eq!(first, [1e-3; 3]);

        let record = steps.to_record();
        let mut resumed = BURDA.for_steps(3);
        resumed.load_record(record);
        for mut steps in [steps, resumed] {
            let second: Vec<f64> = (0..9).map(|_| steps.step()).collect();
            assert_eq!(second, [7.2e-4; 9]);
            assert!(steps.step() < 5.21e-4);
        }
    }
}
