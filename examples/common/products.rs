//! `--products` of the examples.

use burn_bayes::prelude::Products;
use clap::ValueEnum;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductsName {
    /// That of the device
    Full,
    F16,
    Bf16,
}

impl ProductsName {
    pub fn products(self) -> Products {
        match self {
            Self::Full => Products::Full,
            Self::F16 => Products::F16,
            Self::Bf16 => Products::Bf16,
        }
    }
}
