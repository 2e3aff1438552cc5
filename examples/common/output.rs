//! What goes to the folder of results.

use super::{Common, Earlier, begun::clear, folder::Folder};
use burn_bayes::{Result, draw::Picture};
use std::path::{Path, PathBuf};

/// The folder of results, and what was put there.
pub struct Output {
    folder: Folder,
    files: Vec<PathBuf>,
}

impl Output {
    /// In the folder that was asked for, or in one of the program's row.
    pub fn new(name: &str, asked: Option<&Path>, earlier: Earlier) -> Result<Self> {
        Ok(Self {
            folder: Folder::open(name, asked, earlier)?,
            files: Vec::new(),
        })
    }

    /// The same for a program that trains models of these names, whose earlier runs go first if
    /// they are replaced: who resumes a program that was stopped gets none of them.
    pub fn of(name: &str, common: &Common, trainings: &[&str]) -> Result<Self> {
        let output = Self::new(name, common.out.as_deref(), common.earlier)?;
        if common.earlier.overwrite && common.model.is_empty() {
            output.clear(trainings)?;
        }
        Ok(output)
    }

    /// Removes earlier runs of these names.
    pub fn clear(&self, trainings: &[&str]) -> Result<()> {
        for training in trainings {
            let dir = self.dir().join(training);
            clear(&dir.join(TRAINING))?;
            clear(&dir)?;
        }
        Ok(())
    }

    pub fn dir(&self) -> &Path {
        &self.folder.path
    }

    pub fn save(&mut self, name: &str, picture: &Picture) -> Result<()> {
        let path = self.dir().join(name);
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

/// Where a model's training is, in the folder of the model.
pub const TRAINING: &str = "training";
