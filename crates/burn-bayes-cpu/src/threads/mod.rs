//! Work divided among threads.
//!
//! A training step has dozens of short operations. Waking a pool of sleeping threads for each, and
//! sleeping until it is done, may take as long as the operation itself. Here the calling thread
//! works too, and never waits for a helper that has not begun. Helpers stay awake for a moment
//! after their last task. Results do not depend on how tasks are divided.

mod pool;
mod sync;

#[cfg(not(loom))]
use pool::POOL;

/// The smallest amount of work that is worth a part of its own: this many numbers at a cost of 1
/// each, about 5 microseconds.
const MIN_PART: usize = 1 << 14;
/// The number of parts for each thread. With several, a delayed thread does not delay all others.
const PARTS_PER_THREAD: usize = 4;

/// The number of items in a part. There are `count` items, and an item costs as much as reading and
/// writing `cost` numbers.
pub fn part(count: usize, cost: usize) -> usize {
    let parts = (count * cost / MIN_PART).min(PARTS_PER_THREAD * rayon::current_num_threads());
    count.div_ceil(parts.max(1)).max(1)
}

/// Runs every task, on this thread and on as many others as rayon would use.
///
/// This thread begins with the first task, others with the last. If the tasks of two operations are
/// in the same memory order, each of two threads finds the data that it wrote before in its own
/// cache.
///
/// # Panics
///
/// If a task panics. No other task begins then, and the panic is passed on when those that had
/// begun have finished.
#[cfg(not(loom))]
pub fn share<T: Send>(
    tasks: impl ExactSizeIterator<Item = T> + DoubleEndedIterator + Send,
    work: impl Fn(T) + Sync,
) {
    let helpers = rayon::current_num_threads().min(tasks.len()).max(1) - 1;
    POOL.share(helpers, tasks, work);
}

/// Models have their own pools. In a build for models, everything else runs on the calling thread.
#[cfg(loom)]
pub fn share<T: Send>(
    tasks: impl ExactSizeIterator<Item = T> + DoubleEndedIterator + Send,
    work: impl Fn(T) + Sync,
) {
    tasks.for_each(work);
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::{
        panic::{AssertUnwindSafe, catch_unwind, panic_any},
        sync::atomic::{AtomicBool, AtomicUsize, Ordering},
        thread,
        time::Duration,
    };

    #[test]
    fn every_task_runs_once_wherever_it_is_asked_for() {
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            for count in [0, 1, 2, 1000] {
                let check = || {
                    let runs: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                    share(runs.iter(), |run| {
                        run.fetch_add(1, Ordering::Relaxed);
                    });
                    assert!(runs.iter().all(|run| run.load(Ordering::Relaxed) == 1));
                };
                check();
                pool.install(check);
            }
        }
    }

    #[test]
    fn short_work_is_not_divided() {
        assert_eq!(part(1000, 2), 1000);
        assert_eq!(part(0, 2), 1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3);
        let parts = pool.build().unwrap().install(|| part(1 << 24, 1));
        assert_eq!(parts, (1usize << 24).div_ceil(12));
    }

    /// Many callers at once, each of which also shares work from within a task.
    #[test]
    fn callers_do_not_wait_for_each_other() {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(3)
            .build()
            .unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    pool.install(|| {
                        for _ in 0..200 {
                            let sum = AtomicUsize::new(0);
                            share(0..5usize, |i| {
                                share(0..5usize, |j| {
                                    sum.fetch_add(i * j, Ordering::Relaxed);
                                });
                            });
                            assert_eq!(sum.into_inner(), 100);
                        }
                    });
                });
            }
        });
    }

    #[test]
    #[should_panic(expected = "task 3")]
    fn a_panic_is_passed_on() {
        share([1, 2, 3].into_iter(), |task| {
            assert!(task < 3, "task {task}")
        });
    }

    /// Helpers wait until the caller's first task is about to panic, and then do a few of 100,000.
    #[test]
    fn no_task_begins_after_a_panic() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3);
        let (pool, runs) = (pool.build().unwrap(), AtomicUsize::new(0));
        let first = AtomicBool::new(false);
        let share_all = || {
            share(0..100_000, |task| {
                runs.fetch_add(1, Ordering::Relaxed);
                if task == 0 {
                    first.store(true, Ordering::Relaxed);
                    panic!("the first task");
                }
                while !first.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                thread::sleep(Duration::from_micros(100));
            });
        };
        let share_all = || pool.install(share_all);
        assert!(catch_unwind(AssertUnwindSafe(share_all)).is_err());
        assert!(runs.into_inner() < 100_000);
    }

    /// What a panic carries may panic when it is dropped. Only the first is passed on.
    #[test]
    fn panics_of_all_threads_end() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(4);
        let pool = pool.build().unwrap();
        for _ in 0..20 {
            let share_all = || {
                share(0..4, |_| {
                    thread::sleep(Duration::from_millis(1)); // each thread has one
                    panic_any(Bomb);
                });
            };
            let passed_on = catch_unwind(AssertUnwindSafe(|| pool.install(share_all)));
            Box::leak(passed_on.unwrap_err());
        }
    }

    /// A token of `unpark` is for whoever calls `park`, not for the pool.
    #[test]
    fn a_waiting_unpark_is_left_alone() {
        thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                for _ in 0..20 {
                    thread::current().unpark();
                    share(0..8, |_| thread::sleep(Duration::from_micros(300)));
                    thread::park(); // returns at once
                }
            });
            waiting.join().unwrap();
        });
    }
}
