//! Writing files so that nothing is lost.

use crate::error::{Error, Result};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

/// Puts text into a file as a whole or not at all: it is written beside it, synced and renamed.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    replace_bytes(path, text.as_bytes())
}

/// Puts bytes into a file as [`replace`] does text.
pub(crate) fn replace_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let aside = path.with_file_name(name);
    let written = File::create(&aside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| {
        // What is left of a failed attempt is of no use; that it cannot be removed either is no news.
        let _ = fs::remove_file(&aside);
        Error::io("write", path)(error)
    })
}
