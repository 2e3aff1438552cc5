//! How well a model of MNIST with uncertain weights tells other images from MNIST.
//!
//!     cargo run --release --example out_of_distribution
//!     cargo run --release --example out_of_distribution -- --others letters
//!
//! `--others` names an IDX file of images, or a folder of such files. About four minutes on two
//! cores. There are two scores: log p(x) under random weights, low for outsiders, and its standard
//! deviation over draws of the weights, high for outsiders. Each is shown as AUROC: 1 is perfect,
//! 0.5 is guessing, below 0.5 the wrong way round. Images of another size are scaled to 20 pixels
//! and centred in 28, as MNIST's digits are.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Error, Result,
    draw::{Chart, Colour, ImageGrid, Picture},
    evaluate::{Scores, auroc, scores},
    prelude::*,
    train::Backward,
};
use clap::Parser;
use common::{
    Common, Output, Recipe, TEST_BINARIZATION, at_least,
    images::{DataOptions, ImageSet},
    other_images::{SIDE, image_files, read_set},
};
use std::{path::PathBuf, process::ExitCode};

/// Sets that a chart can tell apart.
const NUM_COLOURS: usize = 10;

/// Scores images that are not MNIST with a model of MNIST.
#[derive(Parser, Debug)]
struct Arguments {
    /// More images to score: an IDX file, or a folder with such files; can be given more than once
    #[arg(long)]
    others: Vec<PathBuf>,
    /// Images of each set
    #[arg(long, default_value_t = 300, value_parser = at_least(2))]
    images: usize,
    /// Draws of the weights
    #[arg(long, default_value_t = 10, value_parser = at_least(2))]
    draws: usize,
    /// Importance samples for each image and draw
    #[arg(long, default_value_t = 200, value_parser = at_least(2))]
    samples: usize,
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
        // Fixed weights always agree: one of the two scores would say nothing.
        common::check_uncertain(&given.model)?;
    }
    let inside = data.test.strided(arguments.images);
    let sets = other_sets(arguments, &inside, data.noun)?;
    let mut output = Output::of("out_of_distribution", common, &["iwaeu"])?;

    let config = VaeConfig::new(data.train.num_features(), 40)
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(0.05);
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

    let score = |set: &Datapoints| -> Result<Scores> {
        let ids: Vec<u32> = (0..set.len() as u32).collect();
        let x = set.select(&ids, &device);
        let x = TEST_BINARIZATION.apply(x, &ids, &Noise::seeded(0));
        let settings = LogLikelihoodSettings {
            num_samples: arguments.samples,
            ..Default::default()
        };
        scores(
            &model,
            x,
            arguments.draws,
            &settings,
            &common.noise().fork(500),
        )
    };
    println!(
        "scoring {} sets of up to {} images, {} draws of the weights, {} samples each",
        sets.len() + 1,
        arguments.images,
        arguments.draws,
        arguments.samples
    );
    let known = score(&inside)?;
    let improbable = |scores: &Scores| -> Vec<f64> {
        scores.log_likelihood.iter().map(|value| -value).collect()
    };
    println!(
        "\n{:<28}{:>12}{:>14}{:>20}",
        "set", "mean log p", "AUROC log p", "AUROC disagreement"
    );
    println!("{:<28}{:>12.1}", inside.name(), mean(&known.log_likelihood));
    // From some 20 to some 5000 nats.
    let surprise = |scores: &Scores| logs(&improbable(scores));
    let mut chart = Chart::new(
        "Surprise, −log p(x) under random weights",
        "log₁₀ of −log p(x) [nats]",
        "share of the set",
    )
    .histogram(&data.name, Colour::Data, &surprise(&known), 40);
    let mut doubt = Chart::new(
        "Disagreement of the weights",
        "log₁₀ of the standard deviation of log p(x) over weights [nats]",
        "share of the set",
    )
    .histogram(&data.name, Colour::Data, &logs(&known.disagreement), 40);
    let mut rows = vec![inside.values()[..10.min(inside.len()) * SIDE * SIDE].to_vec()];
    let mut labels = vec![data.name.clone()];
    for (i, set) in sets.iter().enumerate() {
        let found = score(set)?;
        println!(
            "{:<28}{:>12.1}{:>14.3}{:>20.3}",
            set.name(),
            mean(&found.log_likelihood),
            auroc(&improbable(&known), &improbable(&found)),
            auroc(&known.disagreement, &found.disagreement)
        );
        let colour = Colour::Category(i as u8);
        chart = chart.histogram(set.name(), colour, &surprise(&found), 40);
        doubt = doubt.histogram(set.name(), colour, &logs(&found.disagreement), 40);
        rows.push(set.values()[..10.min(set.len()) * SIDE * SIDE].to_vec());
        labels.push(set.name().into());
    }
    rows.iter_mut()
        .for_each(|row| row.resize(10 * SIDE * SIDE, 0.0));
    let grid = ImageGrid::new(&rows.concat(), [SIDE, SIDE])
        .with_columns(10)
        .with_row_labels(labels)
        .draw()?;
    output.save("sets.png", &grid.titled("What is scored"))?;
    output.save(
        "scores.png",
        &Picture::column([chart.draw()?, doubt.draw()?]),
    )?;
    output.finish();
    Ok(())
}

/// What is not like the training data.
fn other_sets(arguments: &Arguments, inside: &Datapoints, noun: &str) -> Result<Vec<Datapoints>> {
    let changed = |name: &str, change: &dyn Fn(&[f32]) -> Vec<f32>| {
        let rows = (0..inside.len()).flat_map(|row| change(inside.row(row)));
        Datapoints::new(name, rows.collect(), inside.num_features())
    };
    let mut noise = Noise::seeded(7);
    let average = mean(
        &inside
            .values()
            .iter()
            .map(|&v| f64::from(v))
            .collect::<Vec<_>>(),
    );
    let uniform = noise.uniform([1, inside.len(), inside.num_features()], &Device::default());
    let noise_images = common::numbers(uniform);
    let dots = noise_images.iter().map(|&u| f32::from(u < average as f32));
    let order = noise.permutation(SIDE * SIDE);
    let mut sets = vec![
        Datapoints::new(
            "noise of the same mean",
            dots.collect(),
            inside.num_features(),
        )?,
        changed(&format!("inverted {noun}"), &|row| {
            row.iter().map(|v| 1.0 - v).collect()
        })?,
        changed(&format!("{noun} upside down"), &|row| {
            row.chunks(SIDE).rev().flatten().copied().collect()
        })?,
        changed(&format!("{noun}, pixels shuffled"), &|row| {
            order.iter().map(|&pixel| row[pixel as usize]).collect()
        })?,
        Datapoints::new(
            "blank images",
            vec![0.0; inside.values().len()],
            inside.num_features(),
        )?,
    ];
    for path in &arguments.others {
        for file in image_files(path)? {
            sets.push(read_set(&file, arguments.images)?);
        }
    }
    if sets.len() > NUM_COLOURS {
        return Err(Error::Setting {
            name: "--others".into(),
            problem: format!(
                "gives {} with those of this program, and there are {NUM_COLOURS} colours",
                sets.len()
            ),
            cure: "give fewer at a time".into(),
        });
    }
    Ok(sets)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn logs(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value.max(1e-6).log10()).collect()
}
