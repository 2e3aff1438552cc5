//! How well a model of MNIST with uncertain weights tells other images from MNIST.
//!
//!     cargo run --release --example out_of_distribution
//!     cargo run --release --example out_of_distribution -- --others letters
//!
//! `--others` names an IDX file of images, or a folder of such files. About four minutes on two cores. Two scores, each as AUROC (1 is perfect, 0.5 is guessing, below 0.5 the wrong way round): log p(x)
//! under random weights, low for outsiders, and its standard deviation over draws of the weights, high for outsiders. Images of
//! another size are scaled to 20 pixels and centred in 28, as MNIST's digits are.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Error, Result,
    data::read_images,
    draw::{Chart, Colour, ImageGrid, Picture},
    evaluate::{Scores, auroc, scores},
    prelude::*,
    train::Backward,
};
use clap::Parser;
use common::{Common, Output, Recipe, TEST_BINARIZATION, images::ImageSet};
use image::{GrayImage, imageops};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

const SIDE: usize = 28;

/// Scores images that are not MNIST with a model of MNIST.
#[derive(Parser, Debug)]
struct Arguments {
    /// More images to score: an IDX file, or a folder with such files; can be given more than once
    #[arg(long)]
    others: Vec<PathBuf>,
    /// Images of each set
    #[arg(long, default_value_t = 300)]
    images: usize,
    /// Draws of the weights
    #[arg(long, default_value_t = 10)]
    draws: usize,
    /// Importance samples for each image and draw
    #[arg(long, default_value_t = 200)]
    samples: usize,
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    common::exit_code(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<()> {
    let common = &arguments.common;
    common.check_models(1)?;
    for (name, value) in [
        ("--images", arguments.images),
        ("--draws", arguments.draws),
        ("--samples", arguments.samples),
    ] {
        if value < 2 {
            return Err(Error::Setting {
                name: name.into(),
                problem: format!("is {value}"),
                cure: "give at least 2".into(),
            });
        }
    }
    let mut output = Output::of("out_of_distribution", common)?;
    let data = ImageSet::mnist(&common.data_dir)?;
    let inside = data.test.strided(arguments.images);
    let sets = other_sets(arguments, &inside)?;

    let config = VaeConfig::new(data.train.num_features(), 40)
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .with_initial_weight_std(0.05);
    // Charged for its weights, the model keeps those uncertain that the data do not determine.
    let objective = Objective::iwaeu(10, ChargedWeights::All).with_backward(Backward::Replayed {
        samples_per_chunk: 10,
        threshold: 0.1,
    });
    let recipe = Recipe::new("iwaeu", config, objective, 8);
    let (_, model) = common.model(0, &recipe, &data.train, &mut output)?;
    // Fixed weights always agree: one of the two scores would say nothing.
    common::check_uncertain(&model)?;

    let score = |set: &Datapoints| -> Result<Scores> {
        let ids: Vec<u32> = (0..set.len() as u32).collect();
        let x = set.select(&ids, &common.device()?);
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

/// What is not MNIST.
fn other_sets(arguments: &Arguments, inside: &Datapoints) -> Result<Vec<Datapoints>> {
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
        changed("inverted digits", &|row| {
            row.iter().map(|v| 1.0 - v).collect()
        })?,
        changed("digits upside down", &|row| {
            row.chunks(SIDE).rev().flatten().copied().collect()
        })?,
        changed("digits, pixels shuffled", &|row| {
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
    Ok(sets)
}

/// The file, or the image files of the folder in the order of their names.
fn image_files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let failed = |source| Error::Io {
        action: "read",
        path: path.into(),
        source,
    };
    let entries = path.read_dir().map_err(failed)?;
    let files = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut files: Vec<PathBuf> = files.collect::<std::io::Result<_>>().map_err(failed)?;
    files.retain(|file| file.to_string_lossy().contains("-images-idx3-ubyte"));
    files.sort();
    if files.is_empty() {
        return Err(Error::Data {
            name: path.display().to_string(),
            problem: "holds no IDX file of images".into(),
            cure: "give a folder with files named `...-images-idx3-ubyte` or `.gz`".into(),
        });
    }
    Ok(files)
}

/// Images of any size as 28 by 28, the largest value being full ink.
fn read_set(path: &Path, count: usize) -> Result<Datapoints> {
    let images = read_images(path)?;
    let largest = images.pixels().iter().copied().max().unwrap_or(1).max(1);
    let stretch = |value: &u8| (u32::from(*value) * 255 / u32::from(largest)) as u8;
    let count = count.min(images.len());
    let mut values = Vec::new();
    for i in 0..count {
        let pixels = images
            .image(i * images.len() / count)
            .iter()
            .map(stretch)
            .collect();
        let size = [images.num_columns as u32, images.num_rows as u32];
        let grey = GrayImage::from_raw(size[0], size[1], pixels);
        let grey = grey.expect("an image has as many pixels as its size says");
        let grey = if size == [SIDE as u32; 2] {
            grey
        } else {
            let scaled = imageops::resize(&grey, 20, 20, imageops::FilterType::Triangle);
            let mut paper = GrayImage::new(SIDE as u32, SIDE as u32);
            imageops::overlay(&mut paper, &scaled, 4, 4);
            paper
        };
        values.extend(
            grey.into_raw()
                .iter()
                .map(|&value| f32::from(value) / 255.0),
        );
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.split("-images").next().unwrap_or_default();
    Datapoints::new(name, values, SIDE * SIDE)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn logs(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value.max(1e-6).log10()).collect()
}
