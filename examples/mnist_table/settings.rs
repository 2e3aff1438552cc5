//! The presets, and what the options make of them.

use crate::{
    common::{products::ProductsName, words},
    method::Method,
    options::{Arguments, BinarizationName, Preset, ScheduleName, WeightKlName},
};
use burn_bayes::{Error, prelude::*};
use serde::Serialize;
use serde_json::{Value, json};

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

/// A setting in which two differ, as its option and its values.
pub struct Difference {
    pub option: String,
    pub here: String,
    pub there: String,
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
            Preset::First => Self {
                epochs: 2,
                eval_samples: 200,
                eval_images: 500,
                eval_further: 100,
                eval_train: 100,
                ..Self::preset(Preset::Quick)
            },
        }
    }

    /// The preset with the given options put in.
    pub fn new(arguments: &Arguments) -> Result<Self, Error> {
        let settings = Self::preset(arguments.preset).with(arguments);
        settings.check_repeats()?;
        Ok(settings)
    }

    /// The same with the given options put in.
    pub fn with(mut self, arguments: &Arguments) -> Self {
        macro_rules! put {
            ($($name:ident),*) => {$(
                if let Some(value) = arguments.$name.clone() {
                    self.$name = value;
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
        self
    }

    fn check_repeats(&self) -> Result<(), Error> {
        let (methods, seeds) = (&self.methods, &self.seeds);
        let repeated = [
            (
                "--methods",
                (1..methods.len()).any(|i| methods[..i].contains(&methods[i])),
            ),
            (
                "--seeds",
                (1..seeds.len()).any(|i| seeds[..i].contains(&seeds[i])),
            ),
        ];
        match repeated.into_iter().find(|(_, repeated)| *repeated) {
            None => Ok(()),
            Some((name, _)) => Err(Error::Setting {
                name: name.into(),
                problem: "names one twice".into(),
                cure: "give each once".into(),
            }),
        }
    }

    /// What is trained or evaluated, in this order.
    pub fn runs(&self) -> impl Iterator<Item = (Method, u64)> {
        let methods = move |&seed: &u64| self.methods.iter().map(move |&method| (method, seed));
        self.seeds.iter().flat_map(methods)
    }

    /// In what these settings differ from others; what those others lack is not compared.
    pub fn differences(&self, others: &Value, leave_out: &[&str]) -> Vec<Difference> {
        let settings = json!(self);
        let compared = settings.as_object().into_iter().flatten();
        let compared = compared.filter(|(name, _)| !leave_out.contains(&name.as_str()));
        let differences = compared.filter_map(|(name, here)| {
            let there = others.get(name)?;
            (here != there).then(|| Difference {
                option: words::option(name),
                here: words::value(here),
                there: words::value(there),
            })
        });
        differences.collect()
    }

    /// How these settings differ from what the talk states or its protocol asks for.
    pub fn differences_from_paper(&self) -> Vec<Difference> {
        let paper = json!(Self::preset(Preset::Paper));
        self.differences(&paper, &["methods", "eval_further", "eval_train"])
    }
}
