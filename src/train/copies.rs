//! Waiting until the parts of a checkpoint are copied.

use super::{part::Part, watch::Watch};
use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// How often a waiting thread checks whether the run has failed.
const LOOK: Duration = Duration::from_millis(100);

/// Makes training wait until a checkpoint is copied.
///
/// burn hands a record to another thread, which copies it into a file's bytes while training goes
/// on. Meanwhile tensors of a record on a GPU may change: with burn 0.22.1 on wgpu, a record's
/// moments are overwritten by other tensors.
#[derive(Clone, Debug, Default)]
pub(super) struct Copies(Arc<(Mutex<Epoch>, Condvar)>);

/// The number of copied parts of an epoch's checkpoint.
#[derive(Debug, Default)]
struct Epoch {
    number: usize,
    parts: usize,
}

/// Reports on drop that a part is copied, or never will be.
pub(super) struct Copying<'a> {
    copies: &'a Copies,
    epoch: usize,
}

impl Copies {
    /// Begins the copy of a part of an epoch's checkpoint. The copy ends when the result is
    /// dropped.
    pub fn begin(&self, epoch: usize) -> Copying<'_> {
        let copies = self;
        Copying { copies, epoch }
    }

    /// Waits until all parts of an epoch's checkpoint are copied, or the run has failed.
    pub fn wait(&self, epoch: usize, watch: &Watch) {
        let (state, told) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_copied = |state: &Epoch| state.number == epoch && state.parts >= Part::ALL.len();
        while !is_copied(&state) && !watch.has_failed() {
            let waited = told.wait_timeout(state, LOOK);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Copying<'_> {
    fn drop(&mut self) {
        let (state, told) = &*self.copies.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.number != self.epoch {
            (state.number, state.parts) = (self.epoch, 0);
        }
        state.parts += 1;
        told.notify_all();
    }
}
