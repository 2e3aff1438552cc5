//! A report's file.

use super::Report;
use crate::{
    error::{Error, Result},
    file,
};
use serde::{Deserialize, Serialize};
use std::{fs, path::Path};

/// The contents of the file.
#[derive(Serialize, Deserialize)]
struct File<S, R> {
    format: u32,
    summary: S,
    report: R,
}

/// The version of the file format: it increases when the meaning of the file changes.
const FORMAT: u32 = 1;

impl Report {
    /// Writes everything as JSON: a summary, then all numbers. The file is replaced as a whole,
    /// and its folder created if needed.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the folder or the file cannot be written.
    /// - [`Error::Record`] if a part has no form in JSON.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let text = serde_json::to_string(&File {
            format: FORMAT,
            summary: self.summary(),
            report: self,
        });
        let text = text.map_err(|error| Error::Record {
            name: path.display().to_string(),
            problem: error.to_string(),
            cure: "this is a mistake in the library".into(),
        })?;
        file::create_folder_of(path)?;
        file::replace(path, &text)
    }

    /// Reads a file that [`save`](Self::save) wrote. Numbers are equal to the bit.
    ///
    /// # Errors
    ///
    /// - [`Error::Io`] if the file cannot be read.
    /// - [`Error::Record`] if it holds something else, also lists of unequal lengths.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let wrong = |problem: String| Error::Record {
            name: path.display().to_string(),
            problem,
            cure: "make the report again with this version".into(),
        };
        let file: File<serde_json::Value, Self> =
            serde_json::from_str(&text).map_err(|error| wrong(format!("is no report: {error}")))?;
        if file.format != FORMAT {
            let other = file.format;
            let problem = format!("has format {other}, this version reads {FORMAT}");
            return Err(wrong(problem));
        }
        match file.report.misfit() {
            None => Ok(file.report),
            Some(part) => Err(wrong(format!(
                "is damaged: the lists of its `{part}` differ in length"
            ))),
        }
    }
}
