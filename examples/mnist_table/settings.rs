//! The presets, and what the options make of them.

use crate::{
    common::products::ProductsName,
    method::Method,
    options::{Arguments, BinarizationName, Preset, ScheduleName, WeightKlName},
};
use burn_bayes::{Error, prelude::*};
use serde::Serialize;

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
