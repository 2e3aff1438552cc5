//! How much of the encoder's gradient is signal, against the number of samples k, by each estimator
//! (Rainforth et al. 2018, Tucker et al. 2019).
//!
//!     cargo run --release --example gradient_noise
//!     cargo run --release --example gradient_noise -- --model runs/mine
//!
//! Some ten seconds on two cores. STL has a bias, so that not all of its signal is the bound's.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Result,
    draw::{Chart, Colour},
    gradient::{Estimator, signal_to_noise},
    prelude::*,
};
use clap::Parser;
use common::{
    Common, Output, Recipe, at_least,
    images::{DataOptions, ImageSet},
};
use std::process::ExitCode;

const ESTIMATORS: [(&str, Estimator); 3] = [
    ("standard", Estimator::Standard),
    ("STL", Estimator::StickingTheLanding),
    ("DReG", Estimator::DoublyReparameterized),
];
/// The fork of the noise that gradients are drawn from.
const DRAWS: u64 = 500;

/// Measures the signal-to-noise ratio of gradients of a briefly trained IWAE on MNIST
#[derive(Parser, Debug)]
struct Arguments {
    /// The largest k
    #[arg(long, default_value_t = 64, value_parser = at_least(1))]
    samples: usize,
    /// How many gradients each ratio is estimated from
    #[arg(long, default_value_t = 100, value_parser = at_least(2))]
    draws: usize,
    /// How many images a gradient is of
    #[arg(long, default_value_t = 20, value_parser = at_least(1))]
    images: usize,
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
    let num_features = data.train.num_features();
    let given = common.given_one(num_features)?;
    let mut output = Output::of("gradient_noise", common, &["iwae"])?;
    let config = VaeConfig::new(num_features, 10).with_hidden(vec![100]);
    let recipe = Recipe::new("iwae", config, Objective::iwae(5), 2);
    let model = match given {
        Some(given) => given.model,
        None => common.train(&recipe, &data.train, &mut output)?.model,
    };

    let model = model.train();
    let images = data.test.strided(arguments.images);
    let ids: Vec<u32> = (0..images.len() as u32).collect();
    let binary = images.binarized(Binarization::Fixed { seed: common.seed });
    let x = binary.select(&ids, &device, &common.noise())?;
    let counts: Vec<usize> = (0..)
        .map(|power| 1 << power)
        .take_while(|k| *k <= arguments.samples)
        .collect();

    let axes = ("number of samples k", "mean |E g| / sd(g) over parameters");
    let chart = |title: &str| Chart::new(title, axes.0, axes.1).with_log_x();
    let mut charts = [
        chart("The encoder's gradient"),
        chart("The decoder's gradient"),
    ];
    println!(
        "{:>9} {:>4} {:>9} {:>9}",
        "estimator", "k", "encoder", "decoder"
    );
    for (i, (name, estimator)) in ESTIMATORS.into_iter().enumerate() {
        let mut lines = [Vec::new(), Vec::new()];
        for &k in &counts {
            let objective = Objective::iwae(k).with_estimator(estimator);
            let ratios = signal_to_noise(&model, arguments.draws, |draw| {
                let noise = &mut common.noise().fork(DRAWS).fork(draw as u64);
                objective
                    .gradients(&model, x.clone(), Step::new(data.train.len()), noise)
                    .1
            });
            let parts = ["encoder", "decoder"].map(|part| ratios.mean_of(part));
            println!("{name:>9} {k:>4} {:>9.3} {:>9.3}", parts[0], parts[1]);
            for (line, ratio) in lines.iter_mut().zip(parts) {
                line.push((k as f64, ratio));
            }
        }
        charts = [0, 1].map(|part| {
            let chart = charts[part].clone();
            chart.line(name, Colour::Category(i as u8), &lines[part])
        });
    }
    for (chart, file) in charts.iter().zip(["encoder.png", "decoder.png"]) {
        output.save(file, &chart.draw()?)?;
    }
    output.finish();
    Ok(())
}
