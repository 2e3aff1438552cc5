//! An IWAE of burn's convolutions on MNIST, with random weights in its dense heads.
//!
//!     cargo run --release --example convolutions
//!
//! About two minutes on two cores. It prints a report on test images, and draws reconstructions
//! and samples. `docs/extending.md` explains how a network of one's own is made.

#[path = "common/mod.rs"]
mod common;

use burn::{
    nn::{
        PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig, ConvTranspose2d, ConvTranspose2dConfig},
    },
    tensor::activation::relu,
};
use burn_bayes::{Error, Result, draw::ImageGrid, network::BernoulliHead, prelude::*, train::Run};
use clap::Parser;
use common::{
    DeviceOption, Earlier, INITIAL_WEIGHTS, Output, TEST_BINARIZATION, at_least,
    images::{DataOptions, ImageSet},
    numbers,
};
use std::{path::PathBuf, process::ExitCode};

/// Channels after the first convolution and after the second.
const CHANNELS: [usize; 2] = [16, 32];
const LATENTS: usize = 20;

/// Trains a convolutional IWAE with random weights in its dense heads on MNIST, reports on test
/// images and draws what it makes.
#[derive(Parser, Debug)]
struct Arguments {
    #[command(flatten)]
    data: DataOptions,
    /// How often each training datapoint is visited
    #[arg(long, default_value_t = 3, value_parser = at_least(1))]
    epochs: usize,
    /// k, the samples of each datapoint
    #[arg(long, default_value_t = 5, value_parser = at_least(1))]
    k: usize,
    /// Test images to report on
    #[arg(long, default_value_t = 100, value_parser = at_least(1))]
    eval_images: usize,
    /// Importance samples of each of them
    #[arg(long, default_value_t = 100, value_parser = at_least(1))]
    eval_samples: usize,
    /// The seed of everything
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for the picture and the run; by default the first of runs/convolutions,
    /// runs/convolutions-2, ... that does not exist, with --resume the last that holds a run
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    earlier: Earlier,
    #[command(flatten)]
    device: DeviceOption,
}

/// Halves height and width twice. Images are features outside of it.
#[derive(Module, Debug)]
struct ConvEncoder {
    first: Conv2d,
    second: Conv2d,
    head: Dense,
    #[module(skip)]
    size: [usize; 2],
}

random_weights!(ConvEncoder { head });

impl Network for ConvEncoder {
    fn forward(&self, x: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let ([samples, batch, _], [height, width]) = (x.dims(), self.size);
        let images = x.reshape([samples * batch, 1, height, width]);
        let hidden = relu(self.second.forward(relu(self.first.forward(images))));
        let features = CHANNELS[1] * height / 4 * width / 4;
        let hidden = hidden.reshape([samples, batch, features]);
        self.head.forward(hidden, num_samples, noise)
    }
}

/// Doubles height and width twice; its outputs are the pixels' logits.
#[derive(Module, Debug)]
struct ConvDecoder {
    head: Dense,
    first: ConvTranspose2d,
    second: ConvTranspose2d,
    #[module(skip)]
    size: [usize; 2],
}

random_weights!(ConvDecoder { head });

impl Network for ConvDecoder {
    fn forward(&self, z: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let [height, width] = self.size;
        let hidden = relu(self.head.forward(z, num_samples, noise));
        let [samples, batch, _] = hidden.dims();
        let images = hidden.reshape([samples * batch, CHANNELS[1], height / 4, width / 4]);
        let logits = self.second.forward(relu(self.first.forward(images)));
        logits.reshape([samples, batch, height * width])
    }
}

type ConvVae = Vae<
    Conditional<DiagonalNormal, ConvEncoder>,
    StandardNormal,
    Conditional<BernoulliHead, ConvDecoder>,
>;

/// A new model; burn's layers draw their initial weights from the device's generator.
fn init(size @ [height, width]: [usize; 2], seed: u64, device: &Device) -> Result<ConvVae> {
    if !height.is_multiple_of(4) || !width.is_multiple_of(4) {
        return Err(Error::Data {
            name: "the images".into(),
            problem: format!("are {height} × {width}, and are to be halved twice"),
            cure: "give images whose height and width are multiples of 4".into(),
        });
    }
    device.seed(seed);
    let mut noise = Noise::seeded(seed).fork(INITIAL_WEIGHTS);
    let mut dense = |sizes| {
        let initializer = Initializer::GlorotUniform;
        Dense::new(sizes, Weights::random(), initializer, device, &mut noise)
    };
    let features = CHANNELS[1] * height / 4 * width / 4;
    let heads = [dense([features, 2 * LATENTS]), dense([LATENTS, features])];
    let [encoder_head, decoder_head] = heads;
    let down = |channels| {
        Conv2dConfig::new(channels, [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .init(device)
    };
    let up = |channels| {
        ConvTranspose2dConfig::new(channels, [4, 4])
            .with_stride([2, 2])
            .with_padding([1, 1])
            .init(device)
    };
    let encoder = ConvEncoder {
        first: down([1, CHANNELS[0]]),
        second: down(CHANNELS),
        head: encoder_head,
        size,
    };
    let decoder = ConvDecoder {
        head: decoder_head,
        first: up([CHANNELS[1], CHANNELS[0]]),
        second: up([CHANNELS[0], 1]),
        size,
    };
    Ok(Vae::from_parts(
        Conditional::from_parts(encoder, DiagonalNormal),
        StandardNormal::new(LATENTS),
        Conditional::from_parts(decoder, BernoulliHead),
    ))
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> Result<()> {
    let device = arguments.device.open()?;
    let data = ImageSet::mnist(&arguments.data)?;
    let model = init(data.size, arguments.seed, &device)?;
    let mut output = Output::new("convolutions", arguments.out.as_deref(), arguments.earlier)?;

    let train = data.train.clone().binarized(Binarization::Dynamic);
    let training = TrainingConfig::new(Objective::iwae(arguments.k))
        .with_epochs(arguments.epochs)
        .with_seed(arguments.seed);
    let run = Run::new(output.dir().join("training"))
        .with_resume(arguments.earlier.resume)
        .with_overwrite(arguments.earlier.overwrite)
        .with_progress(Progress::Lines);
    let model = training.fit(model, &train, None, run)?.model;

    let noise = Noise::seeded(arguments.seed).fork(200);
    let test = data
        .test
        .strided(arguments.eval_images)
        .binarized(TEST_BINARIZATION);
    let settings = ReportSettings {
        sampling: LogLikelihoodSettings {
            num_samples: arguments.eval_samples,
            ..Default::default()
        },
        seed: arguments.seed,
        ..Default::default()
    };
    println!("\n{}", evaluate::report(&model, &test, &settings)?);

    let x = data.test_rows(&data.one_of_each(), &device);
    let columns = x.dims()[0];
    let mut pixels = numbers(x.clone());
    pixels.extend(numbers(model.reconstruct(x, 1, &mut noise.fork(1))));
    let mut noise = noise.fork(2);
    let z = model.sample_latents(columns, &mut noise);
    pixels.extend(numbers(model.decode(z, &mut noise).mean()));
    let labels = ["test images", "E(x' | z)", "E(x | z), z from N(0, I)"];
    let grid = ImageGrid::new(&pixels, data.size)
        .with_columns(columns)
        .with_row_labels(labels.map(String::from).to_vec())
        .draw()?;
    let title = "A convolutional IWAE: reconstructions and samples";
    output.save("convolutions.png", &grid.titled(title))?;
    output.finish();
    Ok(())
}
