//! The talk's table: test log-likelihoods of IWAE, IWAEU_rec and IWAEU on MNIST.
//!
//!     cargo run --release --example mnist_table
//!
//! With no arguments it trains all three for a few epochs, within 20 minutes on two cores. The full
//! protocol is `--preset paper`; every setting has an option, see `--help`.

mod options;
mod report;

use burn_bayes::{
    Error, Result,
    data::Mnist,
    device_by_name,
    prelude::*,
    train::{Backward, Objective, Run, Schedule, TrainingConfig},
};
use clap::Parser;
use options::{Arguments, BinarizationName, Method, ScheduleName, Settings};
use report::{Report, RunResult};
use std::{
    io::{IsTerminal, Write},
    path::Path,
    process::ExitCode,
    time::Instant,
};

/// Streams of a run's seed; training has the small numbers.
const INITIAL_WEIGHTS: u64 = 100;
const EVALUATION: u64 = 101;
/// The test set is binarized once, alike for all methods and seeds.
const TEST_BINARIZATION: Binarization = Binarization::Fixed { seed: 123 };
/// Burda et al. hold out the last 400 training images; here they are for validation.
const NUM_VALID: usize = 400;

struct Data {
    train: Datapoints,
    valid: Datapoints,
    test: Datapoints,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let settings = Settings::new(arguments)?;
    let device = device_by_name(&arguments.device)?;
    let data = read_data(arguments, &settings)?;
    let out = report::output_folder(arguments.out.as_deref(), arguments.overwrite)?;
    let mut report = Report::new(settings.clone(), &arguments.device, &out);

    println!("{}", report.introduction(data.train.len()));
    for &seed in &settings.seeds {
        for &method in &settings.methods {
            println!("\n{} (seed {seed}): training", method.name());
            let (result, values) =
                train_and_evaluate(method, seed, &settings, &data, &device, &out, arguments)?;
            println!(
                "{} (seed {seed}): {:.2} ± {} nats on {} test images; training took {:.0} s, evaluation {:.0} s",
                method.name(),
                result.test_log_likelihood,
                report::two_digits(result.standard_error),
                result.eval_images,
                result.train_seconds,
                result.eval_seconds
            );
            report.add(result, values);
            report.write()?;
        }
    }
    println!("\n{}", report.table());
    println!(
        "Written to {}: results.json, table.md; for each run curve.csv and model/.",
        out.display()
    );
    Ok(())
}

fn read_data(arguments: &Arguments, settings: &Settings) -> Result<Data> {
    let dir = &arguments.data_dir;
    let mnist = if arguments.download {
        Mnist::download(dir)?
    } else {
        Mnist::from_dir(dir)?
    };
    let all = Datapoints::from_images("MNIST training images", &mnist.train.images)?;
    let test = Datapoints::from_images("MNIST test images", &mnist.test.images)?;
    let num_train = all.len().saturating_sub(NUM_VALID).max(1);
    Ok(Data {
        train: all.rows(0..num_train),
        valid: all.rows(num_train.min(all.len() - 1)..all.len()),
        test: test.strided(settings.eval_images),
    })
}

fn train_and_evaluate(
    method: Method,
    seed: u64,
    settings: &Settings,
    data: &Data,
    device: &Device,
    out: &Path,
    arguments: &Arguments,
) -> Result<(RunResult, Vec<f64>)> {
    let noise = Noise::seeded(seed);
    let config = VaeConfig::new(data.train.num_features(), settings.latent)
        .with_hidden(settings.hidden.clone())
        .with_uncertainty(method.uncertainty())
        .with_initial_weight_std(settings.initial_weight_std);
    let mean = TensorData::new(data.train.mean(), [data.train.num_features()]);
    let model = config
        .init(device, &mut noise.fork(INITIAL_WEIGHTS))
        .with_data_mean(Tensor::from_data(mean, device));

    let learning_rate = settings.learning_rate;
    let backward = match settings.prune {
        0.0 => Backward::Joint,
        threshold => Backward::Replayed {
            samples_per_chunk: settings.k,
            threshold,
        },
    };
    let training = TrainingConfig::new(
        Objective::iwaeu(settings.k, method.charged(settings.weight_kl)).with_backward(backward),
        match settings.binarization {
            BinarizationName::Dynamic => Binarization::Dynamic,
            BinarizationName::Fixed => Binarization::Fixed { seed },
        },
    )
    .with_seed(seed)
    .with_epochs(settings.epochs)
    .with_batch_size(settings.batch_size)
    .with_schedule(match settings.schedule {
        ScheduleName::Constant => Schedule::Constant { learning_rate },
        ScheduleName::Burda => Schedule::Burda { learning_rate },
    });
    let dir = out.join(format!("{}-seed{seed}", method.file_name()));
    let start = Instant::now();
    let run = Run::new(&dir).with_overwrite(arguments.overwrite);
    let trained = training.fit(model, &data.train, Some(&data.valid), run)?;
    let train_seconds = start.elapsed().as_secs_f64();
    if trained.interrupted {
        let stopped = format!(
            "{} with seed {seed} was stopped before its last epoch",
            method.name()
        );
        return Err(Error::Training(stopped));
    }
    trained.model.save(&config, dir.join("model"))?;

    println!("{} (seed {seed}): evaluation", method.name());
    let start = Instant::now();
    let ids: Vec<u32> = (0..data.test.len() as u32).collect();
    let x = TEST_BINARIZATION.apply(data.test.select(&ids, device), &ids, &noise);
    let sampling = LogLikelihoodSettings {
        num_samples: settings.eval_samples,
        ..Default::default()
    };
    let mut show = evaluation_progress();
    let estimates = evaluate::log_likelihoods(
        &trained.model,
        x,
        &sampling,
        &noise.fork(EVALUATION),
        &mut show,
    )?;
    let estimate = estimates.fresh_weights;
    let result = RunResult {
        method,
        seed,
        epochs: settings.epochs,
        test_log_likelihood: estimate.mean(),
        standard_error: finite(estimate.standard_error()),
        monte_carlo_error: finite(estimate.monte_carlo_error()),
        posterior_mean_log_likelihood: estimates.posterior_mean.map(|at_mean| at_mean.mean()),
        non_finite_images: estimate.num_non_finite(),
        eval_samples: settings.eval_samples,
        eval_images: estimate.values.len(),
        train_bound: trained
            .curve
            .last()
            .map_or(f64::NAN, |epoch| epoch.train.bound),
        effective_sample_size: estimate.mean_effective_sample_size(),
        train_seconds,
        eval_seconds: start.elapsed().as_secs_f64(),
        model: config,
        training,
    };
    Ok((result, estimate.values))
}

/// An error that is not defined, for a single image or sample, is none.
fn finite(error: f64) -> Option<f64> {
    error.is_finite().then_some(error)
}

/// Tells how many images are done: on one line of a terminal, else once in a while.
fn evaluation_progress() -> impl FnMut(usize, usize) {
    let start = Instant::now();
    let mut last = start;
    let terminal = std::io::stderr().is_terminal();
    move |done, total| {
        if done < total && last.elapsed().as_secs() < if terminal { 1 } else { 15 } {
            return;
        }
        last = Instant::now();
        let left = start.elapsed().as_secs_f64() / done as f64 * (total - done) as f64;
        let line = format!("  {done} of {total} images, {left:.0} s left");
        if terminal {
            eprint!("\r{line}    {}", if done == total { "\n" } else { "" });
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }
}
