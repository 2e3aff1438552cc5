//! The folders of results, one for each method and seed, and what may be done there.

use crate::{
    Task,
    common::{
        begun::{clear, is_from_elsewhere, is_trained_here},
        files::{remove, same},
    },
    method::Method,
    pictures::CURVES,
    results::RESULTS,
    table::TABLE,
};
use burn_bayes::{Error, Result};
use std::path::{Path, PathBuf};

/// Where the results of a run are.
pub fn run_folder(out: &Path, method: Method, seed: u64) -> PathBuf {
    out.join(format!("{}-seed{seed}", method.file_name()))
}

/// Removes what is replaced, at once: a program that is stopped leaves nothing of it that could be
/// taken for its own.
pub fn make_room(out: &Path, tasks: &[Task]) -> Result<()> {
    for name in [RESULTS, TABLE, CURVES] {
        remove(&out.join(name))?;
    }
    let mut trained = tasks.iter().filter(|task| task.given.is_none());
    trained.try_for_each(|task| clear(&task.dir))
}

/// Refuses to put a given model in the place of one that was trained, and the other way round.
pub fn check(task: &Task) -> Result<()> {
    let dir = task.dir.display();
    match task.given {
        Some(given) if is_trained_here(&task.dir) && !same(&given.dir, &task.dir) => {
            Err(Error::Setting {
                name: "--out".into(),
                problem: format!("has a training of its own in `{dir}`"),
                cure: "give the results of --model another folder".into(),
            })
        }
        None if task.arguments.earlier.resume && is_from_elsewhere(&task.dir) => {
            Err(Error::Setting {
                name: "--resume".into(),
                problem: format!("finds `{dir}`, whose model was not trained there"),
                cure: "give --model with the folder it is from, or another --out".into(),
            })
        }
        _ => Ok(()),
    }
}
