//! When a training ends before its last epoch.

use super::{EpochSummary, curve::best_epoch, recorder::Curve};
use burn::train::{EarlyStoppingStrategy, metric::store::EventStoreClient};

/// Stops when the validation loss has not been lower for so many epochs.
#[derive(Clone)]
pub(super) struct Patience {
    pub epochs: Option<usize>,
    pub curve: Curve,
}

/// Whether a run of this curve has ended.
pub(super) fn has_ended(curve: &[EpochSummary], patience: Option<usize>) -> bool {
    let (Some(patience), Some(last)) = (patience, curve.last()) else {
        return false;
    };
    best_epoch(curve, usize::MAX).is_some_and(|best| last.epoch - best >= patience)
}

impl EarlyStoppingStrategy for Patience {
    /// The curve is complete: the checkpoint before has waited for it.
    fn should_stop(&mut self, _: usize, _: &EventStoreClient) -> bool {
        has_ended(&self.curve.epochs(), self.epochs)
    }
}
