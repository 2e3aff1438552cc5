//! Which checkpoints are written and kept.

use super::{
    EpochSummary, checkpoint::Checkpoints, curve::best_epoch, quantity::Quantity, recorder::Curve,
    watch::Watch,
};
use crate::error::{Error, Result};
use burn::train::{
    checkpoint::{CheckpointingAction, CheckpointingStrategy},
    metric::store::{Aggregate, EventStoreClient, Split},
};

/// Keeps the last two checkpoints and the best. All others that the curve tells of are deleted,
/// also those of an earlier process.
pub(super) struct KeepLastAndBest {
    /// Whether checkpoints are written at all.
    pub writes: bool,
    pub checkpoints: Checkpoints,
    pub curve: Curve,
    pub watch: Watch,
}

impl KeepLastAndBest {
    /// The epochs to delete when the checkpoint of `epoch` is being written. burn hands its parts
    /// to three threads. It is only certain that each of them has finished the checkpoint before.
    /// So the epochs that were kept with that one are kept too.
    fn gone(&self, epoch: usize) -> Result<Vec<usize>> {
        let mut there = self.checkpoints.epochs()?;
        there.sort_unstable();
        there.dedup();
        let curve = self.curve.epochs();
        let before = best_epoch(&curve, epoch - 1);
        there.retain(|&old| !is_kept(old, epoch, &curve) && Some(old) != before);
        Ok(there)
    }
}

impl CheckpointingStrategy for KeepLastAndBest {
    fn checkpointing(
        &mut self,
        epoch: usize,
        store: &EventStoreClient,
    ) -> Vec<CheckpointingAction> {
        // The curve is filled on the thread of burn's store. The store answers only after it has
        // done all earlier work. So no checkpoint is ahead of the curve's file, and the best epoch
        // is known.
        let loss = Quantity::Loss.name();
        let _ = store.find_metric(loss, epoch, Aggregate::Mean, &Split::Train);
        if !self.curve.has(epoch) {
            let problem = format!("the engine has not told how epoch {epoch} went");
            self.watch.fail(Error::Training(problem));
            return Vec::new();
        }
        // The curve's file may not have been written.
        if !self.writes || self.watch.has_failed() {
            return Vec::new();
        }
        match self.gone(epoch) {
            Ok(gone) => [CheckpointingAction::Save]
                .into_iter()
                .chain(gone.into_iter().map(CheckpointingAction::Delete))
                .collect(),
            Err(error) => {
                self.watch.fail(error);
                Vec::new()
            }
        }
    }
}

/// Whether the checkpoint of an epoch is kept when that of `last` is the last.
pub(super) fn is_kept(epoch: usize, last: usize, curve: &[EpochSummary]) -> bool {
    let may_be_best = match curve.first() {
        // Without its file the curve begins late. Of earlier epochs any may be the best.
        Some(first) => first.valid.is_some() && epoch < first.epoch,
        None => true,
    };
    match epoch < last {
        true => epoch + 1 == last || may_be_best || best_epoch(curve, last) == Some(epoch),
        false => epoch == last,
    }
}
