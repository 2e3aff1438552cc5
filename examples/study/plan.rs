//! The studies by name.

use crate::{common::images::Source, run::Run, studies};
use burn_bayes::{Error, Result};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Study {
    /// The table of Burda et al. (2016): one and two stochastic layers, VAE and IWAE, k = 1, 5, 50
    Burda,
    /// The same and the talk's three methods on OMNIGLOT, up to an earlier stage
    Omniglot,
    /// The talk's three methods on MNIST
    Talk,
    /// What uncertain weights bring: by the size of the training set, and one setting changed at a
    /// time
    Uncertain,
    /// How much noise the weights begin with, and which of them are charged: short runs
    Scale,
    /// Ladders beside plain hierarchies of one to five layers (Sønderby et al. 2016)
    Deep,
    /// A VAE to be set beside one that PyTorch trains
    Check,
}

impl Study {
    pub fn name(self) -> &'static str {
        match self {
            Self::Burda => "burda",
            Self::Omniglot => "omniglot",
            Self::Talk => "talk",
            Self::Uncertain => "uncertain",
            Self::Scale => "scale",
            Self::Deep => "deep",
            Self::Check => "check",
        }
    }

    /// Refuses the data of another study.
    pub fn check(self, source: &Source, quick: bool) -> Result<()> {
        let fits = match source {
            Source::Omniglot | Source::RemadeOmniglot => self == Self::Omniglot,
            Source::Mnist => self != Self::Omniglot,
            Source::Other(_) => quick,
        };
        if fits {
            return Ok(());
        }
        Err(Error::Setting {
            name: "--data-dir".into(),
            problem: format!(
                "holds {}, which the study {} is not of",
                source.name(),
                self.name()
            ),
            cure: "give a folder with OMNIGLOT to the study omniglot, and MNIST to all others"
                .into(),
        })
    }

    /// Where its results are.
    pub fn folder(self, results: &Path) -> PathBuf {
        results.join(self.name())
    }

    /// Its runs with a seed, in the order in which they are done.
    pub fn runs(self, seed: u64) -> Vec<Run> {
        match self {
            Self::Burda => studies::burda::runs(seed),
            Self::Omniglot => {
                let mut runs = studies::burda::omniglot(seed);
                runs.extend(studies::talk::omniglot(seed));
                runs
            }
            Self::Talk => studies::talk::runs(seed),
            Self::Uncertain => studies::uncertain::runs(seed),
            Self::Scale => studies::scale::runs(seed),
            Self::Deep => studies::deep::runs(seed),
            Self::Check => studies::check::runs(seed),
        }
    }
}
