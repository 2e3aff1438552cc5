//! What a person sees while something long runs: a training, a report, a download.
//!
//! All of them take a [`Progress`] and tell it [`Update`]s, whose text has the same form:
//!
//! ```text
//! epoch  3/30  step 120/596  bound -98.31  ESS 1.7  25 min 17 s left
//! test  datapoint 300/1000  12 s left
//! train-images-idx3-ubyte.gz  4.2/9.9 MB
//! ```

mod reporter;
mod update;

pub(crate) use reporter::Reporter;
#[cfg(feature = "train")]
pub(crate) use update::duration;
pub(crate) use update::time_left;
pub use update::{Unit, Update};

use std::{
    fmt::{self, Debug, Formatter},
    sync::Arc,
};

/// What is shown while something long runs.
///
/// # Example
///
/// ```
/// use burn_bayes::progress::Progress;
///
/// let quiet = Progress::Silent;
/// let own = Progress::call(|update| println!("{:?} {update}", update.fraction()));
/// # let _ = (quiet, own);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Progress {
    /// On a terminal, burn's dashboard for a training (`q` stops the run) and else one line that
    /// is written anew. Elsewhere, [`Lines`](Self::Lines).
    #[default]
    Auto,
    /// A line on standard error every ten seconds, and one at the end of each epoch.
    Lines,
    /// Nothing.
    Silent,
    /// A function of the caller's, which gets every update. [`call`](Self::call) makes it.
    Call(Callback),
}

/// A function that is told of progress.
#[derive(Clone)]
pub struct Callback(Arc<dyn Fn(&Update<'_>) + Send + Sync>);

impl Progress {
    /// Tells a function of the caller's, at every step or chunk. It should be quick.
    pub fn call(function: impl Fn(&Update<'_>) + Send + Sync + 'static) -> Self {
        Self::Call(Callback(Arc::new(function)))
    }
}

impl Debug for Callback {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}

impl Debug for Progress {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("Auto"),
            Self::Lines => f.write_str("Lines"),
            Self::Silent => f.write_str("Silent"),
            Self::Call(_) => f.write_str("Call"),
        }
    }
}
