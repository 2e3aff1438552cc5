//! The talk's toy density, z ~ N(0, I), x = z/10 + z/‖z‖, learned by a VAE and an IWAE with a
//! Gaussian decoder.
//!
//!     cargo run --release --example ring
//!
//! About a minute on two cores. It draws true and learned samples and densities side by side, and
//! prints how far each learned density is from the exact one: KL(p ‖ model) in nats, 0 being
//! perfect.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Error, Result,
    draw::{Chart, Colour, Picture},
    prelude::*,
};
use clap::Parser;
use common::{Common, NamedModel, Output, Recipe, at_least, between, normal_quantiles, numbers};
use std::{f64::consts::TAU, process::ExitCode};

const NUM_SHOWN: usize = 2_000;
/// Everything is drawn from −HALF to HALF.
const HALF: f64 = 1.6;

/// Fits a VAE and an IWAE to a ring and compares their densities with the exact one.
#[derive(Parser, Debug)]
struct Arguments {
    /// Importance samples of the IWAE
    #[arg(long, default_value_t = 25, value_parser = at_least(1), conflicts_with = "model")]
    k: usize,
    /// Points to train on; a tenth as many measure the result
    #[arg(long, default_value_t = 20_000, value_parser = at_least(20))]
    points: usize,
    /// Pixels along each side of a density
    #[arg(long, default_value_t = 120, value_parser = between(1, 1000))]
    pixels: usize,
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> Result<()> {
    let common = &arguments.common;
    let device = common.device.open()?;
    let given = common.given(2, 2)?;
    given.iter().try_for_each(check)?;
    let noise = common.noise();
    let train = ring(arguments.points, &mut noise.fork(200))?;
    let test = ring(arguments.points / 10, &mut noise.fork(201))?;
    let mut output = Output::of("ring", common, &["vae", "iwae"])?;
    let models = match given.is_empty() {
        false => given,
        true => trained(arguments, &train, &mut output)?,
    };

    let exact: Vec<f64> = points(test.values()).map(log_density).collect();
    let mut samples = vec![cloud("true samples", Colour::Data, train.values())?];
    let mut densities = vec![density_map("exact density", arguments.pixels, |x| {
        log_density(x).exp()
    })?];
    let colours = [Colour::Category(3), Colour::Iwae];
    for (NamedModel { name, model, .. }, colour) in models.iter().zip(colours) {
        let ids: Vec<u32> = (0..test.len() as u32).collect();
        let sampling = LogLikelihoodSettings {
            num_samples: 1000,
            rows_per_chunk: 100,
            ..Default::default()
        };
        let x = test.select(&ids, &device);
        let estimate = evaluate::log_likelihood(model, x, &sampling, &noise.fork(202))?;
        let excess: Vec<f64> = (exact.iter().zip(&estimate.values))
            .map(|(exact, model)| exact - model)
            .collect();
        let (kl, error) = mean_and_error(&excess);
        println!(
            "{name}: KL(p || model) = {kl:.3} ± {error:.3} nats on {} fresh points",
            test.len()
        );

        let drawn = numbers(model.sample(NUM_SHOWN, &mut noise.fork(203)));
        samples.push(cloud(&format!("{name} samples"), colour, &drawn)?);
        let mixture = Mixture::of(model, &device);
        let title = format!("{name} density, KL {kl:.3} nats");
        densities.push(density_map(&title, arguments.pixels, |x| {
            mixture.density(x)
        })?);
    }
    let (mean, _) = mean_and_error(&exact);
    println!("the exact density has E log p(x) = {mean:.3} nats on the same points");
    output.save(
        "ring.png",
        &Picture::column([Picture::row(samples), Picture::row(densities)]),
    )?;
    output.finish();
    Ok(())
}

/// Refuses a model that has no density over this plane.
fn check(given: &NamedModel) -> Result<()> {
    let real = given.model.support() == Support::Real;
    let layers = 1 + given.config.above.len();
    if given.config.d_latent == 2 && layers == 1 && real {
        return Ok(());
    }
    let data = if real { "real" } else { "binary" };
    Err(Error::Setting {
        name: "--model".into(),
        problem: format!(
            "has {} latent variables, {layers} stochastic layers and {data} data",
            given.config.d_latent
        ),
        cure: "give a model with two in one layer and a Gaussian decoder".into(),
    })
}

/// A VAE and an IWAE.
fn trained(
    arguments: &Arguments,
    train: &Datapoints,
    output: &mut Output,
) -> Result<Vec<NamedModel>> {
    let train = |(name, shown, objective): (_, &str, _)| -> Result<NamedModel> {
        let config = VaeConfig::new(2, 2)
            .with_hidden(vec![64, 64])
            .with_likelihood(Family::Normal(Scale::default()));
        let recipe = Recipe {
            binarization: Binarization::None,
            prepare: with_little_noise,
            rows_option: "--points",
            ..Recipe::new(name, config, objective, 60)
        };
        let model = arguments.common.train(&recipe, train, output)?;
        Ok(NamedModel {
            name: shown.into(),
            ..model
        })
    };
    let models = [
        ("vae", "VAE", Objective::vae(1)),
        ("iwae", "IWAE", Objective::iwae(arguments.k)),
    ];
    models.into_iter().map(train).collect()
}

/// The model with a decoder of standard deviation e⁻² at first. With a wide one the latents are of
/// no use at first, and training ends in a single Gaussian that ignores them.
fn with_little_noise(mut model: Vae) -> Vae {
    let bias = Tensor::from_floats([0.0, 0.0, -4.0, -4.0], &Device::default());
    model.decoder.network = model.decoder.network.with_output_bias(bias);
    model
}

/// Draws of x = z/10 + z/‖z‖.
fn ring(count: usize, noise: &mut Noise) -> Result<Datapoints> {
    let z = numbers(noise.normal([1, count, 2], &Device::default()));
    let x = z.chunks(2).flat_map(|z| {
        let length = z[0].hypot(z[1]);
        [0, 1].map(|i| z[i] / 10.0 + z[i] / length)
    });
    Datapoints::new("ring", x.collect(), 2)
}

/// log p(x): ‖x‖ = 1 + r/10 with r of density r exp(−r²/2), in a direction that is uniform.
fn log_density([x, y]: [f64; 2]) -> f64 {
    let radius = x.hypot(y);
    let r = 10.0 * (radius - 1.0);
    if r <= 0.0 {
        return f64::NEG_INFINITY;
    }
    (10.0 * r).ln() - 0.5 * r * r - (TAU * radius).ln()
}

fn points(values: &[f32]) -> impl Iterator<Item = [f64; 2]> {
    values.chunks(2).map(|x| [f64::from(x[0]), f64::from(x[1])])
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// p(x) = ∫ p(x | z) p(z) dz over points with equal shares of p(z).
struct Mixture {
    /// Mean, then precision (1/σ²) of each part, of both coordinates.
    parts: Vec<[f64; 4]>,
}

impl Mixture {
    fn of(model: &Vae, device: &Device) -> Self {
        let axis = normal_quantiles(150);
        let z: Vec<f32> = axis
            .iter()
            .flat_map(|&a| axis.iter().flat_map(move |&b| [a as f32, b as f32]))
            .collect();
        let z = TensorData::new(z, [1, axis.len() * axis.len(), 2]);
        let decoded = model.decode(Tensor::from_data(z, device), &mut Noise::seeded(0));
        let (means, variances) = (numbers(decoded.mean()), numbers(decoded.variance()));
        let parts = means.chunks(2).zip(variances.chunks(2));
        let parts = parts.map(|(m, v)| [m[0], m[1], v[0].recip(), v[1].recip()].map(f64::from));
        Self {
            parts: parts.collect(),
        }
    }

    fn density(&self, [x, y]: [f64; 2]) -> f64 {
        let part = |[a, b, p, q]: &[f64; 4]| {
            let distance = (x - a).powi(2) * p + (y - b).powi(2) * q;
            if distance > 50.0 {
                return 0.0;
            }
            (p * q).sqrt() * (-0.5 * distance).exp()
        };
        self.parts.iter().map(part).sum::<f64>() / (TAU * self.parts.len() as f64)
    }
}

fn cloud(title: &str, colour: Colour, values: &[f32]) -> Result<Picture> {
    let shown: Vec<(f64, f64)> = points(values)
        .take(NUM_SHOWN)
        .map(|[x, y]| (x, y))
        .collect();
    Chart::new(title, "x₁", "x₂")
        .points("", colour, &shown)
        .with_x_range(-HALF, HALF)
        .with_y_range(-HALF, HALF)
        .with_equal_axes()
        .with_size([400, 400])
        .draw()
}

fn density_map(title: &str, pixels: usize, density: impl Fn([f64; 2]) -> f64) -> Result<Picture> {
    let at = |i: usize| ((i as f64 + 0.5) / pixels as f64 * 2.0 - 1.0) * HALF;
    let values: Vec<f64> = (0..pixels * pixels)
        .map(|i| density([at(i % pixels), at(i / pixels)]))
        .collect();
    Chart::new(title, "x₁", "x₂")
        .heat_map(&values, [pixels, pixels], -HALF..HALF, -HALF..HALF)
        .with_equal_axes()
        .with_size([400, 400])
        .draw()
}
