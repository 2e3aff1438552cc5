//! What a run leaves in its folder: what was begun there, and the model that others begin with.

use crate::{
    common::files::{file_error, replace},
    result::read_file,
    run::Run,
};
use burn_bayes::{Error, Result, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// What decides the numbers of all that a folder holds. Before the library goes on with a training
/// it compares settings and data, but not how the first weights were drawn.
#[derive(Serialize, Deserialize)]
struct Begun {
    run: Run,
    /// The data set.
    data: String,
}

/// [`Begun`], in the folder of a run.
const FILE: &str = "run.json";
const MODEL: &str = "model";

/// The folder of a run, in that of its study.
fn folder(run: &Run, out: &Path) -> PathBuf {
    out.join(run.file_name())
}

/// Makes the folder of a run and locks it; `None` if another program holds the lock.
///
/// # Errors
///
/// If a run of other settings or data was begun there.
pub fn begin(run: &Run, data: &str, out: &Path) -> Result<Option<File>> {
    let folder = folder(run, out);
    fs::create_dir_all(&folder).map_err(file_error("create", &folder))?;
    let lock = folder.join("run.lock");
    let lock = File::create(&lock).map_err(file_error("create", &lock))?;
    // A file system without locks: better unguarded than not at all.
    if let Err(TryLockError::WouldBlock) = lock.try_lock() {
        return Ok(None);
    }
    match begun(&folder, run, Some(data))? {
        Some(true) => {}
        Some(false) => {
            let there = folder.display();
            let problem = format!("was begun in {there} with other settings or data");
            let cure = "give another folder by --out, or remove that one";
            return Err(refused(run, problem, cure));
        }
        None if folder.join("training.json").exists() => {
            let there = folder.display();
            let problem =
                format!("was begun in {there} without `{FILE}`, which tells its settings");
            let cure = "give another folder by --out, or remove that one";
            return Err(refused(run, problem, cure));
        }
        None => {
            let data = data.into();
            let begun = Begun {
                run: run.clone(),
                data,
            };
            replace(&folder.join(FILE), &json!(begun).to_string())?;
        }
    }
    Ok(Some(lock))
}

/// Whether a folder is that of a run, and of its data if they are known; `None` if nothing was
/// begun there.
fn begun(folder: &Path, run: &Run, data: Option<&str>) -> Result<Option<bool>> {
    let there = read_file::<Begun>(&folder.join(FILE))?;
    Ok(there
        .map(|there| json!(there.run) == json!(run) && data.is_none_or(|data| there.data == data)))
}

pub fn save(run: &Run, out: &Path, config: &VaeConfig, model: &Vae) -> Result<()> {
    model.save(config, folder(run, out).join(MODEL))
}

/// The model that a run has left, and its configuration; of these data, if they are known.
pub fn load(
    run: &Run,
    data: Option<&str>,
    out: &Path,
    device: &Device,
) -> Result<(VaeConfig, Vae)> {
    if !run.leaves_model() {
        let problem = "is of a kind that leaves no model".into();
        let cure = "name a run of one or two layers whose priors are not centred";
        return Err(refused(run, problem, cure));
    }
    let folder = folder(run, out);
    let place = folder.join(MODEL);
    if begun(&folder, run, data)? == Some(true) && place.exists() {
        return Vae::load(&place, device);
    }
    let (name, seed) = (&run.name, run.seed);
    let there = place.display();
    let problem = format!("has left no model in {there}, or one of other settings or data");
    let cure = format!(
        "train it with `--only {name} --seeds {seed}`, if its result is there with other --results"
    );
    Err(refused(run, problem, &cure))
}

/// Saves the model that a run has left in half the size.
pub fn publish(run: &Run, out: &Path, to: &Path) -> Result<()> {
    let place = match run.seed {
        1 => to.join(&run.name),
        _ => to.join(run.file_name()),
    };
    if place.exists() {
        let problem = format!("would replace what {} holds", place.display());
        let cure = "give another folder by --to, or remove that one";
        return Err(refused(run, problem, cure));
    }
    let (config, model) = load(run, None, out, &Device::default())?;
    model.save_half(&config, &place)?;
    println!("written: {}", place.display());
    Ok(())
}

fn refused(run: &Run, problem: String, cure: &str) -> Error {
    Error::Setting {
        name: run.name.clone(),
        problem,
        cure: cure.into(),
    }
}
