//! Writing files so that nothing is lost.

use crate::error::{Error, Result};
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// The ending of the name of a temporary file.
const SUFFIX: &str = ".part";

/// How many links may lead from one to the next.
const MOST_LINKS: usize = 40;

/// Replaces a file's text as a whole or not at all: it is written to a temporary file, synced and
/// renamed. A link stays, and so do the permissions of a file that is there.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    replace_bytes(path, &[text.as_bytes()])
}

/// Replaces a file's contents by pieces of bytes, like [`replace`].
pub(crate) fn replace_bytes(path: &Path, pieces: &[&[u8]]) -> Result<()> {
    let written = Aside::create(path).and_then(|mut aside| {
        pieces.iter().try_for_each(|piece| aside.write_all(piece))?;
        aside.commit()
    });
    written.map_err(Error::io("write", path))
}

/// Creates the folder of a file that a caller wants, if there is none. The files of a running
/// training do without: where its folder is deleted, it must end.
pub(crate) fn create_folder_of(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))
}

/// A temporary file in the folder of its target. If it is not committed, it is removed.
///
/// It is locked while it exists. So the next writer of the same target can distinguish a leftover
/// of a killed process, which it removes, from a file that another process is writing.
pub(crate) struct Aside {
    to: PathBuf,
    path: PathBuf,
    file: File,
    committed: bool,
}

impl Aside {
    /// Of what is there, it takes the permissions.
    ///
    /// # Errors
    ///
    /// If the file cannot be created, or the target is there and is no regular file.
    pub fn create(to: &Path) -> io::Result<Self> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let there = fs::metadata(to).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let problem = "is there, and is no regular file; give another path";
            return Err(io::Error::new(ErrorKind::InvalidInput, problem));
        }
        let to = &target_of(to);
        let Some(name) = to.file_name() else {
            return Err(io::Error::new(ErrorKind::InvalidInput, "is no file's name"));
        };
        remove_leftovers(to, name);
        loop {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let own = format!("{}-{number}{SUFFIX}", std::process::id());
            let mut hidden = prefix(name);
            hidden.push(own);
            let path = to.with_file_name(hidden);
            let file = match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => file,
                // Left by a killed process with the same process id.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Before it was locked, another process may have taken it for a leftover. Then that
            // process has the lock, or the file is gone. On a file system without locks, leftovers
            // remain, which does no other harm.
            if let Err(TryLockError::WouldBlock) = file.try_lock() {
                continue;
            }
            if path.try_exists()? {
                // Elsewhere they are no more than a mark against writing. An error is ignored: some
                // file systems have one answer for all their files.
                if let (true, Some(there)) = (cfg!(unix), &there) {
                    let _ = file.set_permissions(there.permissions());
                }
                return Ok(Self {
                    to: to.into(),
                    path,
                    file,
                    committed: false,
                });
            }
        }
    }

    /// Renames the file to its target, which it replaces.
    pub fn commit(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, &self.to)?;
        self.committed = true;
        sync_folder_of(&self.to)
    }
}

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.committed {
            // An error is ignored: the next writer of this target tries again.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The beginning of the names of temporary files.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// Removes temporary files of killed processes for a target.
fn remove_leftovers(to: &Path, name: &OsStr) {
    remove_unlocked(folder_of(to), prefix(name).as_encoded_bytes());
}

/// Removes all temporary files of killed processes in a folder.
#[cfg_attr(not(feature = "train"), allow(dead_code))]
pub(crate) fn remove_all_leftovers(folder: &Path) {
    remove_unlocked(folder, b".");
}

/// Removes temporary files that no process has locked. Errors are ignored: leftovers do no harm.
fn remove_unlocked(folder: &Path, prefix: &[u8]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if !(name.starts_with(prefix) && is_in_the_making(name)) {
            continue;
        }
        // Some network file systems lock only what is open for writing. But a file that has its
        // target's permissions may be for reading only.
        let file = OpenOptions::new().write(true).open(entry.path());
        let file = file.or_else(|_| File::open(entry.path()));
        // The lock is kept until the file is removed, so that its writer cannot lock it in between.
        if let Ok(file) = file
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a name is of the form `.name.process-number.part`.
fn is_in_the_making(name: &[u8]) -> bool {
    let own = name.strip_suffix(SUFFIX.as_bytes());
    let own = own.and_then(|name| name.rsplit(|&byte| byte == b'.').next());
    own.is_some_and(|own| {
        let numbers: Vec<&[u8]> = own.split(|&byte| byte == b'-').collect();
        let digits = |number: &&[u8]| !number.is_empty() && number.iter().all(u8::is_ascii_digit);
        numbers.len() == 2 && numbers.iter().all(digits)
    })
}

/// The file that links lead to, which may not be there.
fn target_of(path: &Path) -> PathBuf {
    let mut target = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = folder_of(&target).join(next),
            Err(_) => break,
        }
    }
    target
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Syncs the folder of a file, so that its new name is as durable as its contents.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(()); // elsewhere a folder is not opened
    }
    let unreadable = |error: &io::Error| error.kind() == ErrorKind::PermissionDenied;
    match File::open(folder_of(path)) {
        Err(error) if unreadable(&error) => Ok(()),
        folder => match folder?.sync_all() {
            // Some network file systems cannot sync folders.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::InvalidInput | ErrorKind::Unsupported
                ) =>
            {
                Ok(())
            }
            synced => synced,
        },
    }
}

/// A lock on a folder: one owner at a time, also within a process.
///
/// The operating system releases the lock when the process ends in any way. The file `.lock`
/// remains.
#[derive(Debug)]
#[cfg_attr(not(feature = "train"), allow(dead_code))]
pub(crate) struct FolderLock {
    /// It holds the lock.
    file: File,
    path: PathBuf,
}

#[cfg_attr(not(feature = "train"), allow(dead_code))]
impl FolderLock {
    /// Locks the folder, and creates it if needed.
    ///
    /// # Errors
    ///
    /// If another owner has the lock, or the file cannot be created.
    pub fn of(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).map_err(Error::io("create", dir))?;
        let path = dir.join(".lock");
        let mut options = OpenOptions::new();
        let file = (options.create(true).truncate(false).write(true).open(&path))
            .map_err(Error::io("create", &path))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(Error::setting(
                "run",
                format!("`{}` is being written by another training", dir.display()),
                "wait until it ends, or choose another folder",
            )),
            // A file system without locks: the run goes on without one.
            Err(TryLockError::Error(_)) | Ok(()) => Ok(Self { file, path }),
        }
    }

    /// Refuses to go on in a folder that has taken the place of the locked one, which was moved or
    /// removed. Another owner may have locked it. That a folder is missing is left to those who
    /// write there. Where it is not Unix, the open file keeps its folder in place.
    pub fn check(&self) -> Result<()> {
        match self.is_of_another() {
            false => Ok(()),
            true => Err(Error::setting(
                "run",
                format!(
                    "`{}` is another folder than the run began in",
                    folder_of(&self.path).display()
                ),
                "leave the folder of a run in its place while it is being written",
            )),
        }
    }

    #[cfg(unix)]
    fn is_of_another(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let id = |file: fs::Metadata| (file.dev(), file.ino());
        match (self.file.metadata(), fs::metadata(&self.path)) {
            (Ok(ours), Ok(there)) => id(ours) != id(there),
            _ => false,
        }
    }

    #[cfg(not(unix))]
    fn is_of_another(&self) -> bool {
        let _ = &self.file;
        false
    }
}

#[cfg(test)]
mod tests;
