//! Reading, writing and removing files.

use burn_bayes::{Error, Result};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// An [`Error::Io`], for use with `map_err`.
pub fn file_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Io {
        action,
        path,
        source,
    }
}

/// Puts text into a file as a whole or not at all: it is written beside it, synced and renamed.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".part");
    let aside = PathBuf::from(aside);
    let written = File::create(&aside)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&aside, path));
    written.map_err(|error| {
        // What is left of a failed attempt is of no use; that it cannot be removed either is no
        // news.
        let _ = fs::remove_file(&aside);
        file_error("write", path)(error)
    })
}

/// What a file of JSON holds; `None` if there is none, or it is damaged.
pub fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Removes a file, if there is one.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(file_error("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Whether two paths, however they are written, are of one folder.
pub fn same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
