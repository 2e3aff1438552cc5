//! Models of an earlier run, which are evaluated instead of training.

use crate::{
    common::{
        files::{file_error, read_json, remove, replace, same},
        load,
        products::ProductsName,
    },
    data::Data,
    method::Method,
    options::{Arguments, BinarizationName, ScheduleName, WeightKlName},
    results::EarlierResults,
    run_folder,
    settings::Settings,
};
use burn_bayes::{Error, Result, prelude::*, train::Backward};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// How a model was trained, beside it.
const TRAINING: &str = "training.json";

/// The models of an earlier run.
pub struct GivenRun {
    folder: PathBuf,
    models: Vec<Given>,
}

/// One of them, and how it came about.
pub struct Given {
    pub method: Method,
    pub seed: u64,
    /// The folder of its run.
    pub dir: PathBuf,
    pub config: VaeConfig,
    pub model: Vae,
    pub training: TrainingConfig,
    schedule: (ScheduleName, f64),
    /// How long training took, if it is known.
    pub seconds: Option<f64>,
    /// What the library wrote of its training.
    record: Value,
}

impl GivenRun {
    /// All models that are asked for, so that what is wrong with one is told before anything is
    /// done.
    pub fn read(folder: &Path, asked: &Settings, data: &Data, device: &Device) -> Result<Self> {
        let earlier = EarlierResults::read(folder)?;
        let mut run = Self {
            folder: folder.into(),
            models: Vec::new(),
        };
        for (method, seed) in asked.runs() {
            let seconds = earlier.train_seconds(method, seed);
            let given = run.read_one(method, seed, data, device)?;
            run.models.push(Given { seconds, ..given });
        }
        Ok(run)
    }

    fn read_one(&self, method: Method, seed: u64, data: &Data, device: &Device) -> Result<Given> {
        let dir = run_folder(&self.folder, method, seed);
        let place = dir.join("model");
        let name = method.name();
        if !place.exists() {
            let problem = format!("has no model of {name} with seed {seed}");
            return Err(self.wrong(problem, "give --methods and --seeds of models that it has"));
        }
        let (config, model) = load(&place, data.train.num_features(), device)?;
        if config.uncertainty != method.uncertainty() {
            let problem = format!("has another model than {name} in `{}`", place.display());
            return Err(self.wrong(problem, "put back the one that was trained there"));
        }
        let record = [place.join(TRAINING), dir.join(TRAINING)];
        let record = record.iter().find_map(|path| read_json(path));
        let record = record.unwrap_or_default();
        let Ok(training) = serde_json::from_value::<TrainingConfig>(record.clone()) else {
            let problem = format!(
                "does not say in `{}` how {name} with seed {seed} was trained",
                dir.join(TRAINING).display()
            );
            return Err(self.wrong(problem, "put the file back, or give another run"));
        };
        let schedule = match training.schedule {
            Schedule::Constant { learning_rate } => (ScheduleName::Constant, learning_rate),
            Schedule::Burda { learning_rate } => (ScheduleName::Burda, learning_rate),
            _ => {
                let problem = format!("trained {name} with a schedule of its own");
                return Err(self.wrong(problem, "give a run of this program"));
            }
        };
        Ok(Given {
            schedule,
            method,
            seed,
            dir,
            config,
            model,
            training,
            seconds: None,
            record,
        })
    }

    fn wrong(&self, problem: String, cure: &str) -> Error {
        Error::Setting {
            name: format!("--model {}", self.folder.display()),
            problem,
            cure: cure.into(),
        }
    }

    pub fn of(&self, method: Method, seed: u64) -> Option<&Given> {
        let mut models = self.models.iter();
        models.find(|given| (given.method, given.seed) == (method, seed))
    }

    /// The settings that the models were trained with, and those of the evaluation that are asked
    /// for. Refuses options that say something else of training, and models that are not of one
    /// kind.
    pub fn settings(&self, asked: &Settings, arguments: &Arguments) -> Result<Settings> {
        let weight_kl = self.weight_kl(arguments)?;
        let mut all = self.models.iter().map(|given| given.settings(asked));
        let first = all.next().unwrap_or_else(|| asked.clone());
        let first = Settings { weight_kl, ..first };
        for other in all {
            let other = Settings { weight_kl, ..other };
            if let Some(difference) = other.differences(&json!(first), &[]).into_iter().next() {
                let problem = format!(
                    "has models of {} {} and {}",
                    difference.option, difference.there, difference.here
                );
                return Err(self.wrong(problem, "give --methods or --seeds of one kind"));
            }
        }
        let with_options = first.clone().with(arguments);
        let differences = with_options.differences(&json!(first), &[]);
        match differences.into_iter().next() {
            None => Ok(first),
            Some(difference) => Err(Error::Setting {
                name: difference.option,
                problem: format!(
                    "is {}, but the models of `{}` were trained with {}",
                    difference.here,
                    self.folder.display(),
                    difference.there
                ),
                cure: "leave it out".into(),
            }),
        }
    }

    /// Which weights were charged: what was is seen of those methods that have them.
    fn weight_kl(&self, arguments: &Arguments) -> Result<WeightKlName> {
        let names = WeightKlName::value_variants().iter().copied();
        let mut names = arguments.weight_kl.into_iter().chain(names);
        let fits = |given: &Given, name| {
            given.method.charged(name) == given.training.objective.charged_weights
        };
        let name = names.find(|&name| self.models.iter().all(|given| fits(given, name)));
        name.ok_or_else(|| {
            let problem = "has models that were charged for other weights".into();
            self.wrong(problem, "give --methods of one kind")
        })
    }

    /// What the models were trained on, if these are other data.
    pub fn other_data(&self, data: &Data) -> Result<Option<String>> {
        let there: Vec<_> = self.models.iter().filter_map(Given::trained_on).collect();
        if there.is_empty() {
            return Ok(None); // an older version did not write it
        }
        let here = data.train.fingerprint()?;
        let mut there = there.into_iter();
        let other = there.find(|[_, fingerprint]| !fingerprint.starts_with(&here));
        Ok(other.map(|[name, fingerprint]| format!("{name}, {fingerprint}")))
    }
}

impl Given {
    /// What the library wrote of the data that it was trained on: their name and fingerprint.
    fn trained_on(&self) -> Option<[&str; 2]> {
        let data = self.record.pointer("/inputs/train")?;
        Some([data["name"].as_str()?, data["fingerprint"].as_str()?])
    }

    fn settings(&self, asked: &Settings) -> Settings {
        let Self {
            config, training, ..
        } = self;
        let (schedule, learning_rate) = self.schedule;
        let products = ProductsName::value_variants().iter().copied();
        let products = { products }.find(|name| name.products() == config.products);
        Settings {
            epochs: training.epochs,
            batch_size: training.batch_size,
            k: training.objective.num_samples,
            hidden: config.hidden.clone(),
            latent: config.d_latent,
            learning_rate,
            schedule,
            initial_weight_std: config.initial_weight_std,
            prune: match training.objective.backward {
                Backward::Joint => 0.0,
                Backward::Replayed { threshold, .. } => threshold,
                // There is no option for it: as near as one comes.
                Backward::OneSample { .. } => 1.0,
                _ => 0.0,
            },
            binarization: match self.trained_on() {
                Some([_, fingerprint]) if fingerprint.contains("binarized once") => {
                    BinarizationName::Fixed
                }
                _ => BinarizationName::Dynamic,
            },
            products: products.unwrap_or(asked.products),
            ..asked.clone()
        }
    }

    /// Puts the model, how it was trained and its learning curve into the folder of another run,
    /// unless it is there.
    pub fn keep(&self, dir: &Path) -> Result<()> {
        if same(&self.dir, dir) {
            return Ok(());
        }
        let place = dir.join("model");
        self.model.save(&self.config, &place)?;
        replace(&place.join(TRAINING), &format!("{:#}\n", self.record))?;
        let (from, to) = (self.dir.join("curve.csv"), dir.join("curve.csv"));
        match fs::copy(&from, &to) {
            // A model can be told without it.
            Err(error) if error.kind() == ErrorKind::NotFound => remove(&to),
            copied => copied.map(|_| ()).map_err(file_error("copy", &from)),
        }
    }
}
