//! The studies by name.

use crate::{run::Run, studies};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Study {
    /// The table of Burda et al. (2016): one and two stochastic layers, VAE and IWAE, k = 1, 5, 50
    Burda,
    /// The talk's three methods by its own protocol
    Talk,
    /// What uncertain weights bring: by the size of the training set, and one setting changed at a
    /// time
    Uncertain,
    /// Ladders beside plain hierarchies of one to five layers (Sønderby et al. 2016)
    Deep,
}

impl Study {
    pub fn name(self) -> &'static str {
        match self {
            Self::Burda => "burda",
            Self::Talk => "talk",
            Self::Uncertain => "uncertain",
            Self::Deep => "deep",
        }
    }

    /// Where its results are.
    pub fn folder(self, results: &Path) -> PathBuf {
        results.join(self.name())
    }

    /// Its runs with a seed, in the order in which they are done.
    pub fn runs(self, seed: u64) -> Vec<Run> {
        match self {
            Self::Burda => studies::burda::runs(seed),
            Self::Talk => studies::talk::runs(seed),
            Self::Uncertain => studies::uncertain::runs(seed),
            Self::Deep => studies::deep::runs(seed),
        }
    }
}
