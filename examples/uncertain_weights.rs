//! What uncertain weights add: reconstructions under several draws of them, where the variance of a
//! reconstruction comes from, and how sure each layer is.
//!
//!     cargo run --release --example uncertain_weights
//!
//! About three minutes on two cores.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Result,
    draw::{Chart, Colour, Colours, ImageGrid, Picture},
    evaluate::{predictive_variance, signal_to_noise},
    prelude::*,
    train::Backward,
};
use clap::Parser;
use common::{
    Common, Output, Recipe,
    images::{DataOptions, ImageSet},
    numbers, positive,
};
use std::process::ExitCode;

const DRAWS: usize = 6;

/// Trains an IWAEU on MNIST and draws what it is unsure of.
#[derive(Parser, Debug)]
struct Arguments {
    /// Initial standard deviation of the weights of the model to train
    #[arg(
        long,
        default_value_t = 0.05,
        value_parser = positive,
        allow_negative_numbers = true,
        conflicts_with = "model"
    )]
    initial_weight_std: f64,
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
    if let Some(given) = &given {
        common::check_uncertain(&given.model)?;
    }
    let mut output = Output::of("uncertain_weights", common, &["iwaeu"])?;
    let config = VaeConfig::new(data.train.num_features(), 40)
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(arguments.initial_weight_std);
    // Charged for its weights, the model keeps those uncertain that the data do not determine.
    let objective = Objective::iwaeu(10, ChargedWeights::All).with_backward(Backward::Replayed {
        samples_per_chunk: 10,
        threshold: 0.1,
    });
    let recipe = Recipe::new("iwaeu", config, objective, 8);
    let model = match given {
        Some(given) => given.model,
        None => common.train(&recipe, &data.train, &mut output)?.model,
    };

    let ids = data.one_of_each();
    let x = data.test_rows(&ids, &device);
    let noise = common.noise();

    // The same z under each draw of the weights, so that only the weights differ.
    let mut rows = numbers(x.clone());
    let mut labels = vec!["test images".to_string()];
    for draw in 0..DRAWS {
        let drawn = model.sample_weights(&mut noise.fork(400 + draw as u64));
        let drawn = drawn.as_ref().unwrap_or(&model);
        rows.extend(numbers(drawn.reconstruct(
            x.clone(),
            1,
            &mut noise.fork(399),
        )));
        labels.push(format!("weights, draw {}", draw + 1));
    }
    let grid = ImageGrid::new(&rows, data.size)
        .with_columns(ids.len())
        .with_row_labels(labels)
        .draw()?;
    let title = "Reconstructions under draws of all weights, with the same noise of the latents";
    output.save("draws.png", &grid.titled(title))?;

    let parts = predictive_variance(&model, x.clone(), 50, 20, &mut noise.fork(398));
    let mut maps = vec![
        ImageGrid::new(&numbers(x), data.size)
            .with_columns(ids.len())
            .draw()?
            .titled("test images"),
    ];
    let total: f32 = numbers(parts.total()).iter().sum();
    for (name, part) in [
        ("weights", &parts.from_weights),
        ("latent variables", &parts.from_latents),
        ("pixel noise", &parts.from_likelihood),
    ] {
        let values = numbers(part.clone());
        let largest = values.iter().copied().fold(1e-6, f32::max);
        let share = 100.0 * values.iter().sum::<f32>() / total;
        let title = format!("variance from {name}: {share:.1} % of the whole");
        println!("{title}");
        let grid = ImageGrid::new(&values, data.size)
            .with_columns(ids.len())
            .with_colours(Colours::Heat)
            .with_range(0.0, largest)
            .with_colour_bar("")
            .draw()?;
        maps.push(grid.titled(&title));
    }
    output.save("variance.png", &Picture::column(maps))?;

    let mut chart = Chart::new(
        "Signal-to-noise of the weights",
        "log₁₀ |mean| / standard deviation",
        "share of the layer's weights",
    )
    .with_x_range(-2.5, 2.5);
    for (i, (name, layer)) in model.random_layers().into_iter().enumerate() {
        let ratios = signal_to_noise(layer)?;
        let below = ratios.iter().filter(|&&ratio| ratio < 1.0).count();
        println!(
            "{name}: {:.0} % of {} weights and biases have a signal-to-noise below 1",
            100.0 * below as f64 / ratios.len() as f64,
            ratios.len()
        );
        let logs: Vec<f64> = ratios.iter().map(|ratio| ratio.max(1e-6).log10()).collect();
        chart = chart.histogram(name, Colour::Category(i as u8), &logs, 60);
    }
    output.save("signal_to_noise.png", &chart.draw()?)?;
    output.finish();
    Ok(())
}
