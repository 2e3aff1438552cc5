//! `--overwrite` and `--resume`: what becomes of an earlier run in the folder of results.

use super::begun::Begun;
use burn_bayes::{Result, train::Run};
use std::path::Path;

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
    pub fn run(self, dir: &Path, begun: &Begun) -> Result<(Run, usize)> {
        let run = Run::new(dir)
            .with_resume(self.resume)
            .with_overwrite(self.overwrite);
        if !self.resume {
            begun.write(dir)?;
            return Ok((run, 0));
        }
        let done = run.epochs_done()?;
        begun.check(dir, done)?;
        begun.write_if_missing(dir)?;
        Ok((run, done))
    }
}
