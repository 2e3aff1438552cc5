//! Conditions under which a training ends before its last epoch.

use super::{EpochSummary, copies::Copies, curve::best_epoch, recorder::Curve, watch::Watch};
use burn::train::{EarlyStoppingStrategy, metric::store::EventStoreClient};
use std::{
    fmt,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
};

type Call = dyn FnMut(&EpochSummary) -> ControlFlow<()> + Send;

/// The user's function that is called after each epoch.
#[derive(Clone)]
pub(super) struct AfterEpoch(Arc<Mutex<Call>>);

impl AfterEpoch {
    pub fn new(call: impl FnMut(&EpochSummary) -> ControlFlow<()> + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(call)))
    }

    fn call(&self, epoch: &EpochSummary) -> ControlFlow<()> {
        let mut call = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        call(epoch)
    }
}

impl fmt::Debug for AfterEpoch {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("AfterEpoch")
    }
}

/// Stops when the validation loss has not reached a new minimum for `patience` epochs, or when the
/// user's function ends the training.
#[derive(Clone)]
pub(super) struct Stop {
    pub patience: Option<usize>,
    pub after_epoch: Option<AfterEpoch>,
    pub curve: Curve,
    pub watch: Watch,
    /// The copies of checkpoints, if checkpoints are written.
    pub copies: Option<Copies>,
}

/// Whether a run of this curve has ended.
pub(super) fn has_ended(curve: &[EpochSummary], patience: Option<usize>) -> bool {
    let (Some(patience), Some(last)) = (patience, curve.last()) else {
        return false;
    };
    best_epoch(curve, usize::MAX).is_some_and(|best| last.epoch - best >= patience)
}

impl EarlyStoppingStrategy for Stop {
    /// The curve is complete here: burn calls the checkpointing strategy first, which has waited
    /// for it. Training now waits until this epoch's checkpoint is copied.
    fn should_stop(&mut self, epoch: usize, _: &EventStoreClient) -> bool {
        if let Some(copies) = &self.copies {
            copies.wait(epoch, &self.watch);
        }
        if self.watch.has_failed() {
            return true;
        }
        let curve = self.curve.epochs();
        let last = curve.last().filter(|last| last.epoch == epoch);
        if let (Some(after_epoch), Some(last)) = (&self.after_epoch, last)
            && after_epoch.call(last).is_break()
        {
            self.watch.interrupt();
            return true;
        }
        has_ended(&curve, self.patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Averages;

    /// A new minimum is asked for, not a lower loss than that of the epoch before.
    #[test]
    fn patience_counts_epochs_since_the_best() {
        let averages = |loss: f64| Averages {
            bound: -loss,
            effective_sample_size: 1.0,
            log_likelihood: 0.0,
            kl: 0.0,
            weight_kl: None,
            weight_kl_is_estimate: false,
        };
        let losses = [3.0, 2.0, 2.5, 2.2];
        let epochs = losses
            .into_iter()
            .zip(1..)
            .map(|(loss, epoch)| EpochSummary {
                epoch,
                learning_rate: 1e-3,
                steps: 1,
                seconds: 1.0,
                train: averages(0.0),
                valid: Some(averages(loss)),
            });
        let curve: Vec<EpochSummary> = epochs.collect();
        assert!(has_ended(&curve, Some(2)) && !has_ended(&curve, Some(3)));
        assert!(!has_ended(&curve[..3], Some(2)) && !has_ended(&curve, None));
    }
}
