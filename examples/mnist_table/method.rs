//! The methods of the table.

use crate::options::WeightKlName;
use burn_bayes::prelude::*;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Method {
    Iwae,
    IwaeuRec,
    Iwaeu,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Self::Iwae => "IWAE",
            Self::IwaeuRec => "IWAEU_rec",
            Self::Iwaeu => "IWAEU",
        }
    }

    pub fn file_name(self) -> &'static str {
        match self {
            Self::Iwae => "iwae",
            Self::IwaeuRec => "iwaeu_rec",
            Self::Iwaeu => "iwaeu",
        }
    }

    pub fn uncertainty(self) -> Uncertainty {
        match self {
            Self::Iwae => Uncertainty::None,
            Self::IwaeuRec => Uncertainty::Encoder,
            Self::Iwaeu => Uncertainty::EncoderAndDecoder,
        }
    }

    /// What of the method's random weights is charged: nothing where there are none.
    pub fn charged(self, asked: WeightKlName) -> ChargedWeights {
        match (self, asked) {
            (_, WeightKlName::None) | (Self::Iwae, _) => ChargedWeights::None,
            (Self::IwaeuRec, WeightKlName::Decoder) => ChargedWeights::None,
            (_, WeightKlName::Decoder) => ChargedWeights::Decoder,
            (_, WeightKlName::Dataset) => ChargedWeights::All,
        }
    }

    /// The talk's average test log-likelihood on MNIST, and what it gives as its error.
    pub fn published(self) -> (f64, f64) {
        match self {
            Self::Iwae => (-95.182, 0.022),
            Self::IwaeuRec => (-94.709, 0.025),
            Self::Iwaeu => (-94.346, 0.025),
        }
    }
}
