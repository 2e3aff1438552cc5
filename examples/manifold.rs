//! Images over the plane of a model's two latent variables.
//!
//!     cargo run --release --example manifold
//!
//! About a minute on two cores. MNIST by default; with `--data-dir` of a folder that holds Frey
//! faces (`frey_rawface.mat`) those, with a Gaussian decoder. The plane is cut so that every cell
//! has the same probability: cell centres go through the inverse of the normal distribution
//! function.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Result,
    draw::{Colours, ImageGrid},
    prelude::*,
};
use clap::Parser;
use common::{
    Common, Output, Recipe, between,
    images::{DataOptions, ImageSet},
    normal_quantiles, numbers,
};
use std::process::ExitCode;

/// Trains a VAE with two latents and draws the images over its latent plane: digits of MNIST, or
/// Frey faces where the data folder holds those (frey_rawface.mat).
#[derive(Parser, Debug)]
struct Arguments {
    /// Cells along each side
    #[arg(long, default_value_t = 20, value_parser = between(2, 200))]
    cells: usize,
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
    let data = ImageSet::mnist_or_faces(&arguments.data)?;
    let given = common.given_one(data.train.num_features())?;
    if let Some(given) = &given
        && (given.config.d_latent != 2 || !given.config.above.is_empty())
    {
        let layers = 1 + given.config.above.len();
        return Err(Error::Setting {
            name: "--model".into(),
            problem: format!(
                "has {} latent variables and {layers} stochastic layers",
                given.config.d_latent
            ),
            cure: "give a model with two in one layer".into(),
        });
    }
    let mut output = Output::of("manifold", common, &["vae"])?;

    let config = VaeConfig::new(data.train.num_features(), 2).with_hidden(vec![400]);
    let recipe = if data.binary {
        Recipe::new("vae", config, Objective::vae_analytic(1), 25)
    } else {
        let config = config.with_likelihood(Family::Normal(Scale::default()));
        Recipe {
            binarization: Binarization::None,
            batch_size: 20,
            ..Recipe::new("vae", config, Objective::vae_analytic(1), 300)
        }
    };
    let (name, model) = match given {
        Some(given) => (given.name, given.model),
        None => {
            let trained = common.train(&recipe, &data.train, &mut output)?;
            (data.train.name().to_string(), trained.model)
        }
    };

    let axis = normal_quantiles(arguments.cells);
    // Rows from the top: the second latent falls.
    let z: Vec<f32> = axis
        .iter()
        .rev()
        .flat_map(|&up| {
            axis.iter()
                .flat_map(move |&right| [right as f32, up as f32])
        })
        .collect();
    let z = Tensor::from_data(TensorData::new(z, [1, axis.len() * axis.len(), 2]), &device);
    let images = numbers(model.decode(z, &mut common.noise().fork(300)).mean());
    let title = format!(
        "{name}: E(x | z), z₁ to the right and z₂ upwards, from {:.1} to {:.1}",
        axis[0],
        axis[axis.len() - 1]
    );
    let grid = ImageGrid::new(&images, data.size)
        .with_columns(axis.len())
        .with_scale(1)
        .with_colours(match data.binary {
            true => Colours::Ink,
            false => Colours::Light,
        })
        .draw()?;
    output.save("manifold.png", &grid.titled(&title))?;
    output.finish();
    Ok(())
}
