//! A model to look at: one that is given, or one that is trained.

use super::{Common, INITIAL_WEIGHTS, Output, begun::Begun, output::TRAINING, words};
use burn_bayes::{Error, Result, prelude::*};
use std::path::{Path, PathBuf};

const WEIGHTS: &str = "weights.bpk";

/// A model, and what it is called.
pub struct NamedModel {
    pub name: String,
    pub config: VaeConfig,
    pub model: Vae,
}

/// A model to be trained, if none is given.
pub struct Recipe {
    pub name: &'static str,
    pub config: VaeConfig,
    pub objective: Objective,
    pub binarization: Binarization,
    pub epochs: usize,
    pub batch_size: usize,
    /// What is changed in a new model.
    pub prepare: fn(Vae) -> Vae,
    /// The option that decides how many rows there are to train on.
    pub rows_option: &'static str,
}

impl Recipe {
    /// For binary images.
    pub fn new(name: &'static str, config: VaeConfig, objective: Objective, epochs: usize) -> Self {
        Self {
            name,
            config,
            objective,
            binarization: Binarization::Dynamic,
            epochs,
            batch_size: 100,
            prepare: |model| model,
            rows_option: "--data-dir",
        }
    }
}

impl Common {
    /// The models of `--model`; none if they are to be trained.
    pub fn given(&self, most: usize, num_features: usize) -> Result<Vec<NamedModel>> {
        if self.model.len() > most {
            return Err(Error::Setting {
                name: "--model".into(),
                problem: format!("is given {} times", self.model.len()),
                cure: format!("give it at most {most} times"),
            });
        }
        let device = self.device.open()?;
        let load = |dir: &PathBuf| -> Result<NamedModel> {
            let (config, model) = load(dir, num_features, &device)?;
            Ok(NamedModel {
                name: words::end_of_path(dir, 2),
                config,
                model,
            })
        };
        self.model.iter().map(load).collect()
    }

    /// The model of `--model`, if there is one.
    pub fn given_one(&self, num_features: usize) -> Result<Option<NamedModel>> {
        Ok(self.given(1, num_features)?.pop())
    }

    /// A model that is trained, or goes on where it was stopped, and is saved.
    pub fn train(
        &self,
        recipe: &Recipe,
        train: &Datapoints,
        output: &mut Output,
    ) -> Result<NamedModel> {
        let device = self.device.open()?;
        let Recipe { name, config, .. } = recipe;
        let epochs = self.epochs.unwrap_or(recipe.epochs);
        println!(
            "training {name}: {}, {epochs} epochs of {} rows",
            words::training(config, &recipe.objective),
            train.len(),
        );
        let mean = TensorData::new(train.mean(), [train.num_features()]);
        let model = config
            .init(&device, &mut self.noise().fork(INITIAL_WEIGHTS))
            .with_data_mean(Tensor::from_data(mean, &device));
        let model = (recipe.prepare)(model);
        let train = train.clone().binarized(recipe.binarization);
        let dir = output.dir().join(name);
        let training = TrainingConfig::new(recipe.objective.clone())
            .with_seed(self.seed)
            .with_epochs(epochs)
            .with_batch_size(recipe.batch_size);
        training.validate()?;
        let begun = Begun {
            model: config,
            training: &training,
            data: (train.fingerprint()?, recipe.rows_option),
            saved: &dir,
        };
        let (run, done) = self.earlier.run(&dir.join(TRAINING), &begun)?;
        if done > 0 {
            println!("  {done} of {epochs} epochs are done");
        }
        let trained = training.fit(model, &train, None, run.with_progress(Progress::Lines))?;
        if let (Some(last), false) = (trained.curve.last(), trained.interrupted) {
            println!("  bound over the last epoch: {:.2} nats", last.train.bound);
        }
        trained.model.save(config, &dir)?;
        output.add(dir);
        Ok(NamedModel {
            name: (*name).into(),
            config: config.clone(),
            model: trained.model,
        })
    }
}

/// A saved model of such data.
pub fn load(dir: &Path, num_features: usize, device: &Device) -> Result<(VaeConfig, Vae)> {
    let inside = models_in(dir, 2);
    if inside.first().is_some_and(|first| first != dir) {
        let inside: Vec<String> = inside.iter().map(|dir| dir.display().to_string()).collect();
        return Err(Error::Setting {
            name: format!("--model {}", dir.display()),
            problem: format!("is no model: it has no {WEIGHTS}"),
            cure: format!("give one of the models in it: {}", inside.join(", ")),
        });
    }
    let (config, model) = Vae::load(dir, device)?;
    if config.d_data != num_features {
        return Err(Error::Record {
            name: dir.display().to_string(),
            problem: format!(
                "is a model of {} features, the data have {num_features}",
                config.d_data
            ),
            cure: "give a model that was trained on such data".into(),
        });
    }
    println!("loaded {}", dir.display());
    Ok((config, model))
}

/// Folders of models: this one, or those in it.
fn models_in(dir: &Path, depth: usize) -> Vec<PathBuf> {
    if dir.join(WEIGHTS).exists() {
        return vec![dir.into()];
    }
    if depth == 0 {
        return Vec::new();
    }
    let entries = dir.read_dir().into_iter().flatten().flatten();
    let inside = entries.flat_map(|entry| models_in(&entry.path(), depth - 1));
    let mut inside: Vec<PathBuf> = inside.collect();
    inside.sort();
    inside
}

/// Refuses a model without random weights.
pub fn check_uncertain(model: &Vae) -> Result<()> {
    if !model.random_layers().is_empty() {
        return Ok(());
    }
    Err(Error::Setting {
        name: "--model".into(),
        problem: "has fixed weights".into(),
        cure: "give one that was trained with uncertainty".into(),
    })
}
