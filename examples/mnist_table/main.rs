//! The talk's table: test log-likelihoods of IWAE, IWAEU_rec and IWAEU on MNIST.
//!
//!     cargo run --release --example mnist_table
//!
//! With no arguments it trains all three for a few epochs, within 20 minutes on two cores of a server with AMX. The full
//! protocol is `--preset paper`; every setting has an option, see `--help`. With `--resume` a run that was stopped goes on.

#[path = "../common/mod.rs"]
mod common;
mod data;
mod evaluation;
mod method;
mod options;
mod pictures;
mod results;
mod settings;
mod table;
mod training;

use burn_bayes::{Result, device_by_name, prelude::*};
use clap::Parser;
use common::Output;
use data::Data;
use method::Method;
use options::Arguments;
use results::Seconds;
use settings::Settings;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use table::Table;

/// One method with one seed, and what both of its parts need.
struct Task<'a> {
    method: Method,
    seed: u64,
    /// Where its results are.
    dir: PathBuf,
    arguments: &'a Arguments,
    settings: &'a Settings,
    data: &'a Data,
    device: &'a Device,
}

fn main() -> ExitCode {
    common::exit_code(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<()> {
    let settings = Settings::new(arguments)?;
    let device = device_by_name(&arguments.device)?;
    let data = Data::read(arguments, &settings)?;
    let mut output = Output::new("mnist_table", arguments.out.as_deref(), arguments.earlier)?;
    let earlier = Seconds::read(&output.dir, arguments.earlier.resume)?;
    let mut table = Table::new(
        settings.clone(),
        data.source.clone(),
        &arguments.device,
        &output.dir,
    );

    println!("{}", table.introduction(data.train.len()));
    for &seed in &settings.seeds {
        for &method in &settings.methods {
            let task = Task {
                method,
                seed,
                dir: run_folder(&output.dir, method, seed),
                arguments,
                settings: &settings,
                data: &data,
                device: &device,
            };
            let ready = task.model()?;
            let (mut result, values) = task.evaluate(&ready, &mut output)?;
            if let (false, Some(seconds)) = (ready.trained_now, earlier.of(method, seed)) {
                [result.train_seconds, result.eval_seconds] = seconds;
            }
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

/// Where the results of a run are.
fn run_folder(out: &Path, method: Method, seed: u64) -> PathBuf {
    out.join(format!("{}-seed{seed}", method.file_name()))
}
