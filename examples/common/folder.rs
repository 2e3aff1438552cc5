//! Which folder results go to, and that nobody else writes there.

use super::{Earlier, begun::holds_run, files::file_error};
use burn_bayes::{Error, Result};
use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The file by which a folder is locked; it stays.
const LOCK: &str = ".lock";

/// A folder of results that one program at a time writes to.
///
/// The operating system gives the lock back when the program ends, however it ends.
pub struct Folder {
    pub path: PathBuf,
    _lock: File,
}

impl Folder {
    /// The folder that was asked for, if it is free or its files may be touched; else one of a row.
    pub fn open(name: &str, asked: Option<&Path>, earlier: Earlier) -> Result<Self> {
        let (path, goes_on) = match asked {
            Some(dir) => (dir.to_path_buf(), check(dir, earlier)?),
            None => of_row(name, earlier.resume)?,
        };
        let folder = Self {
            _lock: lock(&path)?,
            path,
        };
        let what = match (goes_on, earlier.resume) {
            (true, _) => "going on with what is in",
            (false, true) => "nothing to resume, starting anew in",
            (false, false) => "results go to",
        };
        println!("{what} {}", folder.path.display());
        Ok(folder)
    }
}

/// Refuses a folder with files that may not be touched. Whether there is a run to go on with.
fn check(dir: &Path, earlier: Earlier) -> Result<bool> {
    let mut entries = dir.read_dir().into_iter().flatten().flatten();
    let goes_on = earlier.resume && holds_run(dir);
    if goes_on || earlier.overwrite || entries.all(|entry| entry.file_name() == LOCK) {
        return Ok(goes_on);
    }
    let (problem, cure) = match earlier.resume {
        true => (
            "holds files, but no run to resume",
            "give the folder of a run, or leave out --resume to begin in a new one",
        ),
        false => (
            "already holds files",
            "give another folder, --resume to go on, or --overwrite to replace its results",
        ),
    };
    Err(refused(dir, problem, cure))
}

/// Of runs/NAME, runs/NAME-2, ... the last that holds a run, to resume that; else, made here, the
/// first that does not exist.
fn of_row(name: &str, resume: bool) -> Result<(PathBuf, bool)> {
    let runs = Path::new("runs");
    let folder = |number: usize| match number {
        1 => runs.join(name),
        _ => runs.join(format!("{name}-{number}")),
    };
    if resume && let Some(last) = last_run(runs, name) {
        return Ok((folder(last), true));
    }
    fs::create_dir_all(runs).map_err(file_error("create", runs))?;
    let mut number = 1;
    loop {
        let dir = folder(number);
        // Another program may be looking for one too.
        match fs::create_dir(&dir) {
            Ok(()) => return Ok((dir, false)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(file_error("create", &dir)(error)),
        }
    }
}

/// The largest number of a folder of the row that holds a run.
fn last_run(runs: &Path, name: &str) -> Option<usize> {
    let entries = runs.read_dir().into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| {
        let found = entry.file_name();
        let number = match found.to_str()?.strip_prefix(name)? {
            "" => 1,
            end => end.strip_prefix('-')?.parse().ok()?,
        };
        holds_run(&entry.path()).then_some(number)
    });
    numbers.max()
}

fn lock(dir: &Path) -> Result<File> {
    fs::create_dir_all(dir).map_err(file_error("create", dir))?;
    let path = dir.join(LOCK);
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => refused(
            dir,
            "cannot be written to",
            "give another folder, with --model to show what was trained here",
        ),
        _ => file_error("create", &path)(error),
    })?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(refused(
            dir,
            "is being written to by another program",
            "wait until it ends, or give another folder",
        )),
        // A file system without locks: better unguarded than not at all.
        Err(TryLockError::Error(_)) | Ok(()) => Ok(file),
    }
}

fn refused(dir: &Path, problem: &str, cure: &str) -> Error {
    Error::Setting {
        name: format!("--out {}", dir.display()),
        problem: problem.into(),
        cure: cure.into(),
    }
}
