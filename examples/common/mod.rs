//! What the examples that draw pictures share: their options, and a model that is trained or loaded.

#![allow(dead_code, reason = "each example uses a part")]

mod device;
pub mod earlier;
pub mod images;
pub mod output;
pub mod products;

use burn_bayes::{Error, Result, default_device_name, device_by_name, prelude::*, train::Progress};
pub use device::device_name;
use earlier::Earlier;
pub use output::Output;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Streams of the seed; training has the small numbers.
const INITIAL_WEIGHTS: u64 = 100;
/// The test set is binarized once, alike in all examples.
pub const TEST_BINARIZATION: Binarization = Binarization::Fixed { seed: 123 };

#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// A folder with a trained model (model.json and weights.bpk), to use instead of training; once for each model
    #[arg(long)]
    pub model: Vec<PathBuf>,
    /// How often each training image is visited
    #[arg(long)]
    pub epochs: Option<usize>,
    /// The seed of everything
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The folder with the data
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/mnist"))]
    pub data_dir: PathBuf,
    /// The folder for pictures and models; by default the first of runs/NAME, runs/NAME-2, ... that does not exist,
    /// with --resume the last that does
    #[arg(long)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub earlier: Earlier,
    /// The device: flex (the CPU), wgpu, cuda:1, ...; `list` shows what there is. BURN_DEVICE sets the default
    #[arg(long, default_value_t = default_device_name(), value_parser = device_name)]
    pub device: String,
}

/// Runs an example and prints what went wrong.
pub fn exit_code(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
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
        }
    }
}

impl Common {
    pub fn device(&self) -> Result<Device> {
        device_by_name(&self.device)
    }

    pub fn noise(&self) -> Noise {
        Noise::seeded(self.seed)
    }

    pub fn check_models(&self, most: usize) -> Result<()> {
        if self.model.len() <= most {
            return Ok(());
        }
        Err(Error::Setting {
            name: "--model".into(),
            problem: format!("is given {} times", self.model.len()),
            cure: format!("give it at most {most} times"),
        })
    }

    /// The model of `--model` number `index` if there is one, else one that is trained and saved.
    pub fn model(
        &self,
        index: usize,
        recipe: &Recipe,
        train: &Datapoints,
        output: &mut Output,
    ) -> Result<(VaeConfig, Vae)> {
        let device = self.device()?;
        if let Some(dir) = self.model.get(index) {
            return load(dir, train.num_features(), &device);
        }
        let Recipe { name, config, .. } = recipe;
        let epochs = self.epochs.unwrap_or(recipe.epochs);
        println!(
            "training {name}: {} - {:?} - {}, uncertainty {:?}, {:?} with k = {}, {epochs} epochs of {} rows",
            config.d_data,
            config.hidden,
            config.d_latent,
            config.uncertainty,
            recipe.objective.bound,
            recipe.objective.num_samples,
            train.len(),
        );
        let mean = TensorData::new(train.mean(), [train.num_features()]);
        let model = config
            .init(&device, &mut self.noise().fork(INITIAL_WEIGHTS))
            .with_data_mean(Tensor::from_data(mean, &device));
        let model = (recipe.prepare)(model);
        let dir = output.dir.join(name);
        let training = TrainingConfig::new(recipe.objective.clone(), recipe.binarization)
            .with_seed(self.seed)
            .with_epochs(epochs)
            .with_batch_size(recipe.batch_size);
        training.validate()?;
        let (run, done) = self.earlier.run(&dir.join("training"), config)?;
        if done > 0 {
            println!("  {done} of {epochs} epochs are done");
        }
        let trained = training.fit(model, train, None, run.with_progress(Progress::Lines))?;
        if let (Some(last), false) = (trained.curve.last(), trained.interrupted) {
            println!("  bound over the last epoch: {:.2} nats", last.train.bound);
        }
        trained.model.save(config, &dir)?;
        output.add(dir);
        Ok((config.clone(), trained.model))
    }
}

/// A saved model of such data.
pub fn load(dir: &Path, num_features: usize, device: &Device) -> Result<(VaeConfig, Vae)> {
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

/// The numbers of a tensor, row-major.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The points that have the same share of N(0, 1) between them: Φ⁻¹((i + ½)/n).
pub fn normal_quantiles(n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| normal_quantile((i as f64 + 0.5) / n as f64))
        .collect()
}

/// Φ⁻¹(p) by bisection of the integral of the density from 0, which Simpson's rule gives to 10⁻⁹ here.
fn normal_quantile(p: f64) -> f64 {
    let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    let integral = |to: f64| {
        let step = to / 200.0;
        let inner: f64 = (1..200)
            .map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * density(f64::from(i) * step))
            .sum();
        0.5 + step / 3.0 * (density(0.0) + inner + density(to))
    };
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if integral(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
