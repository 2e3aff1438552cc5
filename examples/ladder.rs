//! A ladder of three stochastic layers on MNIST, beside a model whose latents are drawn upwards.
//!
//!     cargo run --release --example ladder
//!
//! About two minutes on two cores. Both have the same layers, networks and batch normalization.
//! Each is trained without and with warm-up, which Sønderby et al. (2016) found crucial.
//!
//! A unit is in use if its part of the KL is above 0.01, and active by the report's rule. In a
//! ladder, a unit that only repeats what the layer above says may be active, too. In the upward
//! model, p(z₁ | z₂) looks at a z₂ that was drawn from z₁. So its layers' parts of the KL are not
//! quite what those of a ladder are.
//!
//! With the defaults, and with `--seed 2`, a ladder without warm-up used 8 and 9 of its 32 lowest
//! units. log p(x) was 7.0 and 5.5 nats lower than with warm-up, where it used 32 and 31. With
//! warm-up, its top layer held 4.5 and 3.8 nats, that of the upward model 2.9 and 3.0. But no more
//! units of the top were in use, and log p(x) was higher by only 0.2 ± 0.1 and 0.3 ± 0.1. All of
//! these log p(x) are too low, as the warnings say.

#[path = "common/mod.rs"]
mod common;

use burn_bayes::{
    Result,
    draw::{Chart, Colour, Picture},
    evaluate::{compare, report},
    model::{LadderConfig, Latent, Latents},
    objective::WarmUp,
    prelude::*,
    train::Run,
};
use clap::Parser;
use common::{
    DeviceOption, Earlier, INITIAL_WEIGHTS, Output, TEST_BINARIZATION, at_least,
    images::{DataOptions, ImageSet},
    numbers,
    upwards::upwards,
};
use std::{fmt::Display, path::PathBuf, process::ExitCode};

/// The latents of each layer, from the data up, and the hidden units of its networks.
const LAYERS: [(usize, usize); 3] = [(32, 200), (16, 100), (8, 50)];
/// The folder of each training, its name, whether it is a ladder, and whether it warms up.
const MODELS: [(&str, &str, bool, bool); 4] = [
    ("upwards", "upwards", false, false),
    ("upwards_warm_up", "upwards, warm-up", false, true),
    ("ladder", "ladder", true, false),
    ("ladder_warm_up", "ladder, warm-up", true, true),
];
const BATCH: usize = 100;
/// Draws of each image's latents from which the KL of single units is found.
const DRAWS: usize = 20;
/// Of a unit's KL to be in use, and of the variance of its posterior mean to be active.
const THRESHOLD: f64 = 0.01;

/// Trains ladders and upward models of three stochastic layers, and shows which layers they use.
#[derive(Parser, Debug)]
struct Arguments {
    #[command(flatten)]
    data: DataOptions,
    /// How often each training datapoint is visited; β rises to 1 in the first half of the time
    #[arg(long, default_value_t = 10, value_parser = at_least(1))]
    epochs: usize,
    /// Test images to report on
    #[arg(long, default_value_t = 500, value_parser = at_least(2))]
    eval_images: usize,
    /// Importance samples of each of them
    #[arg(long, default_value_t = 200, value_parser = at_least(1))]
    eval_samples: usize,
    /// The seed of everything
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for the picture and the runs; by default the first of runs/ladder,
    /// runs/ladder-2, ... that does not exist, with --resume the last that holds a run
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    earlier: Earlier,
    #[command(flatten)]
    device: DeviceOption,
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> Result<()> {
    let device = arguments.device.open()?;
    let data = ImageSet::mnist(&arguments.data)?;
    let mut output = Output::new("ladder", arguments.out.as_deref(), arguments.earlier)?;
    if arguments.earlier.overwrite {
        output.clear(&MODELS.map(|(folder, ..)| folder))?;
    }

    let layers = LAYERS.map(|(latents, hidden)| Latents::new(latents).with_hidden(vec![hidden]));
    let d_data = data.train.num_features();
    let half = (arguments.epochs * data.train.len().div_ceil(BATCH)).div_ceil(2) as u64;
    let mut all = Vec::new();
    for (folder, name, is_ladder, warms_up) in MODELS {
        println!("training {name}");
        let dir = output.dir().join(folder);
        let noise = &mut Noise::seeded(arguments.seed).fork(INITIAL_WEIGHTS);
        let warm_up = match warms_up {
            true => WarmUp::Linear { steps: half },
            false => WarmUp::None,
        };
        let ladder = LadderConfig::new(d_data, layers.to_vec()).with_batch_norm(true);
        all.push(match is_ladder {
            true => trained(ladder.init(&device, noise), warm_up, &data, dir, arguments)?,
            false => {
                let model = upwards(&ladder, &device, noise);
                trained(model, warm_up, &data, dir, arguments)?
            }
        });
    }

    let axis = "layer, from the data up";
    let mut kls = Chart::new("KL of each layer", axis, "KL [nats]");
    let mut used = Chart::new("Units in use", axis, "share of the layer's units");
    for (i, ((_, name, ..), (report, units))) in MODELS.into_iter().zip(&all).enumerate() {
        let (log_p, bound) = (&report.log_likelihood, report.parts.bound());
        let [mean, error] = [log_p.mean(), log_p.standard_error()];
        println!("\n{name}: log p(x) {mean:.2} ± {error:.2}, bound {bound:.2}");
        let [mut kl, mut share] = [Vec::new(), Vec::new()];
        for (i, (layer, units)) in report.layers.iter().zip(units).enumerate() {
            let (x, width) = (i as f64 + 1.0, units.len());
            let in_use = units.iter().filter(|&&kl| f64::from(kl) > THRESHOLD);
            let (in_use, active) = (in_use.count(), layer.active(THRESHOLD).len());
            print!("  layer {x}: KL {:5.2}, ", layer.kl);
            println!("of {width:2} units {in_use:2} in use and {active:2} active");
            kl.push((x, layer.kl));
            share.push((x, in_use as f64 / width as f64));
        }
        for warning in report.warnings() {
            println!("  warning: {warning}");
        }
        let colour = Colour::Category(i as u8);
        kls = kls.bars(name, colour, &kl);
        used = used.bars(name, colour, &share);
    }
    let difference = compare(&all[3].0, &all[1].0)?;
    println!("\n{} minus {}: {difference}", MODELS[3].1, MODELS[1].1);
    let charts = [kls, used.with_y_range(0.0, 1.05)];
    let charts = charts.map(|chart| chart.with_size([600, 420]).draw());
    let charts = charts.into_iter().collect::<Result<Vec<_>>>()?;
    output.save("ladder.png", &Picture::row(charts))?;
    output.finish();
    Ok(())
}

/// Trains a model; gives a report on it, and the KL of each unit by layer.
fn trained<M: LatentVariableModel + Module + Display + 'static>(
    model: M,
    warm_up: WarmUp,
    data: &ImageSet,
    dir: PathBuf,
    arguments: &Arguments,
) -> Result<(Report, Vec<Vec<f32>>)> {
    let train = data.train.clone().binarized(Binarization::Dynamic);
    let training = TrainingConfig::new(Objective::vae(1).with_warm_up(warm_up))
        .with_epochs(arguments.epochs)
        .with_batch_size(BATCH)
        .with_seed(arguments.seed);
    let run = Run::new(dir)
        .with_resume(arguments.earlier.resume)
        .with_overwrite(arguments.earlier.overwrite)
        .with_progress(Progress::Lines);
    let model = training.fit(model, &train, None, run)?.model;

    let test = (data.test.strided(arguments.eval_images)).binarized(TEST_BINARIZATION);
    let settings = ReportSettings::new()
        .with_num_samples(arguments.eval_samples)
        .with_seed(arguments.seed)
        .with_progress(Progress::Silent);
    let report = report(&model, &test, &settings)?;

    let ids: Vec<u32> = (0..test.len() as u32).collect();
    let noise = Noise::seeded(arguments.seed);
    let x = test.select(&ids, &model.devices()[0], &noise)?;
    let weights = model.log_weights(x, DRAWS, &mut noise.fork(330));
    Ok((report, weights.latents.iter().map(unit_kls).collect()))
}

/// E (log q − log p) of each unit of a layer in nats, both laws being normal.
fn unit_kls(latent: &Latent) -> Vec<f32> {
    let surprise = |mean: Tensor<3>, variance: Tensor<3>| {
        variance.clone().log() + (latent.z.clone() - mean).square() / variance
    };
    let (q, p) = (&latent.proposal, &latent.prior);
    let ratio = surprise(p.mean(), p.variance()) - surprise(q.mean(), q.variance());
    numbers(ratio.mean_dim(0).mean_dim(1) * 0.5)
}
