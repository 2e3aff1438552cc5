//! What threads are made of, for programs and for models of them.

#[cfg(loom)]
pub(super) use loom::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};
#[cfg(not(loom))]
pub(super) use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// How long a thread looks for more before it sleeps: as long as a step usually goes without. In a
/// model every moment is looked at, so none need be waited for.
pub(super) const PATIENCE: Duration = Duration::from_micros(if cfg!(loom) { 0 } else { 200 });

/// Looks again and again, for as long as one thread's patience since `start` lasts.
pub(super) fn wait_a_moment(start: Instant, done: impl Fn() -> bool) {
    if cfg!(loom) {
        return;
    }
    while !done() && start.elapsed() < PATIENCE {
        std::hint::spin_loop();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
