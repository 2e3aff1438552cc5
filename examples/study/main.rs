//! The published tables, and where uncertain weights pay: runs that take days, one file a result.
//!
//!     cargo run --release --example study -- train burda
//!     cargo run --release --example study -- tables
//!
//! `train` goes through the runs of a study. It skips those whose result is there and goes on with
//! one that was stopped, so it can be ended and called again at any time. `list` shows how long the
//! list is and what is done. `tables` makes the tables and figures of the documentation from the
//! results alone, in a second. `units` and `publish` take the models that runs have left.

#[path = "../common/mod.rs"]
mod common;
mod data;
mod kept;
mod networks;
mod plan;
mod result;
mod run;
mod studies;
mod tables;
mod units;
mod work;

use burn_bayes::{Error, Result, prelude::Device};
use clap::{Parser, Subcommand};
use common::{DeviceOption, images::DataOptions};
use data::Data;
use plan::Study;
use result::{Results, SEEDS};
use run::Run;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Trains the models of a study, one after another, and makes tables of their results.
#[derive(Parser, Debug)]
#[command(name = "study")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// The folder of results: a file for each run, in a folder for each study
    #[arg(long, global = true, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/results"))]
    results: PathBuf,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Shows the runs of a study, and which are done
    List(Chosen),
    /// Trains and evaluates what has no result yet
    Train(Job),
    /// Leaves units out of trained models, and says what that costs
    Units(Job),
    /// Saves the model of a run in half the size, to be given to others
    Publish {
        #[command(flatten)]
        chosen: Chosen,
        /// The folder of checkpoints that `train` had
        #[arg(long, default_value = "runs/study")]
        out: PathBuf,
        /// The folder for models
        #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/pretrained"))]
        to: PathBuf,
    },
    /// Puts the tables of all results into a page, and draws the figure
    Tables {
        /// The page
        #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reproduction.md"))]
        page: PathBuf,
        /// Changes nothing, and fails if the page has other tables
        #[arg(long)]
        check: bool,
        /// The folder for figures
        #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/gallery"))]
        figures: PathBuf,
        /// The results are those of `train --quick`
        #[arg(long)]
        quick: bool,
    },
}

#[derive(clap::Args, Debug)]
struct Job {
    #[command(flatten)]
    chosen: Chosen,
    /// The folder for checkpoints, models and unfinished evaluations
    #[arg(long, default_value = "runs/study")]
    out: PathBuf,
    /// One epoch of 100 images and few samples, to see it run: all of it, the results too, goes to
    /// the folder `quick` in that of --out
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    device: DeviceOption,
}

/// Does runs, with the folders of a study for results and for what runs leave.
type Does = fn(&[Run], &Path, &Path, &Data, &Device) -> Result<()>;

impl Job {
    fn done(&self, results: &Path, does: Does) -> Result<()> {
        let study = self.chosen.study;
        let device = self.device.open()?;
        let data = Data::read(&self.data)?;
        study.check(&data.source, self.quick)?;
        let mut runs = self.chosen.runs()?;
        let (mut results, mut out) = (results.to_path_buf(), self.out.clone());
        if self.quick {
            runs = runs.into_iter().map(Run::shortened).collect();
            out = out.join("quick");
            results = out.join("results");
        }
        let (results, out) = (study.folder(&results), out.join(study.name()));
        does(&runs, &results, &out, &data, &device)
    }
}

#[derive(clap::Args, Clone, Debug)]
struct Chosen {
    /// Which study
    #[arg(value_enum)]
    study: Study,
    /// Only runs of these names, which `list` shows
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// One run of each for each seed
    #[arg(long, value_delimiter = ',', default_value = "1")]
    seeds: Vec<u64>,
}

impl Chosen {
    fn runs(&self) -> Result<Vec<Run>> {
        let refused = |name: &str, problem: String, cure: &str| {
            Err(Error::Setting {
                name: name.into(),
                problem,
                cure: cure.into(),
            })
        };
        if let Some(seed) = self.seeds.iter().find(|seed| !(SEEDS).contains(seed)) {
            let cure = "give seeds from 1 to 20";
            return refused("--seeds", format!("has {seed}, which no table shows"), cure);
        }
        let all = self.seeds.iter().flat_map(|&seed| self.study.runs(seed));
        let all: Vec<Run> = all.collect();
        let mut names = self.only.iter();
        if let Some(name) = names.find(|name| all.iter().all(|run| run.name != **name)) {
            let cure = "give a name that `study list` shows";
            return refused("--only", format!("has `{name}`, which is no run"), cure);
        }
        let chosen = |run: &Run| self.only.is_empty() || self.only.contains(&run.name);
        Ok(all.into_iter().filter(chosen).collect())
    }
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> Result<()> {
    let results = &arguments.results;
    match &arguments.action {
        Action::List(chosen) => {
            println!("{:<28} {:>4}  {:>8}  settings", "run", "seed", "log p(x)");
            for run in chosen.runs()? {
                let done = match result::read(&chosen.study.folder(results), &run, None)? {
                    Some(result) => format!("{:.2}", result.summary.log_likelihood),
                    None => "to do".into(),
                };
                println!("{:<28} {:>4}  {:>8}  {run}", run.name, run.seed, done);
            }
            Ok(())
        }
        Action::Train(job) => job.done(results, work::all),
        Action::Units(job) => job.done(results, units::all),
        Action::Publish { chosen, out, to } => {
            let out = out.join(chosen.study.name());
            let runs = chosen.runs()?;
            runs.iter().try_for_each(|run| kept::publish(run, &out, to))
        }
        Action::Tables {
            page,
            check,
            figures,
            quick,
        } => {
            let (folder, quick) = (results.as_path(), *quick);
            tables::all(&Results { folder, quick }, page, figures, *check)
        }
    }
}
