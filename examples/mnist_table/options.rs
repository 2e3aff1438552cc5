//! What the command line asks for.

use crate::{
    common::{
        DeviceOption, Earlier, at_least, images::DataOptions, positive, products::ProductsName,
    },
    method::Method,
};
use clap::{Parser, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;

/// Trains IWAE, IWAEU_rec and IWAEU on MNIST and prints their test log-likelihoods beside the
/// published ones. Of other data in MNIST's files it prints them alone.
#[derive(Parser, Debug)]
#[command(name = "mnist_table", allow_negative_numbers = true)]
pub struct Arguments {
    /// Where the settings below start from
    #[arg(long, value_enum, default_value_t = Preset::First)]
    pub preset: Preset,
    /// Which methods to train
    #[arg(long, value_enum, value_delimiter = ',')]
    pub methods: Option<Vec<Method>>,
    /// One run of each method for each seed
    #[arg(long, value_delimiter = ',')]
    pub seeds: Option<Vec<u64>>,
    /// How often each training image is visited
    #[arg(long, value_parser = at_least(1))]
    pub epochs: Option<usize>,
    /// Images in a training step
    #[arg(long, value_parser = at_least(1))]
    pub batch_size: Option<usize>,
    /// Importance samples in training
    #[arg(long, value_parser = at_least(1))]
    pub k: Option<usize>,
    /// Widths of the encoder's hidden layers; the decoder mirrors them
    #[arg(long, value_delimiter = ',', value_parser = at_least(1))]
    pub hidden: Option<Vec<usize>>,
    /// Latent variables
    #[arg(long, value_parser = at_least(1))]
    pub latent: Option<usize>,
    /// Adam's learning rate; that of the first stage under the Burda schedule
    #[arg(long, value_parser = positive)]
    pub learning_rate: Option<f64>,
    /// How the learning rate changes: not at all, or in Burda's stages of 3^i epochs
    #[arg(long, value_enum)]
    pub schedule: Option<ScheduleName>,
    /// Initial standard deviation of random weights
    #[arg(long, value_parser = positive)]
    pub initial_weight_std: Option<f64>,
    /// Which random weights are charged their KL / (size of the training set)
    #[arg(long, value_enum)]
    pub weight_kl: Option<WeightKlName>,
    /// Share below which a sample is left out of the backward pass at random, without bias; 0 is
    /// exact
    #[arg(long, value_parser = share)]
    pub prune: Option<f64>,
    /// How grey levels become zeros and ones
    #[arg(long, value_enum)]
    pub binarization: Option<BinarizationName>,
    /// The number type of matrix products, where the device has it
    #[arg(long, value_enum)]
    pub products: Option<ProductsName>,
    /// Importance samples for each test image
    #[arg(long, value_parser = at_least(1))]
    pub eval_samples: Option<usize>,
    /// Test images, strided over the test set
    #[arg(long, value_parser = at_least(1))]
    pub eval_images: Option<usize>,
    /// Of these, how many are visited once more with weights at their mean, and without inactive
    /// units
    #[arg(long, value_parser = at_least(1))]
    pub eval_further: Option<usize>,
    /// Training images for the gap between training and test
    #[arg(long)]
    pub eval_train: Option<usize>,
    /// The folder of an earlier run, whose models are evaluated instead of training, with the
    /// settings they were trained with
    #[arg(long)]
    pub model: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataOptions,
    #[command(flatten)]
    pub device: DeviceOption,
    /// The folder for results; by default the first of runs/mnist_table, runs/mnist_table-2, ...
    /// that does not exist, with --resume the last that holds a run
    #[arg(long)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub earlier: Earlier,
}

/// Takes a number between 0 and 1.
fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("give a number between 0 and 1".into()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Preset {
    /// A first table in a minute on two fast cores: two epochs, which leave every method far
    /// from where it ends
    First,
    /// Within 20 minutes on two fast cores: few epochs, few test images, fewer importance samples
    Quick,
    /// The protocol as far as the talk states it, 3 seeds, the whole test set: 4 to 8 hours on
    /// two fast cores
    Paper,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleName {
    Constant,
    Burda,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightKlName {
    /// The talk's objective
    None,
    /// The decoder's weights
    Decoder,
    /// All random weights
    Dataset,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BinarizationName {
    /// Drawn anew at each visit
    Dynamic,
    /// Drawn once
    Fixed,
}
