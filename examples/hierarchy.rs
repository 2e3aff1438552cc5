//! One stochastic layer beside two on MNIST, and what the upper one holds.
//!
//!     cargo run --release --example hierarchy
//!
//! About two minutes on two cores. Both are networks of Burda et al. (2016), trained as IWAE from
//! the same initial weights below z₁, by the same noise and on the same pixels. Each gets a report
//! on test images, and the paired difference follows. With `--model`, once or twice, those models
//! are shown instead.
//!
//! With the defaults, two layers came out better by 1.3 ± 0.2 nats on 500 test images. In the
//! picture, z₂ alone keeps some digits, such as 4 and 7, and makes similar ones of others.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Result,
    draw::ImageGrid,
    evaluate::{compare, report},
    model::Latents,
    prelude::*,
};
use clap::Parser;
use common::{
    Common, NamedModel, Output, Recipe, TEST_BINARIZATION, at_least,
    images::{DataOptions, ImageSet},
    numbers,
};
use std::process::ExitCode;

/// Draws of p(z₁ | z₂) that are shown for one z₂.
const DRAWS: usize = 3;

/// Trains models with one stochastic layer and with two, and compares them.
#[derive(Parser, Debug)]
struct Arguments {
    /// Importance samples of each datapoint in training
    #[arg(long, default_value_t = 5, value_parser = at_least(1), conflicts_with = "model")]
    k: usize,
    /// Test images to report on
    #[arg(long, default_value_t = 500, value_parser = at_least(2))]
    eval_images: usize,
    /// Importance samples of each of them
    #[arg(long, default_value_t = 1000, value_parser = at_least(1))]
    eval_samples: usize,
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
    let given = common.given(2, data.train.num_features())?;
    let mut output = Output::of("hierarchy", common, &["one_layer", "two_layers"])?;
    let one = VaeConfig::new(data.train.num_features(), 100).with_hidden(vec![200, 200]);
    let above = Latents::new(50).with_hidden(vec![100, 100]);
    let two = one.clone().with_above(vec![above]);
    let models = match given.is_empty() {
        false => given,
        true => {
            let train = |(name, shown, config): (_, &str, _)| -> Result<NamedModel> {
                let recipe = Recipe::new(name, config, Objective::iwae(arguments.k), 15);
                let model = common.train(&recipe, &data.train, &mut output)?;
                let name = shown.into();
                Ok(NamedModel { name, ..model })
            };
            let models = [
                ("one_layer", "one layer", one),
                ("two_layers", "two layers", two),
            ];
            models.into_iter().map(train).collect::<Result<Vec<_>>>()?
        }
    };

    let test = (data.test.strided(arguments.eval_images)).binarized(TEST_BINARIZATION);
    let settings = ReportSettings::new()
        .with_num_samples(arguments.eval_samples)
        .with_seed(common.seed);
    let mut reports = Vec::new();
    for NamedModel { name, model, .. } in &models {
        let found = report(model, &test, &settings)?;
        println!("\n{name}: {found}");
        reports.push(found);
    }
    if let ([first, second], [a, b]) = (&models[..], &reports[..]) {
        let difference = compare(b, a)?;
        println!("{} minus {}: {difference}", second.name, first.name);
    }

    let x = data.test_rows(&data.one_of_each(), &device);
    let columns = x.dims()[0];
    let (mut pixels, mut labels) = (numbers(x.clone()), vec![format!("test {}", data.noun)]);
    for NamedModel { name, model, .. } in &models {
        for layer in 0..=model.prior.layers.len() {
            let images = from_layer(model, x.clone(), layer, &common.noise().fork(320));
            let [draws, ..] = images.dims();
            let kept = subscript(layer + 1);
            labels.extend((0..draws).map(|draw| match layer {
                0 => format!("{name}: z{kept}"),
                _ => format!("{name}: z{kept}, draw {}", draw + 1),
            }));
            pixels.extend(numbers(images));
        }
    }
    let grid = ImageGrid::new(&pixels, data.size)
        .with_columns(columns)
        .with_row_labels(labels)
        .draw()?;
    let title = "What a layer holds: latents below it are drawn anew from the model";
    output.save("hierarchy.png", &grid.titled(title))?;
    output.finish();
    Ok(())
}

/// E(x' | z₁) for a draw of all latents up to a layer from q: those below it are drawn anew, from
/// what the model says of them.
fn from_layer(model: &Vae, x: Tensor<2>, layer: usize, noise: &Noise) -> Tensor<3> {
    let layers = &model.prior.layers[..layer];
    let [mut up, mut down] = noise.clone().split();
    let z = model.encode(x, 1, &mut up).sample(1, &mut up);
    let top = layers.iter().fold(z, |z, layer| {
        layer.encoder.forward(z, 1, &mut up).sample(1, &mut up)
    });
    let z = layers.iter().rev().fold(top, |z, layer| {
        (layer.decoder.forward(z, DRAWS, &mut down)).sample(DRAWS, &mut down)
    });
    model.decode(z, &mut down).mean()
}

fn subscript(number: usize) -> String {
    let digits = number.to_string();
    let digits = digits.bytes().map(|digit| u32::from(digit - b'0'));
    digits
        .filter_map(|digit| char::from_u32(0x2080 + digit))
        .collect()
}
