//! An IWAEU trained on MNIST by a loop of one's own, without the training engine.
//!
//!     cargo run --release --example training_loop
//!
//! Half a minute to a minute on two cores. Expect a bound near -147 nats after the first 100 steps,
//! and an estimate of log p(x) near -120 on test images at the end of the 300.
//!
//! It writes nothing, so there is nothing to resume.

#[path = "common/mod.rs"]
mod common;

use burn::optim::GradientsParams;
use burn_bayes::prelude::*;
use clap::Parser;
use common::{
    DeviceOption,
    images::{DataOptions, ImageSet},
};
use std::process::ExitCode;

const BATCH_SIZE: usize = 100;
const NUM_SAMPLES: usize = 25;
const NUM_STEPS: usize = 300;

/// Trains an IWAEU on MNIST by a loop of its own and estimates log p(x) of test images. Writes
/// nothing.
#[derive(Parser, Debug)]
struct Arguments {
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    device: DeviceOption,
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> burn_bayes::Result<()> {
    let device = arguments.device.open()?.autodiff();
    let data = ImageSet::mnist(&arguments.data)?;
    let (train, test) = (data.train, data.test.strided(100));

    let noise = Noise::seeded(1);
    let [mut initial, mut order, visits, samples] = [0, 1, 2, 3].map(|stream| noise.fork(stream));
    let mean = Tensor::from_data(TensorData::new(train.mean(), [784]), &device);
    let mut model = VaeConfig::new(784, 40)
        .with_uncertainty(Uncertainty::EncoderAndDecoder)
        .init(&device, &mut initial)
        .with_data_mean(mean);
    let mut adam = AdamConfig::new().init();

    // Within one epoch, which has 600 steps: a further one takes a permutation of its own.
    for (step, ids) in order
        .permutation(train.len())
        .chunks(BATCH_SIZE)
        .take(NUM_STEPS)
        .enumerate()
    {
        // Noise is a function of the step and of the images' ids: the run can be repeated to the
        // bit.
        let x = train.select(ids, &device);
        let x = Binarization::Dynamic.apply(x, ids, &visits.fork(step as u64));
        let mut noise = samples.fork(step as u64).with_datapoints(ids);
        let log_weights = model.log_weights(x, NUM_SAMPLES, &mut noise);
        let bound = bound::iwaeu(log_weights.total(), WeightKl::None).mean();
        if step % 20 == 19 {
            println!(
                "step {:3}: bound {:8.2} nats",
                step + 1,
                bound.clone().into_scalar::<f32>()
            );
        }
        let gradients = GradientsParams::from_grads((-bound).backward(), &model);
        model = adam.step(1e-3, model, gradients);
    }

    let ids: Vec<u32> = (0..test.len() as u32).collect();
    let grey = test.select(&ids, &device.inner());
    let x = Binarization::Fixed { seed: 2 }.apply(grey, &ids, &noise);
    let settings = LogLikelihoodSettings {
        num_samples: 500,
        ..Default::default()
    };
    let estimate = evaluate::log_likelihood(&model.valid(), x, &settings, &noise.fork(4))?;
    println!(
        "log p(x) of 100 test images: {:.2} ± {:.2} nats",
        estimate.mean(),
        estimate.standard_error()
    );
    Ok(())
}
