//! What models of 2, 5, 10 and 20 latent variables make, side by side, and the talk's small model
//! of 100 hidden units and 3 latents.
//!
//!     cargo run --release --example samples
//!
//! About three minutes on two cores. With `--model`, once or more, those models are shown instead.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Result,
    draw::{ImageGrid, Picture},
    prelude::*,
};
use clap::Parser;
use common::{
    Common, NamedModel, Output, Recipe,
    images::{DataOptions, ImageSet},
    numbers,
};
use std::process::ExitCode;

/// Trains VAEs of several sizes on MNIST and draws samples and reconstructions.
#[derive(Parser, Debug)]
struct Arguments {
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    common::start(run)
}

const MODELS: [(&str, usize, usize); 5] = [
    ("latents-2", 400, 2),
    ("latents-5", 400, 5),
    ("latents-10", 400, 10),
    ("latents-20", 400, 20),
    ("small", 100, 3),
];

fn run(arguments: &Arguments) -> Result<()> {
    let common = &arguments.common;
    let device = common.device.open()?;
    let data = ImageSet::mnist(&arguments.data)?;
    let given = common.given(8, data.train.num_features())?;
    let mut output = Output::of("samples", common, &MODELS.map(|(name, ..)| name))?;
    let ids = data.one_of_each();
    let x = data.test_rows(&ids, &device);

    let models = match given.is_empty() {
        false => given,
        true => {
            let train = |(name, hidden, latents)| {
                let config = VaeConfig::new(data.train.num_features(), latents);
                let config = config.with_hidden(vec![hidden]);
                let recipe = Recipe::new(name, config, Objective::vae_analytic(1), 15);
                common.train(&recipe, &data.train, &mut output)
            };
            MODELS.into_iter().map(train).collect::<Result<Vec<_>>>()?
        }
    };
    let mut grids = Vec::new();
    let mut rows = numbers(x.clone());
    let mut labels = vec!["test images".to_string()];
    for NamedModel { config, model, .. } in models {
        let hidden: Vec<String> = config.hidden.iter().map(usize::to_string).collect();
        let label = format!("{} latents, {} hidden", config.d_latent, hidden.join("-"));

        let mut noise = common.noise().fork(301);
        let z = model.sample_latents(64, &mut noise);
        let samples = numbers(model.decode(z, &mut noise).mean());
        let grid = ImageGrid::new(&samples, data.size)
            .with_columns(8)
            .with_scale(1)
            .draw()?;
        grids.push(grid.titled(&label));
        rows.extend(numbers(model.reconstruct(
            x.clone(),
            1,
            &mut common.noise().fork(302),
        )));
        labels.push(label);
    }
    let title = "Samples: E(x | z), z drawn from N(0, I)";
    output.save("samples.png", &Picture::row(grids).titled(title))?;
    let grid = ImageGrid::new(&rows, data.size)
        .with_columns(ids.len())
        .with_row_labels(labels)
        .draw()?;
    let title = "Reconstructions: E(x' | z) with one z drawn from q(z | x)";
    output.save("reconstructions.png", &grid.titled(title))?;
    output.finish();
    Ok(())
}
