//! Messages for files that cannot be read.

use crate::error::Error;

pub(super) const CUT_SHORT: &str = "the file is cut short: copy or download it again";

pub(super) fn count(number: usize, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

pub(super) fn data_error(name: &str, problem: impl Into<String>, cure: &str) -> Error {
    Error::Data {
        name: name.into(),
        problem: problem.into(),
        cure: cure.into(),
    }
}
