//! What training returns.

use super::{
    EpochSummary,
    checkpoint::{Checkpoints, unfit},
    curve::{best_epoch, best_of, is_whole},
    part::Part,
};
use crate::error::{Error, Result};
use burn::module::Module;

/// A trained model and its learning curve.
#[derive(Clone, Debug)]
pub struct Trained<M> {
    /// The model, ready for evaluation: without autodiff. Continue training with `model.train()`.
    pub model: M,
    /// The epochs, in order; also in `curve.csv`. If that file was missing when the run was
    /// resumed, earlier epochs are missing here.
    pub curve: Vec<EpochSummary>,
    /// Whether the run was stopped at the dashboard or by
    /// [`Run::with_after_epoch`](super::Run::with_after_epoch). In the first case the model is that
    /// of the step at which it was stopped.
    pub interrupted: bool,
    pub(super) checkpoints: Option<Checkpoints>,
}

impl<M: Module> Trained<M> {
    /// The first epoch with the lowest validation loss. `None` without validation data, and if the
    /// curve does not begin at the first epoch: an earlier one may have been better.
    pub fn best_epoch(&self) -> Option<usize> {
        best_epoch(&self.curve, usize::MAX).filter(|_| is_whole(&self.curve))
    }

    /// The model as it was after the [best epoch](Self::best_epoch), from its checkpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] without validation data, checkpoints or the beginning of the curve;
    /// [`Error::Io`] and [`Error::Record`] if the checkpoint is missing, damaged, or belongs to a
    /// later run in the same folder.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    /// # use burn_bayes::{progress::Progress, train::Run};
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let run = Run::new(dir.path()).with_progress(Progress::Silent);
    /// # let rows = |n: usize| (0..16 * n).map(|i| (i % 5) as f32 / 4.0).collect::<Vec<_>>();
    /// # let grey = |n| Ok::<_, Error>(Datapoints::new("stripes", rows(n), 16)?.binarized(Binarization::Dynamic));
    /// # let (train, valid) = (grey(20)?, grey(5)?);
    /// let model = VaeConfig::new(16, 2).init(&Device::default(), &mut Noise::seeded(0));
    /// let training = TrainingConfig::new(Objective::iwae(5)).with_epochs(3);
    /// let trained = training.fit(model, &train, Some(&valid), run)?;
    /// println!("best after epoch {:?}", trained.best_epoch());
    /// let best = trained.best()?;
    /// # let _ = best;
    /// # Ok::<(), burn_bayes::Error>(())
    /// ```
    pub fn best(&self) -> Result<M> {
        let epoch = best_of(&self.curve, usize::MAX)?;
        let Some(checkpoints) = &self.checkpoints else {
            return Err(Error::setting(
                "best",
                "was not kept, for the run has no checkpoints",
                "leave `Run::with_checkpoints` at true",
            ));
        };
        // A run that was stopped in the last batch of its validation has no checkpoint of that
        // epoch. Validation has not changed the weights.
        let last = self.curve.last().map(|last| last.epoch);
        let path = checkpoints.path(Part::Model, epoch);
        if self.interrupted && last == Some(epoch) && !path.exists() {
            return Ok(self.model.valid());
        }
        let record = checkpoints.model(epoch)?;
        // Not a clone: it would share the running averages of batch normalization.
        let model = self.model.valid().try_load_record(record);
        model.map_err(unfit(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Averages;
    use burn::{nn::LinearConfig, tensor::Device};

    /// Stopped in the last batch of validation, a run has told of the epoch and saved nothing.
    #[test]
    fn the_best_epoch_may_be_the_one_in_which_a_run_was_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let averages = Averages {
            bound: -1.0,
            effective_sample_size: 1.0,
            log_likelihood: -1.0,
            kl: 0.0,
            weight_kl: None,
            weight_kl_is_estimate: false,
        };
        let mut trained = Trained {
            model: LinearConfig::new(1, 1).init(&Device::default()),
            curve: vec![EpochSummary {
                epoch: 1,
                learning_rate: 1e-3,
                steps: 1,
                seconds: 1.0,
                train: averages,
                valid: Some(averages),
            }],
            interrupted: true,
            checkpoints: Some(Checkpoints::of(folder.path())),
        };
        assert!(trained.best().is_ok());
        trained.interrupted = false;
        assert!(trained.best().is_err());
    }
}
