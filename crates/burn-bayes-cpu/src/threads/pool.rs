//! A pool of helper threads.

use super::sync::{
    Arc, AtomicUsize, Condvar, Mutex, Ordering, PATIENCE, lock, thread, wait_a_moment,
};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::PoisonError,
    time::Instant,
};

/// A function that several threads run at once. It returns when no task is left.
struct Job {
    /// Borrowed from the caller, which waits until `unfinished` is 0.
    run: &'static (dyn Fn() + Sync),
    /// The number of requested helpers that have not finished.
    unfinished: AtomicUsize,
    /// Whether the caller sleeps until then.
    asleep: Mutex<bool>,
    finished: Condvar,
    /// The first one.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// The helper threads.
pub(super) struct Pool {
    state: Mutex<State>,
    /// The number of requests, for reading without the lock.
    num_requests: AtomicUsize,
    wake: Condvar,
}

struct State {
    /// One entry for each helper that a job requests.
    requests: Vec<Arc<Job>>,
    num_threads: usize,
    /// Whether the system had no more threads.
    refused: bool,
    num_asleep: usize,
    /// Whether helpers end instead of waiting for more work. A loom model must terminate.
    #[cfg(loom)]
    closed: bool,
}

#[cfg(not(loom))]
pub(super) static POOL: Pool = Pool {
    state: Mutex::new(State {
        requests: Vec::new(),
        num_threads: 0,
        refused: false,
        num_asleep: 0,
    }),
    num_requests: AtomicUsize::new(0),
    wake: Condvar::new(),
};

/// The tasks that nobody has begun.
struct Tasks<I>(Mutex<Option<I>>);

impl<I: DoubleEndedIterator> Tasks<I> {
    fn next(&self, from_the_front: bool) -> Option<I::Item> {
        let mut tasks = lock(&self.0);
        match from_the_front {
            true => tasks.as_mut()?.next(),
            false => tasks.as_mut()?.next_back(),
        }
    }
}

/// No other task begins where this is dropped: after a panic, or when there is none anyway.
struct EndsTasks<'a, I>(&'a Tasks<I>);

impl<I> Drop for EndsTasks<'_, I> {
    fn drop(&mut self) {
        let rest = lock(&self.0.0).take();
        drop(rest);
    }
}

impl Job {
    /// Keeps a panic to be passed on. Only the first one is: of others not even the payload is
    /// dropped, since that might panic again.
    fn keep(&self, panic: Box<dyn Any + Send>) {
        let mut first = lock(&self.panic);
        match *first {
            None => *first = Some(panic),
            Some(_) => {
                Box::leak(panic);
            }
        }
    }
}

impl Pool {
    /// Runs every task on this thread and on up to `helpers` others.
    pub fn share<T: Send>(
        &'static self,
        helpers: usize,
        tasks: impl ExactSizeIterator<Item = T> + DoubleEndedIterator + Send,
        work: impl Fn(T) + Sync,
    ) {
        if helpers == 0 {
            return tasks.for_each(work);
        }
        let tasks = Tasks(Mutex::new(Some(tasks)));
        let asking = thread::current().id();
        self.run(helpers, &|| {
            let asks = thread::current().id() == asking;
            let _ends = EndsTasks(&tasks);
            while let Some(task) = tasks.next(asks) {
                work(task);
            }
        });
    }

    /// Runs a function on this thread and up to `helpers` others at once. Returns when all have
    /// finished.
    fn run(&'static self, helpers: usize, run: &(dyn Fn() + Sync)) {
        // SAFETY: only the lifetime changes. Helpers call `run` between taking a request and
        // counting themselves out of `unfinished`. Below, requests that nobody took are withdrawn
        // and the count is awaited, even if `run` panics here. So no call outlives the borrow.
        #[allow(unsafe_code)]
        let run =
            unsafe { std::mem::transmute::<&(dyn Fn() + Sync), &'static (dyn Fn() + Sync)>(run) };
        let job = Arc::new(Job {
            run,
            unfinished: AtomicUsize::new(helpers),
            asleep: Mutex::new(false),
            finished: Condvar::new(),
            panic: Mutex::new(None),
        });
        self.request(&job, helpers);
        let result = catch_unwind(AssertUnwindSafe(run));
        self.withdraw(&job);
        let finished = || job.unfinished.load(Ordering::Acquire) == 0;
        if !finished() {
            wait_a_moment(Instant::now(), finished);
        }
        let mut asleep = lock(&job.asleep);
        while !finished() {
            *asleep = true;
            let woken = job.finished.wait(asleep);
            asleep = woken.unwrap_or_else(PoisonError::into_inner);
        }
        drop(asleep);
        if let Err(panic) = result {
            job.keep(panic);
        }
        let panic = lock(&job.panic).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    fn request(&'static self, job: &Arc<Job>, helpers: usize) {
        let mut state = lock(&self.state);
        while state.num_threads < helpers && !state.refused {
            let helper = thread::Builder::new().name("burn-bayes-cpu".into());
            // Without threads the caller does it all. Asking again would take time at each share.
            state.refused = helper.spawn(|| self.help()).is_err();
            state.num_threads += usize::from(!state.refused);
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

    /// Withdraws the requests that no helper has taken.
    fn withdraw(&self, job: &Arc<Job>) {
        let mut state = lock(&self.state);
        let before = state.requests.len();
        state.requests.retain(|other| !Arc::ptr_eq(job, other));
        let withdrawn = before - state.requests.len();
        self.num_requests
            .store(state.requests.len(), Ordering::Release);
        job.unfinished.fetch_sub(withdrawn, Ordering::AcqRel);
    }

    /// The main loop of a helper.
    fn help(&self) {
        while let Some(job) = self.next() {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(job.run)) {
                job.keep(panic);
            }
            // What the job borrows may be gone from here on.
            let last = job.unfinished.fetch_sub(1, Ordering::AcqRel) == 1;
            if last && *lock(&job.asleep) {
                job.finished.notify_one();
            }
        }
    }

    fn next(&self) -> Option<Arc<Job>> {
        let start = Instant::now();
        loop {
            wait_a_moment(start, || self.num_requests.load(Ordering::Acquire) > 0);
            let mut state = lock(&self.state);
            if state.requests.is_empty() {
                if start.elapsed() < PATIENCE {
                    continue; // another helper was faster
                }
                state.num_asleep += 1;
                while state.requests.is_empty() {
                    #[cfg(loom)]
                    if state.closed {
                        return None;
                    }
                    let woken = self.wake.wait(state);
                    state = woken.unwrap_or_else(PoisonError::into_inner);
                }
                state.num_asleep -= 1;
            }
            let job = state.requests.swap_remove(0);
            self.num_requests
                .store(state.requests.len(), Ordering::Release);
            return Some(job);
        }
    }
}

/// Small cases, in which loom tries every order of the threads' steps.
#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::cell::UnsafeCell;

    /// A pool that is never freed: threads of a model may outlive it.
    fn pool() -> &'static Pool {
        Box::leak(Box::new(Pool {
            state: Mutex::new(State {
                requests: Vec::new(),
                num_threads: 0,
                refused: false,
                num_asleep: 0,
                closed: false,
            }),
            num_requests: AtomicUsize::new(0),
            wake: Condvar::new(),
        }))
    }

    impl Pool {
        fn close(&self) {
            lock(&self.state).closed = true;
            self.wake.notify_all();
        }
    }

    /// Checks a model with up to four interruptions of threads.
    fn check(model: impl Fn() + Sync + Send + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(4);
        builder.check(model);
    }

    /// Numbers that loom watches. It reports a number that two threads access at once, and a read
    /// that need not see the last write.
    struct Numbers {
        values: [UnsafeCell<usize>; 3],
        /// Loom may switch threads where an atomic like this is accessed.
        between: AtomicUsize,
    }

    // SAFETY: loom reports an error if two threads access a number at once.
    #[allow(unsafe_code)]
    unsafe impl Sync for Numbers {}

    impl Numbers {
        fn new() -> Self {
            Self {
                values: [0, 0, 0].map(UnsafeCell::new),
                between: AtomicUsize::new(0),
            }
        }

        fn add(&self, at: usize, value: usize) {
            self.between.fetch_add(1, Ordering::Relaxed);
            // SAFETY: loom says if another thread is there.
            #[allow(unsafe_code)]
            self.values[at].with_mut(|number| unsafe { *number += value });
        }

        fn sum(&self) -> usize {
            // SAFETY: loom says if another thread is there.
            #[allow(unsafe_code)]
            let read = |number: &UnsafeCell<usize>| number.with(|number| unsafe { *number });
            self.values.iter().map(read).sum()
        }
    }

    #[test]
    fn each_task_runs_once_and_is_seen_by_who_asked() {
        check(|| {
            let pool = pool();
            for round in 1..3 {
                let numbers = Numbers::new();
                pool.share(1, 0..3, |task| numbers.add(task, round));
                assert_eq!(numbers.sum(), 3 * round);
            }
            pool.close();
        });
    }

    #[test]
    fn two_who_ask_share_a_helper() {
        check(|| {
            let pool = pool();
            let other = thread::spawn(|| {
                let numbers = Numbers::new();
                pool.share(1, 0..2, |task| numbers.add(task, 1));
                assert_eq!(numbers.sum(), 2);
            });
            let numbers = Numbers::new();
            pool.share(1, 0..2, |task| numbers.add(task, 1));
            assert_eq!(numbers.sum(), 2);
            other.join().unwrap();
            pool.close();
        });
    }
}
