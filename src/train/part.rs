//! The files of a checkpoint.

/// A part of a checkpoint: one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Model,
    Optimizer,
    Scheduler,
}

impl Part {
    pub const ALL: [Self; 3] = [Self::Model, Self::Optimizer, Self::Scheduler];

    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Optimizer => "optim",
            Self::Scheduler => "scheduler",
        }
    }
}
