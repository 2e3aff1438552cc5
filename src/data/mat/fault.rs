//! Errors of reading, before the name of the file is added.

use std::io;

use crate::data::faults::data_error;
use crate::error::Error;

pub(super) const DAMAGED: &str = "the file is damaged: copy or download it again";

pub(super) enum Fault {
    /// Reading or decompression failed.
    Io(io::Error),
    /// The bytes are not a valid file.
    Data { problem: String, cure: String },
}

pub(super) fn fault(problem: impl Into<String>, cure: impl Into<String>) -> Fault {
    Fault::Data {
        problem: problem.into(),
        cure: cure.into(),
    }
}

impl Fault {
    /// The error with the name of the file.
    pub(super) fn of(self, name: &str) -> Error {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        match self {
            Self::Data { problem, cure } => data_error(name, problem, &cure),
            Self::Io(source) => match source.kind() {
                UnexpectedEof => data_error(
                    name,
                    "the bytes end within a variable",
                    "the file is cut short or damaged: copy or download it again",
                ),
                InvalidData | InvalidInput => data_error(
                    name,
                    format!("expected sound compressed data, found: {source}"),
                    DAMAGED,
                ),
                _ => Error::io("read", name)(source),
            },
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
