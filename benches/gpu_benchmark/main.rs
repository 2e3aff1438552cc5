//! Checks a GPU against the processor, then times training and evaluation on it.
//!
//!     cargo build --release -p burn-bayes-benches --features cuda --bin gpu_benchmark
//!     target/release/gpu_benchmark --device cuda --json figures.json
//!
//! The built program needs nothing beside it: build it where there is a toolchain, carry it to the
//! machine with the card. `benches/peers/pytorch_gpu.py` does the same work in PyTorch.

mod check;
#[path = "../../examples/common/device.rs"]
mod device;
#[path = "../../examples/common/products.rs"]
mod products;
mod work;

use burn::tensor::{DType, Distribution, activation};
use burn_bayes::{default_device_name, device_by_name, prelude::*};
use check::check;
use clap::Parser;
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
use work::{DATA, HIDDEN, LATENT, Method, Training, images};

/// Checks a GPU against the processor, then times training and evaluation on it.
#[derive(Parser)]
#[command(name = "gpu_benchmark")]
struct Arguments {
    /// The device: cuda, vulkan, wgpu, metal, ...; `list` shows what there is. BURN_DEVICE sets the
    /// default
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
