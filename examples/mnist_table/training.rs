//! The model of a method and a seed: trained, trained further, or that of an earlier run.

use crate::{
    Task,
    common::{
        INITIAL_WEIGHTS,
        begun::Begun,
        files::{file_error, remove, replace},
    },
    options::{BinarizationName, ScheduleName},
};
use burn_bayes::{Error, Result, prelude::*, train::Backward};
use std::{fs, path::Path, time::Instant};

/// A model to be evaluated.
pub struct Ready {
    pub config: VaeConfig,
    pub training: TrainingConfig,
    pub model: Vae,
    /// How long its training took, if it is known.
    pub seconds: Option<f64>,
    /// Whether any of that was now.
    pub trained_now: bool,
}

impl Task<'_> {
    pub fn model(&self) -> Result<Ready> {
        match self.given {
            None => self.train(),
            Some(given) => Ok(Ready {
                config: given.config.clone(),
                training: given.training.clone(),
                model: given.model.clone(),
                seconds: given.seconds,
                trained_now: false,
            }),
        }
    }

    fn train(&self) -> Result<Ready> {
        let (dir, epochs) = (&self.dir, self.settings.epochs);
        let binarized = |data: &Datapoints| data.clone().binarized(self.binarization());
        let (train, valid) = (binarized(&self.data.train), binarized(&self.data.valid));
        let start = Instant::now();
        let (config, training, place) = (self.config(), self.training(), dir.join("model"));
        let begun = Begun {
            model: &config,
            training: &training,
            data: (train.fingerprint()?, "--data-dir"),
            saved: &place,
        };
        let (mut run, done) = self.arguments.earlier.run(dir, &begun)?;
        println!("\n{}", self.headline(done));

        let mean = TensorData::new(self.data.train.mean(), [self.data.train.num_features()]);
        let mut noise = Noise::seeded(self.seed).fork(INITIAL_WEIGHTS);
        let model = config
            .init(self.device, &mut noise)
            .with_data_mean(Tensor::from_data(mean, self.device));
        let trained_now = done < epochs;
        if !trained_now {
            run = run.with_progress(Progress::Silent); // no dashboard for a checkpoint that is read
        }
        let trained = training.fit(model, &train, Some(&valid), run)?;
        if trained_now {
            // What there is of an evaluation belongs to the model before.
            remove(&dir.join("evaluation.json"))?;
        }
        if trained.interrupted {
            let stopped = format!(
                "{} with seed {} was stopped before its last epoch; --resume goes on with it",
                self.method.name(),
                self.seed
            );
            return Err(Error::Training(stopped));
        }
        trained.model.save(&config, &place)?;
        tell_training(dir, &place)?;
        let earlier = trained.curve.iter().filter(|epoch| epoch.epoch <= done);
        let earlier: f64 = earlier.map(|epoch| epoch.seconds).sum();
        Ok(Ready {
            config,
            training,
            model: trained.model,
            seconds: Some(earlier + start.elapsed().as_secs_f64()),
            trained_now,
        })
    }

    fn headline(&self, done: usize) -> String {
        let of = format!("{} (seed {}): training", self.method.name(), self.seed);
        match done {
            0 => of,
            _ => format!("{of}, {done} of {} epochs are done", self.settings.epochs),
        }
    }

    fn config(&self) -> VaeConfig {
        let settings = self.settings;
        VaeConfig::new(self.data.train.num_features(), settings.latent)
            .with_hidden(settings.hidden.clone())
            .with_uncertainty(self.method.uncertainty())
            .with_initial_weight_std(settings.initial_weight_std)
            .with_products(settings.products.products())
    }

    fn binarization(&self) -> Binarization {
        match self.settings.binarization {
            BinarizationName::Dynamic => Binarization::Dynamic,
            BinarizationName::Fixed => Binarization::Fixed { seed: self.seed },
        }
    }

    fn training(&self) -> TrainingConfig {
        let (settings, seed) = (self.settings, self.seed);
        let learning_rate = settings.learning_rate;
        let backward = match settings.prune {
            0.0 => Backward::Joint,
            threshold => Backward::Replayed {
                samples_per_chunk: settings.k,
                threshold,
            },
        };
        let charged = self.method.charged(settings.weight_kl);
        let objective = Objective::iwaeu(settings.k, charged).with_backward(backward);
        TrainingConfig::new(objective)
            .with_seed(seed)
            .with_epochs(settings.epochs)
            .with_batch_size(settings.batch_size)
            .with_schedule(match settings.schedule {
                ScheduleName::Constant => Schedule::Constant { learning_rate },
                ScheduleName::Burda => Schedule::Burda { learning_rate },
            })
    }
}

/// Puts beside a model how it was trained: what its training's folder says changes when training
/// goes on.
fn tell_training(dir: &Path, place: &Path) -> Result<()> {
    let path = dir.join("training.json");
    let text = fs::read_to_string(&path).map_err(file_error("read", &path))?;
    replace(&place.join("training.json"), &text)
}
