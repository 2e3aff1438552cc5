//! Times the work of a training step or of an evaluation, and prints one line of JSON.
//!
//!     cargo run --release -p burn-bayes-benches --bin benchmark -- step --method iwae
//!     cargo run --release -p burn-bayes-benches --bin benchmark -- evaluate --method iwaeu --samples 5000
//!
//! Synthetic binary data of MNIST's size; noise, forward and backward pass and Adam are in a step.
//! What `benches/peers` compares with other frameworks.

#[path = "../examples/common/device.rs"]
mod device;
#[path = "../examples/common/products.rs"]
mod products;

use burn::{module::Module, optim::GradientsParams};
use burn_bayes::{
    default_device_name, device_by_name,
    gradient::Replay,
    model::{Ladder, LadderConfig, Latents},
    prelude::*,
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use device::device_name;
use products::ProductsName;
use serde_json::{Value, json};
use std::{
    error::Error,
    io,
    time::{Duration, Instant},
};

const DATA: usize = 784;
/// Of white pixels, about that of MNIST.
const DENSITY: f64 = 0.13;
/// Latents of a ladder and the width of both hidden layers below them, from the data up.
const RUNGS: [(usize, usize); 5] = [(64, 512), (32, 256), (16, 128), (8, 64), (4, 32)];

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    work: Work,
    /// Measure again for every line of standard input, and print another line then
    #[arg(long, global = true)]
    again: bool,
}

#[derive(Subcommand)]
enum Work {
    /// Training steps: noise, forward, backward, Adam
    Step {
        #[command(flatten)]
        model: Model,
        /// Datapoints in a step
        #[arg(long, default_value_t = 100)]
        batch: usize,
        /// k, the samples of each datapoint
        #[arg(long, default_value_t = 25)]
        samples: usize,
        /// How long to measure
        #[arg(long, default_value_t = 5.0)]
        seconds: f64,
        /// The pruned backward pass with this threshold; 0 is exact, in constant memory
        #[arg(long)]
        prune: Option<f64>,
        /// Samples of a datapoint in memory at once, for a replayed backward pass; by default all
        #[arg(long)]
        chunk: Option<usize>,
    },
    /// Test log-likelihood by importance sampling
    Evaluate {
        #[command(flatten)]
        model: Model,
        /// Importance samples of each image
        #[arg(long, default_value_t = 5000)]
        samples: usize,
        /// Images to evaluate
        #[arg(long, default_value_t = 100)]
        images: usize,
        /// Samples of an image in memory at once, if not the library's default
        #[arg(long)]
        chunk: Option<usize>,
    },
}

#[derive(Args)]
struct Model {
    #[arg(long, value_enum, default_value_t = Method::Iwae)]
    method: Method,
    /// Units of the one hidden layer; not of two layers and a ladder, whose widths are fixed
    #[arg(long, default_value_t = 400)]
    hidden: usize,
    /// Latent variables; not of two layers and a ladder
    #[arg(long, default_value_t = 40)]
    latent: usize,
    /// Normalize a ladder's hidden layers over the batch
    #[arg(long)]
    batch_norm: bool,
    /// The number type of matrix products; a ladder's are full
    #[arg(long, value_enum, default_value_t = ProductsName::Full)]
    products: ProductsName,
    /// Threads of a CPU; by default all
    #[arg(long)]
    threads: Option<usize>,
    /// The device: flex (the CPU), wgpu, cuda:1, ...; `list` shows what there is. BURN_DEVICE sets
    /// the default
    #[arg(long, default_value_t = default_device_name(), value_parser = device_name)]
    device: String,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Method {
    Vae,
    Iwae,
    IwaeuRec,
    Iwaeu,
    /// 784-200-200-100-100-100-50 and back, tanh (Burda et al. 2016)
    TwoLayers,
    /// The same, all weights random
    TwoLayersU,
    /// Five stochastic layers, two hidden layers for each, leaky ReLU (Sønderby et al. 2016)
    Ladder,
}

/// A model to be measured.
enum Chosen {
    Vae(Vae),
    Ladder(Box<Ladder>),
}

impl Model {
    fn uncertainty(&self) -> Uncertainty {
        match self.method {
            Method::Vae | Method::Iwae | Method::TwoLayers | Method::Ladder => Uncertainty::None,
            Method::IwaeuRec => Uncertainty::Encoder,
            Method::Iwaeu | Method::TwoLayersU => Uncertainty::EncoderAndDecoder,
        }
    }

    /// The hidden layers below each stochastic layer and its latents, from the data up.
    fn layers(&self) -> Vec<Latents> {
        let layer = |latent, hidden: &[usize]| Latents::new(latent).with_hidden(hidden.to_vec());
        match self.method {
            Method::TwoLayers | Method::TwoLayersU => {
                vec![layer(100, &[200, 200]), layer(50, &[100, 100])]
            }
            Method::Ladder => {
                let rungs = RUNGS.iter();
                rungs
                    .map(|&(latent, hidden)| layer(latent, &[hidden, hidden]))
                    .collect()
            }
            _ => vec![layer(self.latent, &[self.hidden])],
        }
    }

    fn init(&self, device: &Device) -> Chosen {
        let mut noise = Noise::seeded(0);
        let mut layers = self.layers();
        if self.method == Method::Ladder {
            let config = LadderConfig::new(DATA, layers).with_batch_norm(self.batch_norm);
            return Chosen::Ladder(Box::new(config.init(device, &mut noise)));
        }
        let above = layers.split_off(1);
        let config = VaeConfig::new(DATA, layers[0].d_latent)
            .with_hidden(layers[0].hidden.clone())
            .with_above(above)
            .with_uncertainty(self.uncertainty())
            .with_products(self.products.products());
        Chosen::Vae(config.init(device, &mut noise))
    }

    fn describe(&self) -> Value {
        let method = self.method.to_possible_value();
        let mut report = json!({
            "program": "burn-bayes",
            "method": method.map(|value| value.get_name().to_owned()),
            "hidden": self.hidden,
            "latent": self.latent,
            "products": self.products,
            "threads": rayon::current_num_threads(),
            "device": self.device,
        });
        let layers = self.layers();
        if let [_, _, ..] = layers.as_slice() {
            let hidden: Vec<_> = layers.iter().map(|layer| &layer.hidden).collect();
            let latent: Vec<_> = layers.iter().map(|layer| layer.d_latent).collect();
            report["hidden"] = json!(hidden);
            report["latent"] = json!(latent);
        }
        if self.method == Method::Ladder {
            report["batch_norm"] = json!(self.batch_norm);
        }
        report
    }
}

fn images(count: usize, device: &Device) -> Tensor<2> {
    let numbers = Noise::seeded(1).uniform([1, count, DATA], device);
    numbers.lower_elem(DENSITY).float().squeeze_dim(0)
}

struct Training<M> {
    model: M,
    adam: burn::optim::ModuleOptimizer,
    x: Tensor<2>,
    samples: usize,
    replay: Option<Replay>,
    number: u64,
}

impl<M: LatentVariableModel + Module> Training<M> {
    fn new(model: M, x: Tensor<2>, samples: usize, replay: Option<Replay>) -> Self {
        Self {
            model,
            adam: AdamConfig::new().init(),
            x,
            samples,
            replay,
            number: 0,
        }
    }

    /// One step; the bound's mean over the batch, still on the device.
    fn step(&mut self) -> Tensor<1> {
        let mut noise = Noise::seeded(2).fork(self.number);
        self.number += 1;
        let (bound, gradients) = match &self.replay {
            None => {
                let log_weights = self
                    .model
                    .log_weights(self.x.clone(), self.samples, &mut noise);
                let bound = bound::iwae(log_weights.total()).mean();
                let gradients = (-bound.clone()).backward();
                (bound, GradientsParams::from_grads(gradients, &self.model))
            }
            Some(replay) => {
                let replayed = replay.run(&self.model, self.x.clone(), &mut noise);
                let bound = bound::iwae(replayed.log_weights.total()).mean();
                (bound, replayed.gradients)
            }
        };
        self.model = self.adam.step(1e-3, self.model.clone(), gradients);
        bound
    }
}

/// Warms up; then times steps for so many seconds, as often as it is called.
fn time_steps<M: LatentVariableModel + Module + 'static>(
    mut training: Training<M>,
    seconds: f64,
) -> Result<Measure, Box<dyn Error>> {
    let device = training.x.device();
    for _ in 0..5 {
        training.step();
    }
    device.sync()?;
    Ok(Box::new(move || {
        let mut times = Vec::new();
        let end = Instant::now() + Duration::try_from_secs_f64(seconds)?;
        let mut bound = 0.0;
        while times.len() < 5 || Instant::now() < end {
            let start = Instant::now();
            bound = training.step().into_scalar::<f32>();
            device.sync()?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        Ok(json!({
            "steps": times.len(),
            "median_ms": times[times.len() / 2],
            "lowest_ms": times[0],
            "bound": bound,
            "peak_mib": peak_mib(),
        }))
    }))
}

/// Warms up; then estimates log-likelihoods, as often as it is called.
fn time_evaluation<M: LatentVariableModel + 'static>(
    model: M,
    settings: LogLikelihoodSettings,
    count: usize,
    device: &Device,
) -> Result<Measure, Box<dyn Error>> {
    let noise = Noise::seeded(3);
    let warm_up = LogLikelihoodSettings {
        num_samples: settings.samples_per_chunk,
        ..settings.clone()
    };
    evaluate::log_likelihood(&model, images(20, device), &warm_up, &noise)?;
    let x = images(count, device);
    Ok(Box::new(move || {
        let start = Instant::now();
        let estimate = evaluate::log_likelihood(&model, x.clone(), &settings, &noise)?;
        let seconds = start.elapsed().as_secs_f64();
        Ok(json!({
            "images_per_second": count as f64 / seconds,
            "mean_log_likelihood": estimate.mean(),
            "peak_mib": peak_mib(),
        }))
    }))
}

/// The most memory that this process has had, where the system tells.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// Makes a measurement, as often as it is called.
type Measure = Box<dyn FnMut() -> Result<Value, Box<dyn Error>>>;

/// What is measured, and how; all that comes before is done.
fn prepare(work: Work) -> Result<(Value, Measure), Box<dyn Error>> {
    let (Work::Step { model, .. } | Work::Evaluate { model, .. }) = &work;
    if let Some(threads) = model.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build_global()?;
    }
    let device = device_by_name(&model.device)?;
    let mut report = model.describe();
    let measure: Measure = match work {
        Work::Step {
            model,
            batch,
            samples,
            seconds,
            prune,
            chunk,
        } => {
            let samples = if model.method == Method::Vae {
                1
            } else {
                samples
            };
            let device = device.autodiff();
            let replay = prune.map(|threshold| {
                Replay::new(samples)
                    .with_threshold(threshold)
                    .with_samples_per_chunk(chunk.unwrap_or(samples))
            });
            if let Some(replay) = &replay {
                replay.validate()?;
            }
            report["work"] = json!("step");
            report["batch"] = json!(batch);
            report["samples"] = json!(samples);
            report["prune"] = json!(prune);
            let x = images(batch, &device);
            match model.init(&device) {
                Chosen::Vae(model) => {
                    time_steps(Training::new(model, x, samples, replay), seconds)?
                }
                Chosen::Ladder(model) => {
                    time_steps(Training::new(*model, x, samples, replay), seconds)?
                }
            }
        }
        Work::Evaluate {
            model,
            samples,
            images: count,
            chunk,
        } => {
            report["work"] = json!("evaluate");
            report["samples"] = json!(samples);
            report["images"] = json!(count);
            let mut settings = LogLikelihoodSettings {
                num_samples: samples,
                ..Default::default()
            };
            settings.samples_per_chunk = chunk.unwrap_or(settings.samples_per_chunk);
            match model.init(&device) {
                Chosen::Vae(model) => time_evaluation(model, settings, count, &device)?,
                Chosen::Ladder(model) => time_evaluation(*model, settings, count, &device)?,
            }
        }
    };
    Ok((report, measure))
}

fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let (mut report, mut measure) = prepare(arguments.work)?;
    loop {
        let (Some(report), Some(measured)) =
            (report.as_object_mut(), measure()?.as_object().cloned())
        else {
            unreachable!("both are objects");
        };
        report.extend(measured);
        println!("{}", json!(report));
        if !arguments.again || io::stdin().read_line(&mut String::new())? == 0 {
            return Ok(());
        }
    }
}

fn main() {
    if let Err(error) = run(Arguments::parse()) {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}
