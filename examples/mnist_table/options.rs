//! What the command line asks for.

use crate::common::{device_name, products::ProductsName};
use burn_bayes::{Error, default_device_name, prelude::*, train::ChargedWeights};
use clap::{Parser, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;

/// Trains IWAE, IWAEU_rec and IWAEU on MNIST and prints their test log-likelihoods beside the
/// published ones.
#[derive(Parser, Debug)]
#[command(name = "mnist_table", allow_negative_numbers = true)]
pub struct Arguments {
    /// Where the settings below start from
    #[arg(long, value_enum, default_value_t = Preset::Quick)]
    preset: Preset,
    /// Which methods to train
    #[arg(long, value_enum, value_delimiter = ',')]
    methods: Option<Vec<Method>>,
    /// One run of each method for each seed
    #[arg(long, value_delimiter = ',')]
    seeds: Option<Vec<u64>>,
    /// How often each training image is visited
    #[arg(long)]
    epochs: Option<usize>,
    /// Images in a training step
    #[arg(long)]
    batch_size: Option<usize>,
    /// Importance samples in training
    #[arg(long)]
    k: Option<usize>,
    /// Widths of the encoder's hidden layers; the decoder mirrors them
    #[arg(long, value_delimiter = ',')]
    hidden: Option<Vec<usize>>,
    /// Latent variables
    #[arg(long)]
    latent: Option<usize>,
    /// Adam's learning rate; that of the first stage under the Burda schedule
    #[arg(long)]
    learning_rate: Option<f64>,
    /// How the learning rate changes: not at all, or in Burda's stages of 3^i epochs
    #[arg(long, value_enum)]
    schedule: Option<ScheduleName>,
    /// Initial standard deviation of random weights
    #[arg(long)]
    initial_weight_std: Option<f64>,
    /// Which random weights are charged their KL / (size of the training set)
    #[arg(long, value_enum)]
    weight_kl: Option<WeightKlName>,
    /// Share below which a sample is left out of the backward pass at random, without bias; 0 is exact
    #[arg(long)]
    prune: Option<f64>,
    /// How grey levels become zeros and ones
    #[arg(long, value_enum)]
    binarization: Option<BinarizationName>,
    /// The number type of matrix products, where the device has it
    #[arg(long, value_enum)]
    products: Option<ProductsName>,
    /// Importance samples for each test image
    #[arg(long)]
    eval_samples: Option<usize>,
    /// Test images, strided over the test set
    #[arg(long)]
    eval_images: Option<usize>,
    /// Of these, how many are visited once more with weights at their mean, and without inactive units
    #[arg(long)]
    eval_further: Option<usize>,
    /// Training images for the gap between training and test
    #[arg(long)]
    eval_train: Option<usize>,
    /// The folder of an earlier run, whose models are evaluated instead of training; give the settings it was trained with
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// The folder with the four MNIST files
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/mnist"))]
    pub data_dir: PathBuf,
    /// Downloads what is missing in the data folder
    #[arg(long)]
    pub download: bool,
    /// The device: flex (the CPU), wgpu, cuda:1, ...; `list` shows what there is. BURN_DEVICE sets the default
    #[arg(long, default_value_t = default_device_name(), value_parser = device_name)]
    pub device: String,
    /// The folder for results; by default the first of runs/mnist_table, runs/mnist_table-2, ... that
    /// does not exist
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Replaces results that are already in the folder
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Preset {
    /// Within 20 minutes on two fast cores: few epochs, few test images, fewer importance samples
    Quick,
    /// The protocol as far as the talk states it, 3 seeds, the whole test set: some 5 hours on two fast cores
    Paper,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
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

/// Everything that decides the numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    pub methods: Vec<Method>,
    pub seeds: Vec<u64>,
    pub epochs: usize,
    pub batch_size: usize,
    pub k: usize,
    pub hidden: Vec<usize>,
    pub latent: usize,
    pub learning_rate: f64,
    pub schedule: ScheduleName,
    pub initial_weight_std: f64,
    pub weight_kl: WeightKlName,
    pub prune: f64,
    pub binarization: BinarizationName,
    pub products: ProductsName,
    pub eval_samples: usize,
    pub eval_images: usize,
    pub eval_further: usize,
    pub eval_train: usize,
}

impl Settings {
    fn preset(preset: Preset) -> Self {
        let paper = Self {
            methods: vec![Method::Iwae, Method::IwaeuRec, Method::Iwaeu],
            seeds: vec![1, 2, 3],
            epochs: 121,
            batch_size: 100,
            k: 25,
            hidden: vec![400],
            latent: 40,
            learning_rate: 1e-3,
            schedule: ScheduleName::Burda,
            initial_weight_std: VaeConfig::new(1, 1).initial_weight_std,
            weight_kl: WeightKlName::None,
            prune: 0.0,
            binarization: BinarizationName::Dynamic,
            products: ProductsName::Full,
            eval_samples: 5000,
            eval_images: 10_000,
            eval_further: 1000,
            eval_train: 1000,
        };
        match preset {
            Preset::Paper => paper,
            Preset::Quick => Self {
                seeds: vec![1],
                epochs: 30,
                schedule: ScheduleName::Constant,
                prune: 0.1,
                eval_samples: 1000,
                eval_images: 1000,
                eval_further: 200,
                eval_train: 200,
                ..paper
            },
        }
    }

    /// The preset with the given options put in.
    pub fn new(arguments: &Arguments) -> Result<Self, Error> {
        let mut settings = Self::preset(arguments.preset);
        macro_rules! put {
            ($($name:ident),*) => {$(
                if let Some(value) = arguments.$name.clone() {
                    settings.$name = value;
                }
            )*};
        }
        put!(
            methods,
            seeds,
            epochs,
            batch_size,
            k,
            hidden,
            latent,
            learning_rate,
            schedule
        );
        put!(
            initial_weight_std,
            weight_kl,
            prune,
            binarization,
            products,
            eval_samples,
            eval_images,
            eval_further,
            eval_train
        );
        settings.validate()?;
        Ok(settings)
    }

    fn validate(&self) -> Result<(), Error> {
        let wrong = |name: &str, problem: String| Error::Setting {
            name: format!("--{name}"),
            problem,
            cure: "see --help".into(),
        };
        for (name, value) in [
            ("epochs", self.epochs),
            ("batch-size", self.batch_size),
            ("k", self.k),
            ("latent", self.latent),
            ("eval-samples", self.eval_samples),
            ("eval-images", self.eval_images),
            ("eval-further", self.eval_further),
            ("methods", self.methods.len()),
            ("seeds", self.seeds.len()),
        ] {
            if value == 0 {
                return Err(wrong(name, "must be at least 1, it is 0".into()));
            }
        }
        if self.hidden.contains(&0) {
            return Err(wrong("hidden", "has a layer of width 0".into()));
        }
        for (name, value) in [
            ("learning-rate", self.learning_rate),
            ("initial-weight-std", self.initial_weight_std),
        ] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(wrong(
                    name,
                    format!("must be a positive number, it is {value}"),
                ));
            }
        }
        if !(0.0..=1.0).contains(&self.prune) {
            let problem = format!("must be between 0 and 1, it is {}", self.prune);
            return Err(wrong("prune", problem));
        }
        for (name, repeated) in [
            (
                "methods",
                (1..self.methods.len()).any(|i| self.methods[..i].contains(&self.methods[i])),
            ),
            (
                "seeds",
                (1..self.seeds.len()).any(|i| self.seeds[..i].contains(&self.seeds[i])),
            ),
        ] {
            if repeated {
                return Err(wrong(name, "names one twice".into()));
            }
        }
        Ok(())
    }

    /// How these settings differ from what the talk states or its protocol asks for.
    pub fn differences_from_paper(&self) -> Vec<String> {
        let paper = Self::preset(Preset::Paper);
        let mut differences = Vec::new();
        macro_rules! compare {
            ($($name:ident: $text:literal),*) => {$(
                let (ours, theirs) = (format!("{:?}", self.$name), format!("{:?}", paper.$name));
                if ours != theirs {
                    differences.push(format!(concat!($text, " {}, not {}"), ours, theirs));
                }
            )*};
        }
        compare!(
            epochs: "epochs:", seeds: "seeds:", batch_size: "batch size:", k: "k:", hidden: "hidden layers:",
            latent: "latent variables:", learning_rate: "learning rate:", schedule: "schedule:",
            initial_weight_std: "initial standard deviation of weights:", weight_kl: "weight KL:",
            prune: "pruning threshold:", binarization: "binarization:", products: "products:", eval_samples: "importance samples at test:",
            eval_images: "test images:"
        );
        differences
    }
}
