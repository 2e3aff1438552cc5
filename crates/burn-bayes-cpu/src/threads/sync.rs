//! Synchronization primitives: of the standard library for programs, of loom for models.

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

/// How long a thread waits actively for work before it sleeps: about as long as the usual pauses
/// within a step. In a loom model all orders of steps are tried anyway, so there is no waiting.
pub(super) const PATIENCE: Duration = Duration::from_micros(if cfg!(loom) { 0 } else { 200 });

/// Waits actively until `done`, or until the patience since `start` is over.
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
