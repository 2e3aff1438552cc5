//! The model of a method and a seed: trained, trained further, or that of an earlier run.

use crate::{
    Task,
    common::{self, output::file_error},
    options::{BinarizationName, ScheduleName},
    run_folder,
};
use burn_bayes::{
    Error, Result,
    prelude::*,
    train::{Backward, Progress},
};
use std::{fs, path::Path, time::Instant};

/// Stream of a run's seed; training has the small numbers.
const INITIAL_WEIGHTS: u64 = 100;

/// A model to be evaluated.
pub struct Ready {
    pub config: VaeConfig,
    pub model: Vae,
    /// How long its training took.
    pub seconds: f64,
    /// Whether any of that was now.
    pub trained_now: bool,
}

impl Task<'_> {
    pub fn model(&self) -> Result<Ready> {
        match &self.arguments.model {
            Some(earlier) => self.take_over(&run_folder(earlier, self.method, self.seed)),
            None => self.train(),
        }
    }

    /// The model and the learning curve of an earlier run.
    fn take_over(&self, earlier: &Path) -> Result<Ready> {
        let (start, dir) = (Instant::now(), &self.dir);
        println!();
        let num_features = self.data.train.num_features();
        let (config, model) = common::load(&earlier.join("model"), num_features, self.device)?;
        model.save(&config, dir.join("model"))?;
        let (from, to) = (earlier.join("curve.csv"), dir.join("curve.csv"));
        // A copy onto itself, however its path is written, would empty it.
        let same = matches!((from.canonicalize(), to.canonicalize()), (Ok(a), Ok(b)) if a == b);
        if !same {
            fs::copy(&from, to).map_err(file_error("copy", &from))?;
        }
        Ok(Ready {
            config,
            model,
            seconds: start.elapsed().as_secs_f64(),
            trained_now: false,
        })
    }

    fn train(&self) -> Result<Ready> {
        let (train, dir, epochs) = (&self.data.train, &self.dir, self.settings.epochs);
        let start = Instant::now();
        let (config, training) = (self.config(), self.training());
        let (mut run, done) = self.arguments.earlier.run(dir, &config)?;
        println!("\n{}", self.headline(done));

        let mean = TensorData::new(train.mean(), [train.num_features()]);
        let mut noise = Noise::seeded(self.seed).fork(INITIAL_WEIGHTS);
        let model = config
            .init(self.device, &mut noise)
            .with_data_mean(Tensor::from_data(mean, self.device));
        let trained_now = done < epochs;
        if !trained_now {
            run = run.with_progress(Progress::Silent); // no dashboard for a checkpoint that is read
        }
        let trained = training.fit(model, train, Some(&self.data.valid), run)?;
        if trained_now {
            // What there is of an evaluation belongs to the model before.
            let _ = fs::remove_file(dir.join("evaluation.json"));
        }
        if trained.interrupted {
            let stopped = format!(
                "{} with seed {} was stopped before its last epoch; --resume goes on with it",
                self.method.name(),
                self.seed
            );
            return Err(Error::Training(stopped));
        }
        trained.model.save(&config, dir.join("model"))?;
        let earlier = trained.curve.iter().filter(|epoch| epoch.epoch <= done);
        let earlier: f64 = earlier.map(|epoch| epoch.seconds).sum();
        Ok(Ready {
            config,
            model: trained.model,
            seconds: earlier + start.elapsed().as_secs_f64(),
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

    pub fn training(&self) -> TrainingConfig {
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
        TrainingConfig::new(
            Objective::iwaeu(settings.k, charged).with_backward(backward),
            match settings.binarization {
                BinarizationName::Dynamic => Binarization::Dynamic,
                BinarizationName::Fixed => Binarization::Fixed { seed },
            },
        )
        .with_seed(seed)
        .with_epochs(settings.epochs)
        .with_batch_size(settings.batch_size)
        .with_schedule(match settings.schedule {
            ScheduleName::Constant => Schedule::Constant { learning_rate },
            ScheduleName::Burda => Schedule::Burda { learning_rate },
        })
    }
}
