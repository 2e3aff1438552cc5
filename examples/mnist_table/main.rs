//! The talk's table: test log-likelihoods of IWAE, IWAEU_rec and IWAEU on MNIST.
//!
//!     cargo run --release --example mnist_table
//!
//! With no arguments it trains all three for a few epochs, within 20 minutes on two cores of a server with AMX. The full
//! protocol is `--preset paper`; every setting has an option, see `--help`.

#[path = "../common/mod.rs"]
mod common;
mod options;
mod pictures;
mod table;

use burn_bayes::{
    Error, Result,
    data::Mnist,
    device_by_name,
    evaluate::report,
    prelude::*,
    train::{Backward, Objective, Run, Schedule, TrainingConfig},
};
use clap::Parser;
use common::{Output, TEST_BINARIZATION};
use options::{Arguments, BinarizationName, Method, ScheduleName, Settings};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};
use table::{RunResult, Table};

/// Stream of a run's seed; training has the small numbers.
const INITIAL_WEIGHTS: u64 = 100;
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
    let mut output = Output::new("mnist_table", arguments.out.as_deref(), arguments.overwrite)?;
    let mut table = Table::new(settings.clone(), &arguments.device, &output.dir);

    println!("{}", table.introduction(data.train.len()));
    for &seed in &settings.seeds {
        for &method in &settings.methods {
            let (result, values) = train_and_evaluate(
                method,
                seed,
                &settings,
                &data,
                &device,
                &mut output,
                arguments,
            )?;
            println!(
                "{} (seed {seed}): {:.2} ± {} nats on {} test images; training took {:.0} s, evaluation {:.0} s",
                method.name(),
                result.test_log_likelihood,
                table::two_digits(result.standard_error),
                result.eval_images,
                result.train_seconds,
                result.eval_seconds
            );
            table.add(result, values);
            table.write()?;
        }
    }
    println!("\n{}", table.table());
    pictures::curves(&settings, &mut output)?;
    output.finish();
    println!(
        "{}: results.json, table.md; for each run curve.csv, report.json and model/",
        table.dir().display()
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

/// Where the results of a run are.
fn run_folder(out: &Path, method: Method, seed: u64) -> PathBuf {
    out.join(format!("{}-seed{seed}", method.file_name()))
}

fn train_and_evaluate(
    method: Method,
    seed: u64,
    settings: &Settings,
    data: &Data,
    device: &Device,
    output: &mut Output,
    arguments: &Arguments,
) -> Result<(RunResult, Vec<f64>)> {
    let dir = run_folder(&output.dir, method, seed);
    let start = Instant::now();
    let (config, model) = match &arguments.model {
        Some(earlier) => {
            let earlier = run_folder(earlier, method, seed);
            take_over(&earlier, &dir, data.train.num_features(), device)?
        }
        None => train(
            method,
            seed,
            settings,
            data,
            device,
            &dir,
            arguments.overwrite,
        )?,
    };
    let train_seconds = start.elapsed().as_secs_f64();

    println!("\n{} (seed {seed}): evaluation", method.name());
    let start = Instant::now();
    let unfinished = dir.join("evaluation.json");
    let mut evaluation = ReportSettings::new(TEST_BINARIZATION)
        .with_num_samples(settings.eval_samples)
        .with_seed(seed)
        .with_further_rows(settings.eval_further)
        .with_resume(&unfinished);
    if settings.eval_train > 0 {
        evaluation = evaluation.with_train(data.train.strided(settings.eval_train));
    }
    let found = match report(&model, &data.test, &evaluation) {
        // An evaluation of another model or with other settings: no result to go on from.
        Err(Error::Record { .. }) if arguments.overwrite => {
            fs::remove_file(&unfinished).map_err(|source| Error::Io {
                action: "remove",
                path: unfinished,
                source,
            })?;
            report(&model, &data.test, &evaluation)?
        }
        found => found?,
    };
    found.save(dir.join("report.json"))?;
    println!("\n{found}");
    pictures::samples(&model, &data.test, seed, &dir, output)?;

    let summary = found.summary();
    let result = RunResult {
        method,
        seed,
        epochs: settings.epochs,
        test_log_likelihood: summary.log_likelihood,
        standard_error: finite(summary.standard_error),
        monte_carlo_error: finite(summary.monte_carlo_error),
        posterior_mean_log_likelihood: summary
            .posterior_mean
            .map(|(difference, _)| summary.log_likelihood + difference),
        non_finite_images: summary.num_non_finite,
        unreliable_images: summary.num_unreliable,
        active_units: summary
            .active_units
            .first()
            .map_or(0, |&(active, _)| active),
        train_minus_test: summary.gap.map(|(gap, _)| gap),
        eval_samples: settings.eval_samples,
        eval_images: summary.num_datapoints,
        effective_sample_size: summary.effective_sample_size,
        train_seconds,
        eval_seconds: start.elapsed().as_secs_f64(),
        model: config,
        training: training(method, seed, settings),
    };
    Ok((result, found.log_likelihood.values))
}

/// The model and the learning curve of an earlier run.
fn take_over(
    earlier: &Path,
    dir: &Path,
    num_features: usize,
    device: &Device,
) -> Result<(VaeConfig, Vae)> {
    println!();
    let (config, model) = common::load(&earlier.join("model"), num_features, device)?;
    model.save(&config, dir.join("model"))?;
    let (from, to) = (earlier.join("curve.csv"), dir.join("curve.csv"));
    // A copy onto itself, however its path is written, would empty it.
    let same = matches!((from.canonicalize(), to.canonicalize()), (Ok(a), Ok(b)) if a == b);
    if !same {
        fs::copy(&from, to).map_err(|source| Error::Io {
            action: "copy",
            path: from,
            source,
        })?;
    }
    Ok((config, model))
}

fn training(method: Method, seed: u64, settings: &Settings) -> TrainingConfig {
    let learning_rate = settings.learning_rate;
    let backward = match settings.prune {
        0.0 => Backward::Joint,
        threshold => Backward::Replayed {
            samples_per_chunk: settings.k,
            threshold,
        },
    };
    TrainingConfig::new(
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
    })
}

fn train(
    method: Method,
    seed: u64,
    settings: &Settings,
    data: &Data,
    device: &Device,
    dir: &Path,
    overwrite: bool,
) -> Result<(VaeConfig, Vae)> {
    println!("\n{} (seed {seed}): training", method.name());
    let config = VaeConfig::new(data.train.num_features(), settings.latent)
        .with_hidden(settings.hidden.clone())
        .with_uncertainty(method.uncertainty())
        .with_initial_weight_std(settings.initial_weight_std)
        .with_products(settings.products.products());
    let mean = TensorData::new(data.train.mean(), [data.train.num_features()]);
    let model = config
        .init(device, &mut Noise::seeded(seed).fork(INITIAL_WEIGHTS))
        .with_data_mean(Tensor::from_data(mean, device));
    let run = Run::new(dir).with_overwrite(overwrite);
    // An evaluation that was stopped belongs to the model before.
    let _ = fs::remove_file(dir.join("evaluation.json"));
    let trained =
        training(method, seed, settings).fit(model, &data.train, Some(&data.valid), run)?;
    if trained.interrupted {
        let stopped = format!(
            "{} with seed {seed} was stopped before its last epoch",
            method.name()
        );
        return Err(Error::Training(stopped));
    }
    trained.model.save(&config, dir.join("model"))?;
    Ok((config, trained.model))
}

/// An error that is not defined, for a single image or sample, is none.
fn finite(error: f64) -> Option<f64> {
    error.is_finite().then_some(error)
}
