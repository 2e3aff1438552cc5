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

use burn::optim::GradientsParams;
use burn_bayes::{default_device_name, device_by_name, gradient::Replay, prelude::*};
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
    /// Units of the one hidden layer
    #[arg(long, default_value_t = 400)]
    hidden: usize,
    /// Latent variables
    #[arg(long, default_value_t = 40)]
    latent: usize,
    /// The number type of matrix products
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
}

impl Model {
    fn uncertainty(&self) -> Uncertainty {
        match self.method {
            Method::Vae | Method::Iwae => Uncertainty::None,
            Method::IwaeuRec => Uncertainty::Encoder,
            Method::Iwaeu => Uncertainty::EncoderAndDecoder,
        }
    }

    fn init(&self, device: &Device) -> Vae {
        VaeConfig::new(DATA, self.latent)
            .with_hidden(vec![self.hidden])
            .with_uncertainty(self.uncertainty())
            .with_products(self.products.products())
            .init(device, &mut Noise::seeded(0))
    }

    fn describe(&self) -> Value {
        let method = self.method.to_possible_value();
        json!({
            "program": "burn-bayes",
            "method": method.map(|value| value.get_name().to_owned()),
            "hidden": self.hidden,
            "latent": self.latent,
            "products": self.products,
            "threads": rayon::current_num_threads(),
            "device": self.device,
        })
    }
}

fn images(count: usize, device: &Device) -> Tensor<2> {
    let numbers = Noise::seeded(1).uniform([1, count, DATA], device);
    numbers.lower_elem(DENSITY).float().squeeze_dim(0)
}

struct Training {
    model: Vae,
    adam: burn::optim::ModuleOptimizer,
    x: Tensor<2>,
    samples: usize,
    replay: Option<Replay>,
    number: u64,
}

impl Training {
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

fn time_steps(training: &mut Training, seconds: f64) -> Result<Value, Box<dyn Error>> {
    let device = training.x.device();
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
            let mut training = Training {
                model: model.init(&device),
                adam: AdamConfig::new().init(),
                x: images(batch, &device),
                samples,
                replay,
                number: 0,
            };
            for _ in 0..5 {
                training.step();
            }
            device.sync()?;
            Box::new(move || time_steps(&mut training, seconds))
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
            let model = model.init(&device);
            let noise = Noise::seeded(3);
            let warm_up = LogLikelihoodSettings {
                num_samples: settings.samples_per_chunk,
                ..settings.clone()
            };
            evaluate::log_likelihood(&model, images(20, &device), &warm_up, &noise)?;
            let x = images(count, &device);
            Box::new(move || {
                let start = Instant::now();
                let estimate = evaluate::log_likelihood(&model, x.clone(), &settings, &noise)?;
                let seconds = start.elapsed().as_secs_f64();
                Ok(json!({
                    "images_per_second": count as f64 / seconds,
                    "mean_log_likelihood": estimate.mean(),
                    "peak_mib": peak_mib(),
                }))
            })
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
