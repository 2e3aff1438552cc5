//! The folder of results, and files that are whole.

use super::{Common, Earlier};
use burn_bayes::{Error, Result, draw::Picture};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The folder of results, and what was put there.
pub struct Output {
    pub dir: PathBuf,
    files: Vec<PathBuf>,
}

impl Output {
    /// The folder that was asked for, if it is free or its files may be touched; else one of a row.
    pub fn new(name: &str, asked: Option<&Path>, earlier: Earlier) -> Result<Self> {
        let taken = |dir: &Path| {
            dir.read_dir()
                .is_ok_and(|mut entries| entries.next().is_some())
        };
        let dir = match asked {
            Some(dir) if taken(dir) && !earlier.overwrite && !earlier.resume => {
                return Err(Error::Setting {
                    name: format!("--out {}", dir.display()),
                    problem: "already holds files".into(),
                    cure: "give another folder, --resume to go on, or --overwrite to replace its results"
                        .into(),
                });
            }
            Some(dir) => dir.to_path_buf(),
            None => of_row(name, earlier.resume),
        };
        fs::create_dir_all(&dir).map_err(file_error("create", &dir))?;
        Ok(Self {
            dir,
            files: Vec::new(),
        })
    }

    pub fn of(name: &str, common: &Common) -> Result<Self> {
        Self::new(name, common.out.as_deref(), common.earlier)
    }

    pub fn save(&mut self, name: &str, picture: &Picture) -> Result<()> {
        let path = self.dir.join(name);
        picture.save(&path)?;
        self.add(path);
        Ok(())
    }

    /// Adds what was written otherwise to the list.
    pub fn add(&mut self, path: PathBuf) {
        self.files.push(path);
    }

    /// Says what was written.
    pub fn finish(self) {
        println!("\nwritten:");
        for file in self.files {
            println!("  {}", file.display());
        }
    }
}

/// Of runs/NAME, runs/NAME-2, ... the first that does not exist; to resume, the one before it.
fn of_row(name: &str, resume: bool) -> PathBuf {
    let folder = |number: usize| match number {
        1 => PathBuf::from(format!("runs/{name}")),
        _ => PathBuf::from(format!("runs/{name}-{number}")),
    };
    let free = (1_usize..)
        .find(|&number| !folder(number).exists())
        .expect("some number is free");
    match resume {
        true => folder(free.max(2) - 1),
        false => folder(free),
    }
}

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
        // What is left of a failed attempt is of no use; that it cannot be removed either is no news.
        let _ = fs::remove_file(&aside);
        file_error("write", path)(error)
    })
}
