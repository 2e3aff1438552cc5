//! Errors with causes outside the program: files, data, settings, devices, records.
//!
//! Wrong shapes are bugs of the calling program and panic, as in burn. The errors of this module
//! come as a [`Result`]. Every message names the file or setting, the problem and the cure.

use std::{
    fmt::{self, Debug, Display, Formatter},
    path::PathBuf,
};

/// A result whose error is the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error caused by something from outside the program.
///
/// `{:?}` gives the same message as `{}`, since a `main` that returns a [`Result`] prints the
/// former.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was being done, as a verb: "read", "create".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The reason the operating system gave.
        source: std::io::Error,
    },

    /// A data file or a data set is missing, damaged or unsuitable.
    #[error("{name}: {problem}; {cure}")]
    Data {
        /// The file or the data set.
        name: String,
        /// What was expected and what was found.
        problem: String,
        /// What to do about it.
        cure: String,
    },

    /// A download failed.
    #[error("cannot download {name}: {problem}; {cure}")]
    Download {
        /// The file.
        name: String,
        /// What happened at each address tried.
        problem: String,
        /// What to do about it.
        cure: String,
    },

    /// A setting has a value that cannot work.
    #[error("`{name}` {problem}; {cure}")]
    Setting {
        /// The setting, as the user wrote it.
        name: String,
        /// What is wrong with its value.
        problem: String,
        /// What to do about it.
        cure: String,
    },

    /// A record does not fit the model.
    #[error("record {name}: {problem}; {cure}")]
    Record {
        /// The record's file.
        name: String,
        /// Which parameters do not fit.
        problem: String,
        /// What to do about it.
        cure: String,
    },

    /// A device is unknown, not compiled in, or failed.
    #[error("device {name}: {problem}; {cure}")]
    Device {
        /// The device.
        name: String,
        /// What went wrong.
        problem: String,
        /// What to do about it.
        cure: String,
    },

    /// A number that must be finite became NaN or infinite.
    #[error("{part} became {value} at step {step}; {cure}")]
    NonFinite {
        /// The part of the objective: "log p(x|z)", "weight KL".
        part: String,
        /// The value it took.
        value: f64,
        /// The training step, counted from 0.
        step: u64,
        /// What to do about it.
        cure: String,
    },

    /// The training engine stopped with an error of its own.
    #[error("training stopped: {0}")]
    Training(String),
}

impl Debug for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Error {
    /// An [`Error::Io`], for use with `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// An [`Error::Setting`].
    pub(crate) fn setting(
        name: impl Into<String>,
        problem: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self::Setting {
            name: name.into(),
            problem: problem.into(),
            cure: cure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_main_that_fails_prints_the_message() {
        let error = Error::setting("seed", "is missing", "give one");
        assert_eq!(format!("{error:?}"), "`seed` is missing; give one");
    }
}
