//! The talk's table: test log-likelihoods of IWAE, IWAEU_rec and IWAEU on MNIST.
//!
//!     cargo run --release --example mnist_table
//!
//! With no arguments it trains all three for two epochs: a first table in a minute on two cores.
//! `--preset quick` has 30 epochs and takes 20 minutes; the full protocol is `--preset paper`.
//! Every setting has an option, see `--help`. With `--resume` a run that was stopped goes on.

#[path = "../common/mod.rs"]
mod common;
mod data;
mod evaluation;
mod folders;
mod given;
mod introduction;
mod method;
mod options;
mod pictures;
mod remarks;
mod results;
mod settings;
mod table;
mod training;

use burn_bayes::{Result, prelude::*};
use common::Output;
use data::Data;
use folders::run_folder;
use given::{Given, GivenRun};
use method::Method;
use options::Arguments;
use results::{EarlierResults, RunResult};
use settings::Settings;
use std::{path::PathBuf, process::ExitCode};
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
    /// The model to evaluate instead of training.
    given: Option<&'a Given>,
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> Result<()> {
    let asked = Settings::new(arguments)?;
    let device = arguments.device.open()?;
    let data = Data::read(arguments, &asked)?;
    let given = match &arguments.model {
        Some(folder) => Some(GivenRun::read(folder, &asked, &data, &device)?),
        None => None,
    };
    let settings = match &given {
        Some(given) => given.settings(&asked, arguments)?,
        None => asked,
    };

    let mut output = Output::new("mnist_table", arguments.out.as_deref(), arguments.earlier)?;
    let task = |(method, seed)| Task {
        method,
        seed,
        dir: run_folder(output.dir(), method, seed),
        arguments,
        settings: &settings,
        data: &data,
        device: &device,
        given: given.as_ref().and_then(|given| given.of(method, seed)),
    };
    let tasks: Vec<Task> = settings.runs().map(task).collect();
    tasks.iter().try_for_each(folders::check)?;
    let earlier = match arguments.earlier.resume {
        true => EarlierResults::read(output.dir())?,
        false => EarlierResults::default(),
    };
    earlier.check(&settings, output.dir())?;
    if arguments.earlier.overwrite {
        folders::make_room(output.dir(), &tasks)?;
    }

    let seconds: Vec<_> = tasks.iter().map(|task| earlier.seconds(task)).collect();
    let rows = earlier.rows(output.dir(), &data)?;
    let mut table = Table {
        settings: settings.clone(),
        source: data.source.clone(),
        device: arguments.device.name.clone(),
        trained_on: match &given {
            Some(given) => given.other_data(&data)?,
            None => None,
        },
        out: output.dir().into(),
        runs: Vec::new(),
    };
    println!("{}", table.introduction(arguments, &data));
    for (result, values) in rows {
        table.add(result, values);
    }
    for (task, [train_seconds, eval_seconds]) in tasks.iter().zip(seconds) {
        let ready = task.model()?;
        let (mut result, values) = task.evaluate(&ready, &mut output)?;
        if !ready.trained_now {
            result.train_seconds = train_seconds.or(result.train_seconds);
            result.eval_seconds = eval_seconds.unwrap_or(result.eval_seconds);
        }
        println!("{}", told(&result));
        table.add(result, values);
        table.write()?;
    }
    println!("\n{}", table.table());
    pictures::curves(&table.settings, &mut output)?;
    output.finish();
    println!(
        "{}: results.json, table.md; for each run curve.csv, report.html, report.json and model/",
        table.out.display()
    );
    Ok(())
}

/// A result in one line.
fn told(result: &RunResult) -> String {
    let training = match result.train_seconds {
        Some(seconds) => format!("training took {seconds:.0} s, "),
        None => String::new(),
    };
    format!(
        "{} (seed {}): {:.2} ± {} nats on {} test images; {training}evaluation {:.0} s",
        result.method.name(),
        result.seed,
        result.test_log_likelihood,
        table::two_digits(result.standard_error),
        result.eval_images,
        result.eval_seconds
    )
}
