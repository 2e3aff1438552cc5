//! `--overwrite` and `--resume`: what becomes of an earlier run in the folder of results.

use super::output::{file_error, replace};
use burn_bayes::{Error, Result, prelude::*, train::Run};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// The model's configuration, beside what the library writes in the folder of a training.
const MODEL: &str = "initial_model.json";

// A doc comment here would become the description of the program.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Earlier {
    /// Replaces results that are already in the folder
    #[arg(long)]
    pub overwrite: bool,
    /// Goes on where a run with the same options was stopped; starts one if there is none
    #[arg(long, conflicts_with = "overwrite")]
    pub resume: bool,
}

impl Earlier {
    /// The run of a training in its folder, and how many of its epochs are done.
    pub fn run(self, dir: &Path, model: &VaeConfig) -> Result<(Run, usize)> {
        let run = Run::new(dir)
            .with_resume(self.resume)
            .with_overwrite(self.overwrite);
        let path = dir.join(MODEL);
        let done = match self.resume {
            true => run.epochs_done()?,
            false => 0,
        };
        if self.resume && path.exists() {
            check(dir, &path, model)?;
        } else {
            fs::create_dir_all(dir).map_err(file_error("create", dir))?;
            replace(&path, &format!("{:#}\n", json!(model)))?;
        }
        Ok((run, done))
    }
}

/// Refuses to go on with a model that was made otherwise. The library sees that it has the same form, but not
/// how its weights were drawn at first.
fn check(dir: &Path, path: &Path, model: &VaeConfig) -> Result<()> {
    let text = fs::read_to_string(path).map_err(file_error("read", path))?;
    let earlier: Value = serde_json::from_str(&text).map_err(|error| Error::Data {
        name: path.display().to_string(),
        problem: error.to_string(),
        cure: "give another folder, or --overwrite to replace the run".into(),
    })?;
    let now = json!(model);
    let mut fields = now.as_object().into_iter().flatten();
    let Some((field, is)) = fields.find(|(field, is)| earlier[field.as_str()] != **is) else {
        return Ok(());
    };
    let was = &earlier[field.as_str()];
    Err(Error::Setting {
        name: "--resume".into(),
        problem: format!(
            "finds `{}` begun with `{field}` {was}, not {is}",
            dir.display()
        ),
        cure: "give the options it was begun with, another folder, or --overwrite".into(),
    })
}
