//! The display of a training's progress.

use super::{lines::Lines, watch::Watch};
use burn::train::renderer::{MetricsRenderer, default_renderer};
use std::io::{self, IsTerminal};

/// What is shown while training runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    /// burn's dashboard if standard output is a terminal, otherwise lines. In the dashboard `q`
    /// stops the run.
    #[default]
    Auto,
    /// A line on standard error every ten seconds and at the end of each epoch.
    Lines,
    /// Nothing.
    Silent,
}

impl Progress {
    /// The renderer; `first_epoch` is the number of epochs done in an earlier run.
    pub(super) fn renderer(
        self,
        watch: &Watch,
        batch_size: usize,
        first_epoch: usize,
    ) -> Box<dyn MetricsRenderer> {
        match self {
            Self::Auto if io::stdout().is_terminal() => {
                let resumed = (first_epoch > 0).then_some(first_epoch);
                default_renderer(watch.dashboard.clone(), resumed)
            }
            Self::Auto | Self::Lines => Box::new(Lines::new(io::stderr(), batch_size)),
            Self::Silent => Box::new(Lines::new(io::sink(), batch_size)),
        }
    }
}
