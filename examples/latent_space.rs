//! Where a model puts the digits, and what each of its latent variables does.
//!
//!     cargo run --release --example latent_space
//!
//! About a minute on two cores. Three latents or fewer are drawn as they are, pair by pair; of
//! more, the first two principal components of the posterior means. A single one has no plane to
//! draw.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Result,
    draw::{Chart, Colour, ImageGrid, Picture},
    evaluate::report,
    prelude::*,
};
use clap::Parser;
use common::{
    Common, Output, Recipe, TEST_BINARIZATION, at_least,
    images::{DataOptions, ImageSet},
    numbers,
};
use std::process::ExitCode;

const NUM_SHOWN: usize = 2000;
/// Rows of traversals, the most active units first.
const NUM_UNITS: usize = 12;
const STEPS: usize = 13;

/// Trains a model on MNIST and draws its latent space.
#[derive(Parser, Debug)]
struct Arguments {
    /// Latent variables of the model to train
    #[arg(long, default_value_t = 40, value_parser = at_least(1), conflicts_with = "model")]
    latent: usize,
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> Result<()> {
    let common = &arguments.common;
    let device = common.device.open()?;
    let data = ImageSet::mnist(&arguments.data)?;
    let given = common.given_one(data.train.num_features())?;
    let mut output = Output::of("latent_space", common, &["vae"])?;
    let config = VaeConfig::new(data.train.num_features(), arguments.latent);
    let recipe = Recipe::new("vae", config, Objective::vae_analytic(1), 25);
    let model = match given {
        Some(given) => given.model,
        None => common.train(&recipe, &data.train, &mut output)?.model,
    };
    let width = model.d_latent();

    // Which units are active, from the report.
    let shown = data.test.strided(NUM_SHOWN);
    let mut settings = ReportSettings::new()
        .with_num_samples(50)
        .with_further_rows(500)
        .with_progress(Progress::Auto);
    settings.sampling.rows_per_chunk = 100;
    let found = report(
        &model,
        &shown.clone().binarized(TEST_BINARIZATION),
        &settings,
    )?;
    println!("\n{found}");
    let layer = &found.layers[0];
    let order = layer.by_activity();
    let active = layer.active(settings.active_threshold);

    // Posterior means.
    let ids: Vec<u32> = (0..shown.len() as u32).collect();
    let x = TEST_BINARIZATION.apply(shown.select(&ids, &device), &ids, &Noise::seeded(0));
    let means = numbers(model.encode(x, 1, &mut common.noise().fork(310)).mean());
    let means: Vec<Vec<f64>> = means
        .chunks(width)
        .map(|row| row.iter().map(|&value| f64::from(value)).collect())
        .collect();
    let labels: Vec<u8> = (0..shown.len())
        .map(|i| i * data.labels.len() / shown.len())
        .map(|i| data.labels.get(i).copied().unwrap_or(0))
        .collect();
    let cloud = |title: &str, names: [String; 2], of: &dyn Fn(&[f64]) -> (f64, f64)| {
        let [x_name, y_name] = names;
        let mut chart = Chart::new(title, x_name, y_name).with_equal_axes();
        for digit in 0..10u8 {
            let points = means.iter().zip(&labels);
            let points = points.filter(|(_, label)| **label == digit);
            let points: Vec<(f64, f64)> = points.map(|(mean, _)| of(mean)).collect();
            if !points.is_empty() {
                let name = match data.labels.is_empty() {
                    true => data.noun.into(),
                    false => digit.to_string(),
                };
                chart = chart.points(name, Colour::Category(digit), &points);
            }
        }
        chart.with_size([640, 640]).draw()
    };
    if width > 3 {
        let (centre, [first, second], shares) = principal_components(&means);
        let along = |axis: &[f64], mean: &[f64]| -> f64 {
            (mean.iter().zip(&centre).zip(axis))
                .map(|((m, c), a)| (m - c) * a)
                .sum()
        };
        let names = [0, 1].map(|i| {
            format!(
                "component {}, {:.0} % of the variance",
                i + 1,
                100.0 * shares[i]
            )
        });
        let title = format!("Posterior means of test {}", data.noun);
        let picture = cloud(&title, names, &|mean| {
            (along(&first, mean), along(&second, mean))
        })?;
        output.save("latents.png", &picture)?;
    } else if width > 1 {
        let pairs = (0..width).flat_map(|a| (a + 1..width).map(move |b| (a, b)));
        let title = format!("Test {}", data.noun);
        let clouds = pairs.map(|(a, b)| {
            let names = [a, b].map(|unit| format!("unit {unit}, posterior mean"));
            cloud(&title, names, &move |mean| (mean[a], mean[b]))
        });
        let picture = Picture::row(clouds.collect::<Result<Vec<_>>>()?);
        output.save("latents.png", &picture)?;
    }

    // Traversals from the posterior mean of one image; an inactive unit comes last.
    let start = &means[labels.iter().position(|&label| label == 3).unwrap_or(0)];
    let inactive: Vec<usize> = order
        .iter()
        .rev()
        .copied()
        .filter(|unit| !active.contains(unit))
        .collect();
    let mut units: Vec<usize> = order.iter().copied().take(NUM_UNITS).collect();
    if let (Some(&unit), true) = (inactive.first(), width > NUM_UNITS) {
        units.pop();
        units.push(unit);
    }
    let steps: Vec<f64> = (0..STEPS)
        .map(|i| -3.0 + 6.0 * i as f64 / (STEPS - 1) as f64)
        .collect();
    let z: Vec<f32> = units
        .iter()
        .flat_map(|&unit| steps.iter().map(move |&step| (unit, step)))
        .flat_map(|(unit, step)| {
            let mut z: Vec<f32> = start.iter().map(|&value| value as f32).collect();
            z[unit] = step as f32;
            z
        })
        .collect();
    let z = Tensor::from_data(TensorData::new(z, [1, units.len() * STEPS, width]), &device);
    let images = numbers(model.decode(z, &mut common.noise().fork(311)).mean());
    let names = units.iter().map(|&unit| {
        let state = if active.contains(&unit) {
            ""
        } else {
            " (inactive)"
        };
        format!("unit {unit}: {:.2}{state}", layer.variances[unit])
    });
    let grid = ImageGrid::new(&images, data.size)
        .with_columns(STEPS)
        .with_row_labels(names.collect())
        .with_column_labels(steps.iter().map(|step| format!("{step:.1}")).collect())
        .draw()?;
    let title = format!(
        "One unit changed at a time, by the variance of its posterior mean; {} of {width} units \
         are active",
        active.len()
    );
    output.save("traversals.png", &grid.titled(&title))?;

    let bars: Vec<(f64, f64)> = order
        .iter()
        .enumerate()
        .map(|(rank, &unit)| (rank as f64 + 1.0, layer.variances[unit]))
        .collect();
    let chart = Chart::new(
        "Activity of the units",
        "rank of the unit",
        "variance of the posterior mean",
    )
    .bars("", Colour::Iwae, &bars)
    .draw()?;
    output.save("activity.png", &chart)?;
    output.finish();
    Ok(())
}

/// The mean of rows, the two directions in which they vary most, and their shares of the variance,
/// by power iteration.
fn principal_components(rows: &[Vec<f64>]) -> (Vec<f64>, [Vec<f64>; 2], [f64; 2]) {
    let (width, n) = (rows[0].len(), rows.len() as f64);
    let centre: Vec<f64> = (0..width)
        .map(|j| rows.iter().map(|row| row[j]).sum::<f64>() / n)
        .collect();
    let mut covariance = vec![vec![0.0; width]; width];
    for row in rows {
        let delta: Vec<f64> = row.iter().zip(&centre).map(|(x, c)| x - c).collect();
        for i in 0..width {
            for j in 0..width {
                covariance[i][j] += delta[i] * delta[j] / n;
            }
        }
    }
    let total: f64 = (0..width).map(|i| covariance[i][i]).sum();
    let mut shares = [0.0; 2];
    let axes = [0, 1].map(|component| {
        let mut axis: Vec<f64> = (0..width).map(|i| 1.0 + i as f64 / width as f64).collect();
        let mut size = 0.0;
        for _ in 0..1000 {
            let next: Vec<f64> = covariance
                .iter()
                .map(|row| row.iter().zip(&axis).map(|(c, a)| c * a).sum())
                .collect();
            size = next.iter().map(|a: &f64| a * a).sum::<f64>().sqrt();
            if size == 0.0 {
                break;
            }
            axis = next.iter().map(|a| a / size).collect();
        }
        shares[component] = size / total;
        for i in 0..width {
            for j in 0..width {
                covariance[i][j] -= size * axis[i] * axis[j];
            }
        }
        axis
    });
    (centre, axes, shares)
}
