//! Checks a GPU against the processor, then times training and evaluation on it.
//!
//!     cargo build --release --features cuda --example gpu_benchmark
//!     target/release/examples/gpu_benchmark --device cuda --json figures.json
//!
//! The program is one file and needs nothing beside it: build it where there is a toolchain, carry it to the
//! machine with the card. `benches/peers/pytorch_gpu.py` does the same work in PyTorch.

#[path = "common/device.rs"]
mod device;
#[path = "common/products.rs"]
mod products;

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{DType, Distribution, activation},
};
use burn_bayes::{default_device_name, device_by_name, prelude::*};
use clap::{Parser, ValueEnum};
use device::device_name;
use products::ProductsName;
use serde_json::{Value, json};
use std::{
    error::Error,
    f64::consts::TAU,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

const DATA: usize = 784;
const HIDDEN: usize = 400;
const LATENT: usize = 40;
/// Of white pixels, about that of MNIST.
const DENSITY: f64 = 0.13;
/// Normal numbers of the device and of the processor differ by no more.
const NOISE_TOLERANCE: f32 = 2e-6;
/// Nats by which the bounds of ten training steps may differ, of about 540.
const BOUND_TOLERANCE: f64 = 0.01;

/// Checks a GPU against the processor, then times training and evaluation on it.
#[derive(Parser)]
#[command(name = "gpu_benchmark")]
struct Arguments {
    /// The device: cuda, vulkan, wgpu, metal, ...; `list` shows what there is. BURN_DEVICE sets the default
    #[arg(long, default_value_t = default_device_name(), value_parser = device_name)]
    device: String,
    /// Datapoints in a training step
    #[arg(long, value_delimiter = ',', default_values_t = [20, 100, 1000])]
    batch: Vec<usize>,
    /// Samples of each datapoint (the VAE has 1)
    #[arg(long, value_delimiter = ',', default_values_t = [5, 25, 50])]
    k: Vec<usize>,
    /// Which methods
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Method::ALL)]
    methods: Vec<Method>,
    /// How long to measure each
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Importance samples of an image in evaluation; 0 to leave it out
    #[arg(long, default_value_t = 5000)]
    eval_samples: usize,
    /// Images to evaluate
    #[arg(long, default_value_t = 200)]
    eval_images: usize,
    /// The number type of matrix products
    #[arg(long, value_enum, default_value_t = ProductsName::Full)]
    products: ProductsName,
    /// Side of the square matrices by whose product and sum the device's own speed is measured
    #[arg(long, default_value_t = 8192)]
    peak_size: usize,
    /// Writes the figures to this file
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Method {
    Vae,
    Iwae,
    IwaeuRec,
    Iwaeu,
}

impl Method {
    const ALL: [Self; 4] = [Self::Vae, Self::Iwae, Self::IwaeuRec, Self::Iwaeu];

    fn name(self) -> &'static str {
        match self {
            Self::Vae => "VAE",
            Self::Iwae => "IWAE",
            Self::IwaeuRec => "IWAEU_rec",
            Self::Iwaeu => "IWAEU",
        }
    }

    fn model(self, products: Products, device: &Device) -> Vae {
        let uncertainty = match self {
            Self::Vae | Self::Iwae => Uncertainty::None,
            Self::IwaeuRec => Uncertainty::Encoder,
            Self::Iwaeu => Uncertainty::EncoderAndDecoder,
        };
        VaeConfig::new(DATA, LATENT)
            .with_hidden(vec![HIDDEN])
            .with_uncertainty(uncertainty)
            .with_products(products)
            .init(device, &mut Noise::seeded(0))
    }

    /// Operations of the matrix products of a step: forward once, backward to weights and inputs once
    /// each, except to the data. A layer with random weights has two products for one.
    fn step_operations(self, batch: usize, k: usize) -> f64 {
        let twice = |random: bool| if random { 2.0 } else { 1.0 };
        let encoder = twice(matches!(self, Self::IwaeuRec | Self::Iwaeu));
        let decoder = twice(self == Self::Iwaeu);
        let once = |rows: usize, d_input: usize, d_output: usize| {
            2.0 * rows as f64 * d_input as f64 * d_output as f64
        };
        // The encoder's second layer has samples only if its first has random weights.
        let heads = if encoder > 1.0 { k * batch } else { batch };
        encoder * 2.0 * once(batch, DATA, HIDDEN)
            + encoder * 3.0 * once(heads, HIDDEN, 2 * LATENT)
            + decoder * 3.0 * once(k * batch, LATENT, HIDDEN)
            + decoder * 3.0 * once(k * batch, HIDDEN, DATA)
    }

    /// Bytes that a step must move at least if only the activations that matrix products read and write pass
    /// the memory, each of them once forward and twice backward.
    fn step_bytes(self, batch: usize, k: usize, bytes: f64) -> f64 {
        let rows = (k * batch) as f64;
        let decoder = if self == Self::Iwaeu { 2.0 } else { 1.0 };
        let encoder = match self {
            Self::IwaeuRec | Self::Iwaeu => 2.0 * rows * (HIDDEN + 2 * LATENT) as f64,
            Self::Vae | Self::Iwae => batch as f64 * (HIDDEN + 2 * LATENT) as f64,
        };
        3.0 * bytes * (encoder + decoder * rows * (LATENT + HIDDEN + DATA) as f64)
    }
}

fn images(count: usize, device: &Device) -> Tensor<2> {
    let numbers = Noise::seeded(1).uniform([1, count, DATA], device);
    numbers.lower_elem(DENSITY).float().squeeze_dim(0)
}

/// A model in training.
struct Training {
    model: Vae,
    adam: ModuleOptimizer,
    x: Tensor<2>,
    k: usize,
    number: u64,
}

impl Training {
    fn new(method: Method, products: Products, adam: AdamConfig, x: Tensor<2>, k: usize) -> Self {
        let device = x.device().autodiff();
        Self {
            model: method.model(products, &device),
            adam: adam.init(),
            x,
            k: if method == Method::Vae { 1 } else { k },
            number: 0,
        }
    }

    /// One step; the bound's mean over the batch, still on the device.
    fn step(&mut self) -> Tensor<1> {
        let mut noise = Noise::seeded(2).fork(self.number);
        self.number += 1;
        let log_weights = self.model.log_weights(self.x.clone(), self.k, &mut noise);
        let bound = bound::iwae(log_weights.total()).mean();
        let gradients = GradientsParams::from_grads((-bound.clone()).backward(), &self.model);
        self.model = self.adam.step(1e-3, self.model.clone(), gradients);
        bound.inner()
    }
}

/// All parameters, one after the other.
fn parameters(model: &Vae) -> Vec<f32> {
    struct Collect(Vec<f32>);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let numbers = param.val().inner().try_into_vec_as::<f32>();
            self.0.extend(numbers.expect("parameters can be read"));
        }
    }
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    collect.0
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "both devices have the same numbers");
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |most, difference| {
        let keep = most.is_nan() || difference <= most; // NaN is no agreement
        if keep { most } else { difference }
    })
}

/// Noise, ten training steps and an evaluation here and on the processor; whether all agree.
fn check(device: &Device, methods: &[Method]) -> Result<bool, Box<dyn Error>> {
    let host = Device::flex();
    let numbers = |device: &Device, normal: bool| {
        let mut noise = Noise::seeded(7).with_datapoints(&[3, 1, 4, 1, 5]);
        let tensor = match normal {
            true => noise.normal([25, 5, DATA], device),
            false => noise.uniform([25, 5, DATA], device),
        };
        tensor.try_into_vec_as::<f32>()
    };
    let mut good = true;
    let mut report = |what: &str, difference: f64, tolerance: f64| {
        let agrees = difference <= tolerance;
        good &= agrees;
        let verdict = if agrees { "ok" } else { "TOO FAR" };
        println!("  {what:<34} {difference:>9.2e}   (at most {tolerance:.0e})  {verdict}");
    };
    println!("largest difference from the processor:");
    for (what, normal, tolerance) in [
        ("uniform numbers", false, 0.0),
        ("normal numbers", true, NOISE_TOLERANCE),
    ] {
        let difference = largest_difference(&numbers(device, normal)?, &numbers(&host, normal)?);
        report(what, difference.into(), tolerance.into());
    }
    for &method in methods {
        // With a large ε a step does not divide rounding errors by their own size.
        let adam = AdamConfig::new().with_epsilon(1e-3);
        let mut both = [device, &host].map(|device| {
            Training::new(method, Products::Full, adam.clone(), images(20, device), 5)
        });
        let mut bounds = [Vec::new(), Vec::new()];
        for _ in 0..10 {
            for (training, bounds) in both.iter_mut().zip(&mut bounds) {
                bounds.push(training.step().try_into_scalar::<f32>()?);
            }
        }
        let what = format!("{}: bounds of ten steps, nats", method.name());
        let difference = largest_difference(&bounds[0], &bounds[1]);
        report(&what, difference.into(), BOUND_TOLERANCE);
        let [here, there] = both.each_ref().map(|training| parameters(&training.model));
        let what = format!("{}: weights after them", method.name());
        report(&what, largest_difference(&here, &there).into(), 1e-4);
        let settings = LogLikelihoodSettings {
            num_samples: 500,
            ..Default::default()
        };
        let estimates = [device, &host].map(|device| {
            let model = method.model(Products::Full, device);
            let estimate =
                evaluate::log_likelihood(&model, images(10, device), &settings, &Noise::seeded(3));
            estimate.map(|estimate| estimate.mean())
        });
        let [here, there] = estimates;
        let what = format!("{}: log-likelihood, nats", method.name());
        report(&what, (here? - there?).abs(), BOUND_TOLERANCE);
    }
    Ok(good)
}

/// Seconds of a repeated piece of work: many without waiting between, as training does.
fn time(
    device: &Device,
    seconds: f64,
    mut work: impl FnMut(),
) -> Result<(usize, f64), Box<dyn Error>> {
    for _ in 0..10 {
        work();
    }
    device.sync()?;
    let limit = Duration::try_from_secs_f64(seconds)?;
    let start = Instant::now();
    let mut count = 0;
    while count < 10 || start.elapsed() < limit {
        for _ in 0..10 {
            work();
        }
        count += 10;
        device.sync()?;
    }
    Ok((count, start.elapsed().as_secs_f64() / count as f64))
}

/// Operations a second of a large product, and bytes a second of a large sum.
fn peaks(device: &Device, products: Products, size: usize) -> Result<[f64; 2], Box<dyn Error>> {
    let random = || Tensor::<2>::random([size, size], Distribution::Default, device);
    let narrow = |tensor: Tensor<2>| match products {
        Products::F16 if products.is_supported(device) => tensor.cast(DType::F16),
        Products::Bf16 if products.is_supported(device) => tensor.cast(DType::BF16),
        _ => tensor,
    };
    // Each needs the last: what nobody looks at might not be run. A product's entries have the size
    // of its factors' again.
    let b = narrow(random().mul_scalar(2.0 / size as f64));
    let mut product = narrow(random());
    let (_, of_product) = time(device, 1.0, || product = product.clone().matmul(b.clone()))?;
    let b = random();
    let mut sum = random();
    let (_, of_sum) = time(device, 1.0, || sum = sum.clone() + b.clone())?;
    let entries = (size * size) as f64;
    Ok([
        2.0 * entries * size as f64 / of_product,
        3.0 * 4.0 * entries / of_sum,
    ])
}

/// Milliseconds, forward and backward, of an operation of ours and of the same composed of burn's.
type Comparison = (&'static str, [f64; 2]);

fn beside_burn(
    device: &Device,
    [k, batch]: [usize; 2],
    seconds: f64,
) -> Result<Vec<Comparison>, Box<dyn Error>> {
    let device = device.clone().autodiff();
    let leaf = |shape: [usize; 3], scale: f64| {
        let noise = Noise::seeded(4).normal(shape, &device);
        noise.mul_scalar(scale).detach().require_grad()
    };
    let both = |ours: &dyn Fn() -> Tensor<1>, burns: &dyn Fn() -> Tensor<1>| {
        let milliseconds = |operation: &dyn Fn() -> Tensor<1>| {
            let (_, seconds) = time(&device, seconds, || drop(operation().backward()))?;
            Ok::<_, Box<dyn Error>>(seconds * 1e3)
        };
        Ok::<_, Box<dyn Error>>([milliseconds(ours)?, milliseconds(burns)?])
    };

    let (logits, x) = (leaf([k, batch, DATA], 1.0), images(batch, &device));
    let x = x.unsqueeze::<3>();
    let bernoulli = both(
        &|| Bernoulli::new(logits.clone()).log_prob(x.clone()).sum(),
        &|| {
            let log_sigmoid = activation::log_sigmoid(-logits.clone());
            (x.clone() * logits.clone() + log_sigmoid).sum_dim(2).sum()
        },
    )?;
    let (loc, log_variance) = (leaf([k, batch, HIDDEN], 1.0), leaf([k, batch, HIDDEN], 0.1));
    let draw = both(
        &|| {
            let law = Normal::from_log_variance(loc.clone(), log_variance.clone());
            law.rsample(k, &mut Noise::seeded(5)).sum()
        },
        &|| {
            let epsilon =
                Tensor::<3>::random([k, batch, HIDDEN], Distribution::Normal(0.0, 1.0), &device);
            (loc.clone() + log_variance.clone().mul_scalar(0.5).exp() * epsilon).sum()
        },
    )?;
    let (z, loc, log_variance) = (
        leaf([k, batch, LATENT], 1.0),
        leaf([1, batch, LATENT], 1.0),
        leaf([1, batch, LATENT], 0.1),
    );
    let density = both(
        &|| {
            let law = Normal::from_log_variance(loc.clone(), log_variance.clone());
            law.log_prob(z.clone()).sum()
        },
        &|| {
            let scaled = (z.clone() - loc.clone()) * log_variance.clone().mul_scalar(-0.5).exp();
            let terms = scaled.square() + log_variance.clone().add_scalar(TAU.ln());
            terms.mul_scalar(-0.5).sum_dim(2).sum()
        },
    )?;
    let weights = leaf([1, k, batch], 10.0);
    let weights = || weights.clone().squeeze_dim::<2>(0);
    let bound = both(&|| bound::iwae(weights()).sum(), &|| {
        let max = weights().detach().max_dim(0);
        ((weights() - max.clone()).exp().mean_dim(0).log() + max).sum()
    })?;
    Ok(vec![
        ("Bernoulli rows, 784 wide", bernoulli),
        ("Gaussian draw, 400 wide", draw),
        ("Gaussian rows, 40 wide", density),
        ("log-mean-exp", bound),
    ])
}

fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let device = device_by_name(&arguments.device)?;
    let products = arguments.products.products();
    println!("device {}", arguments.device);
    if !products.is_supported(&device) {
        println!("products stay in f32: the device does not compute in {products:?}");
    }
    let width = match products {
        Products::F16 | Products::Bf16 if products.is_supported(&device) => 2.0,
        _ => 4.0,
    };
    let good = check(&device, &arguments.methods)?;
    let [operations, bytes] = peaks(&device, products, arguments.peak_size)?;
    println!(
        "\na product of {0} by {0}: {1:.2} TFLOP/s; a sum: {2:.0} GB/s",
        arguments.peak_size,
        operations / 1e12,
        bytes / 1e9
    );
    let largest = |sizes: &[usize]| sizes.iter().copied().max().unwrap_or(1);
    let [k, batch] = [largest(&arguments.k), largest(&arguments.batch)];
    println!("\nforward and backward, batch {batch}, k {k}:     ours, ms   burn's operations, ms");
    let kernels = beside_burn(&device, [k, batch], arguments.seconds / 3.0)?;
    for (name, [ours, burns]) in &kernels {
        println!("  {name:<34} {ours:>12.3} {burns:>15.3}");
    }
    println!("\nmethod     batch   k   ms/step  TFLOP/s   GB/s  floor ms  ratio");
    let mut rows = Vec::new();
    for &method in &arguments.methods {
        for &batch in &arguments.batch {
            let ks = match method {
                Method::Vae => &[1][..],
                _ => &arguments.k,
            };
            for &k in ks {
                let x = images(batch, &device);
                let mut training = Training::new(method, products, AdamConfig::new(), x, k);
                let (steps, seconds) = time(&device, arguments.seconds, || {
                    training.step();
                })?;
                let (work, moved) = (
                    method.step_operations(batch, k),
                    method.step_bytes(batch, k, width),
                );
                let floor = (work / operations).max(moved / bytes);
                println!(
                    "{:<10} {batch:>5} {k:>3} {:>9.3} {:>8.2} {:>6.0} {:>9.3} {:>6.2}",
                    method.name(),
                    seconds * 1e3,
                    work / seconds / 1e12,
                    moved / seconds / 1e9,
                    floor * 1e3,
                    seconds / floor
                );
                rows.push(json!({
                    "work": "step", "method": method.name(), "batch": batch, "samples": k,
                    "steps": steps, "ms": seconds * 1e3, "floor_ms": floor * 1e3,
                }));
            }
        }
    }
    if arguments.eval_samples > 0 {
        println!(
            "\nmethod     images/s with {} samples",
            arguments.eval_samples
        );
        for &method in &arguments.methods {
            let model = method.model(products, &device);
            let settings = LogLikelihoodSettings {
                num_samples: arguments.eval_samples,
                ..Default::default()
            };
            let evaluate = |count| {
                let x = images(count, &device);
                evaluate::log_likelihood(&model, x, &settings, &Noise::seeded(3))
            };
            evaluate(arguments.eval_images.min(20))?;
            let start = Instant::now();
            evaluate(arguments.eval_images)?;
            let rate = arguments.eval_images as f64 / start.elapsed().as_secs_f64();
            println!("{:<10} {rate:>8.1}", method.name());
            rows.push(json!({
                "work": "evaluate", "method": method.name(),
                "samples": arguments.eval_samples, "images_per_second": rate,
            }));
        }
    }
    if let Some(pools) = device.memory_pool_usage() {
        println!("\nmemory: {pools:?}");
    }
    if let Some(path) = &arguments.json {
        let figures = json!({
            "device": arguments.device, "products": format!("{products:?}"),
            "product_flops": operations, "sum_bytes_per_second": bytes,
            "agrees_with_the_processor": good,
            "kernels": kernels.iter().map(|(name, ms)| json!({"name": name, "ours_ms": ms[0], "burn_ms": ms[1]}))
                .collect::<Vec<_>>(), "figures": Value::Array(rows),
        });
        std::fs::write(path, format!("{figures:#}\n"))?;
    }
    Ok(good)
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("error: the device and the processor do not agree");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
