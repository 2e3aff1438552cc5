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

/// Replaces a file's text as a whole or not at all: it is written to a temporary file, synced and
/// renamed.
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
    pub fn create(to: &Path) -> io::Result<Self> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
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
        // The lock is kept until the file is removed, so that its writer cannot lock it in between.
        if let Ok(file) = OpenOptions::new().write(true).open(entry.path())
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
pub(crate) struct FolderLock(#[allow(dead_code, reason = "holds the lock")] File);

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
            Err(TryLockError::Error(_)) | Ok(()) => Ok(Self(file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn names(dir: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn threads_that_replace_one_file_leave_one_of_their_texts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("text");
        let texts: Vec<String> = (0..4).map(|i| format!("{i}").repeat(10_000)).collect();
        thread::scope(|scope| {
            for text in &texts {
                let path = &path;
                scope.spawn(move || (0..50).for_each(|_| replace(path, text).unwrap()));
            }
        });
        let left = fs::read_to_string(&path).unwrap();
        assert!(texts.contains(&left));
        assert_eq!(names(dir.path()), ["text"]);
    }

    #[test]
    fn leftovers_of_the_dead_are_removed_and_files_of_the_living_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("text");
        let of_another_file = dir.path().join(".text2.1-0.part");
        fs::write(&of_another_file, "another's").unwrap();
        fs::write(dir.path().join(".text.mine.part"), "a user's").unwrap();
        fs::write(dir.path().join(".text.1-0.part"), "killed").unwrap();

        let mut living = Aside::create(&path).unwrap();
        assert_eq!(names(dir.path()).len(), 3, "the killed one's is gone");
        living.write_all(b"slow").unwrap();
        replace(&path, "quick").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "quick");
        living.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "slow");
        let left = [".text.mine.part", ".text2.1-0.part", "text"];
        assert_eq!(names(dir.path()), left);
        remove_all_leftovers(dir.path());
        assert_eq!(names(dir.path()), [".text.mine.part", "text"]);
    }

    #[test]
    fn an_attempt_that_fails_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("text");
        replace(&path, "old").unwrap();
        let mut aside = Aside::create(&path).unwrap();
        aside.write_all(b"half").unwrap();
        drop(aside);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(dir.path()), ["text"]);

        let error = replace(&dir.path().join("missing/text"), "new").unwrap_err();
        assert!(error.to_string().contains("missing/text"), "{error}");
    }

    #[test]
    fn a_folder_has_one_lock() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("made");
        let lock = FolderLock::of(&dir).unwrap();
        let error = FolderLock::of(&dir).unwrap_err().to_string();
        assert!(error.contains("another training"), "{error}");
        drop(lock);
        FolderLock::of(&dir).unwrap();
    }
}
