//! Work shared out over threads.
//!
//! A step of training has dozens of operations of some ten to a thousand microseconds. To hand each
//! to a pool of sleeping threads and sleep until it is done costs as much as many of them take.
//! Here the thread that asks works too and never waits for one that has not begun, and helpers stay
//! awake for a moment after their last task. What is computed never depends on how it is shared
//! out.

use std::{
    any::Any,
    hint,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Work on this many numbers, at a cost of 1 each, is worth a part of its own: some 5 microseconds.
const MIN_PART: usize = 1 << 14;
/// Parts for each thread, so that one that is held up does not hold up all.
const PARTS_PER_THREAD: usize = 4;
/// How long a thread looks for more before it sleeps: as long as a step usually goes without.
const PATIENCE: Duration = Duration::from_micros(200);

/// How many of `count` items go into a part, an item being `cost` numbers' worth of work.
pub fn part(count: usize, cost: usize) -> usize {
    let parts = (count * cost / MIN_PART).min(PARTS_PER_THREAD * rayon::current_num_threads());
    count.div_ceil(parts.max(1)).max(1)
}

/// Runs every task, on this thread and as many others as rayon would use.
///
/// This thread begins with the first task, others with the last: of two threads each finds in its
/// own cache what it wrote in the operation before, where the tasks of both go through memory in
/// the same order.
pub fn share<T: Send>(
    tasks: impl ExactSizeIterator<Item = T> + DoubleEndedIterator + Send,
    work: impl Fn(T) + Sync,
) {
    let helpers = rayon::current_num_threads().min(tasks.len()).max(1) - 1;
    if helpers == 0 {
        return tasks.for_each(work);
    }
    let tasks = Mutex::new(tasks);
    let asking = thread::current().id();
    with_helpers(helpers, &|| {
        let asks = thread::current().id() == asking;
        let next = || match asks {
            true => lock(&tasks).next(),
            false => lock(&tasks).next_back(),
        };
        while let Some(task) = next() {
            work(task);
        }
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A function that several threads run at once, until none of them finds anything more to do.
struct Job {
    /// Borrowed from the caller, who stays until `unfinished` is 0.
    run: &'static (dyn Fn() + Sync),
    /// Threads that have been asked, less those that are through.
    unfinished: AtomicUsize,
    caller: Thread,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

struct Pool {
    state: Mutex<State>,
    /// How many requests there are, to be looked at without the lock.
    num_requests: AtomicUsize,
    wake: Condvar,
}

struct State {
    /// One entry for each helper that a job asks for.
    requests: Vec<Arc<Job>>,
    num_threads: usize,
    num_asleep: usize,
}

static POOL: Pool = Pool {
    state: Mutex::new(State {
        requests: Vec::new(),
        num_threads: 0,
        num_asleep: 0,
    }),
    num_requests: AtomicUsize::new(0),
    wake: Condvar::new(),
};

impl Pool {
    fn request(&'static self, job: &Arc<Job>, helpers: usize) {
        let mut state = lock(&self.state);
        while state.num_threads < helpers {
            let helper = thread::Builder::new().name("burn-bayes-cpu".into());
            if helper.spawn(|| self.help()).is_err() {
                break; // without threads the caller does it all
            }
            state.num_threads += 1;
        }
        state
            .requests
            .extend(std::iter::repeat_n(job, helpers).cloned());
        self.num_requests
            .store(state.requests.len(), Ordering::Release);
        let asleep = state.num_asleep.min(helpers);
        drop(state);
        for _ in 0..asleep {
            self.wake.notify_one();
        }
    }

    /// Takes back the requests that nobody has taken up.
    fn withdraw(&self, job: &Arc<Job>) {
        let mut state = lock(&self.state);
        let before = state.requests.len();
        state.requests.retain(|other| !Arc::ptr_eq(job, other));
        let withdrawn = before - state.requests.len();
        self.num_requests
            .store(state.requests.len(), Ordering::Release);
        job.unfinished.fetch_sub(withdrawn, Ordering::AcqRel);
    }

    /// What a helper does all its life.
    fn help(&self) {
        loop {
            let job = self.next();
            if let Err(panic) = catch_unwind(AssertUnwindSafe(job.run)) {
                *lock(&job.panic) = Some(panic);
            }
            let caller = job.caller.clone();
            if job.unfinished.fetch_sub(1, Ordering::AcqRel) == 1 {
                caller.unpark();
            }
        }
    }

    fn next(&self) -> Arc<Job> {
        let start = Instant::now();
        loop {
            wait_a_moment(start, || self.num_requests.load(Ordering::Acquire) > 0);
            let mut state = lock(&self.state);
            if state.requests.is_empty() {
                if start.elapsed() < PATIENCE {
                    continue; // another helper was faster
                }
                state.num_asleep += 1;
                state = self
                    .wake
                    .wait_while(state, |state| state.requests.is_empty())
                    .unwrap_or_else(PoisonError::into_inner);
                state.num_asleep -= 1;
            }
            let job = state.requests.swap_remove(0);
            self.num_requests
                .store(state.requests.len(), Ordering::Release);
            return job;
        }
    }
}

/// Looks again and again, for as long as one thread's patience since `start` lasts.
fn wait_a_moment(start: Instant, done: impl Fn() -> bool) {
    while !done() && start.elapsed() < PATIENCE {
        hint::spin_loop();
    }
}

/// Runs a function on this thread and up to `helpers` others at once, and returns when all are
/// through.
fn with_helpers(helpers: usize, run: &(dyn Fn() + Sync)) {
    // SAFETY: only the lifetime changes. Helpers call `run` between taking a request and counting
    // themselves out of `unfinished`; below, requests that nobody took are withdrawn and the count
    // is awaited, even if `run` panics here, so no call outlives the borrow.
    #[allow(unsafe_code)]
    let run = unsafe { std::mem::transmute::<&(dyn Fn() + Sync), &'static (dyn Fn() + Sync)>(run) };
    let job = Arc::new(Job {
        run,
        unfinished: AtomicUsize::new(helpers),
        caller: thread::current(),
        panic: Mutex::new(None),
    });
    POOL.request(&job, helpers);
    let result = catch_unwind(AssertUnwindSafe(run));
    POOL.withdraw(&job);
    let finished = || job.unfinished.load(Ordering::Acquire) == 0;
    wait_a_moment(Instant::now(), finished);
    while !finished() {
        thread::park();
    }
    let panic = lock(&job.panic).take();
    if let Err(panic) = result {
        resume_unwind(panic);
    }
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// Many callers at once, each of whom also asks from within a task.
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
}
