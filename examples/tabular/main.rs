//! A table with missing cells: real numbers, yes or no, classes and counts, filled by a model.
//!
//!     cargo run --release --example tabular
//!
//! Half a minute on two cores. It prints how far filled cells of fresh rows are from the true ones.
//! Beside the model stand means and most frequent values, and the process that made the table,
//! which no model beats except by chance. Expect log p of the observed cells near -5.5 nats,
//! 0.05 below that of the process.
//!
//! A row depends on hidden u and v from N(0, 1). Three real columns are N(u, 0.3²), N(u² − 1, 0.3²)
//! and N(sin 2v + u/2, 0.3²). Two columns are 1 with probability sigmoid(3u) and sigmoid(3v). One
//! is of four classes, with probabilities softmax(2u + 2v, 2u − 2v, 2v − 2u, −2u − 2v). The last is
//! a count, Poisson(e^(1 + 0.7v)). Each cell is missing with probability 0.3.

#[path = "../common/mod.rs"]
mod common;
mod process;

use burn_bayes::{
    Result,
    draw::{Chart, Colour, Picture},
    model::Imputation,
    prelude::*,
    train::Run,
};
use clap::Parser;
use common::{DeviceOption, Earlier, INITIAL_WEIGHTS, Output, at_least, numbers};
use process::{Model, Table, columns, process};
use std::{path::PathBuf, process::ExitCode};

const NAMES: [&str; 7] = [
    "real 1", "real 2", "real 3", "yes/no 1", "yes/no 2", "class", "count",
];
const COLUMNS: usize = NAMES.len();
/// The columns whose cells are right or wrong; of others it is told how far they are off.
const LABELS: std::ops::Range<usize> = 3..6;
const NUM_SAMPLES: usize = 2000;
/// Of the labels, the one that is a class; others are yes or no.
const CLASS: usize = 5;

/// Learns a table with missing cells, fills those of fresh rows, and tells how well.
#[derive(Parser, Debug)]
struct Arguments {
    /// How often each training datapoint is visited
    #[arg(long, default_value_t = 150, value_parser = at_least(1))]
    epochs: usize,
    /// k, the samples of each datapoint
    #[arg(long, default_value_t = 20, value_parser = at_least(1))]
    k: usize,
    /// Rows to train on; a quarter as many are filled
    #[arg(long, default_value_t = 4000, value_parser = at_least(100))]
    rows: usize,
    /// The seed of everything
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for the picture and the run; by default the first of runs/tabular,
    /// runs/tabular-2, ... that does not exist, with --resume the last that holds a run
    #[arg(long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    earlier: Earlier,
    #[command(flatten)]
    device: DeviceOption,
}

/// What stands in every cell, and what the model says of the rows.
struct Filled {
    cells: Vec<f32>,
    /// One draw for each missing cell.
    drawn: Vec<f32>,
    effective_sample_size: f64,
    log_likelihood: f64,
}

/// The most frequent of some labels.
fn most_frequent(labels: impl Iterator<Item = f32>) -> f32 {
    let mut counts = [0; 4];
    labels.for_each(|label| counts[label as usize] += 1);
    let labels = (0..counts.len()).max_by_key(|&label| counts[label]);
    labels.unwrap_or_default() as f32
}

/// The table of means, with the most probable label where there are labels.
fn most_probable(imputed: &Imputation) -> Vec<f32> {
    let classes = imputed.class_probabilities(CLASS);
    let class = numbers(classes.expect("the column is of classes").argmax(1).float());
    let mut cells = numbers(imputed.mean.clone());
    for (row, class) in cells.chunks_mut(COLUMNS).zip(class) {
        row[LABELS].iter_mut().for_each(|yes| *yes = yes.round());
        row[CLASS] = class;
    }
    cells
}

impl Filled {
    /// By a model: means of numbers, the most probable of labels.
    fn by<E: Network, D: Network>(
        model: &Model<E, D>,
        data: &Datapoints,
        device: &Device,
        noise: &Noise,
    ) -> Result<Self> {
        let ids: Vec<u32> = (0..data.len() as u32).collect();
        let (mut cells, mut drawn, mut sizes) = (vec![], vec![], vec![]);
        for ids in ids.chunks(50) {
            let noise = || noise.fork(0).with_datapoints(ids);
            let x = data.select(ids, device);
            let imputed = model.impute(x.clone(), NUM_SAMPLES, &mut noise());
            cells.extend(most_probable(&imputed));
            let draw = model.impute_draws(x, NUM_SAMPLES, 1, &mut noise());
            drawn.extend(numbers(draw));
            let size = numbers(imputed.effective_sample_size);
            sizes.extend(size.into_iter().map(f64::from));
        }
        let settings = LogLikelihoodSettings {
            num_samples: NUM_SAMPLES,
            ..Default::default()
        };
        let x = data.select(&ids, device);
        let estimate = evaluate::log_likelihood(model, x, &settings, &noise.fork(1))?;
        Ok(Self {
            cells,
            drawn,
            effective_sample_size: sizes.iter().sum::<f64>() / sizes.len() as f64,
            log_likelihood: estimate.mean(),
        })
    }
}

/// Means and most frequent values of the training rows.
fn typical(train: &Table) -> Vec<f32> {
    let mut values = train.data.mean();
    for column in LABELS {
        let there = train.column(column).into_iter().filter(|x| !x.is_nan());
        values[column] = most_frequent(there);
    }
    values
}

/// Of the missing cells of a column: the root of the mean square error, or the share of wrong ones.
fn error(test: &Table, filled: &[f32], column: usize) -> f64 {
    let cells = (0..filled.len()).skip(column).step_by(COLUMNS);
    let missing = cells.filter(|&i| test.data.values()[i].is_nan());
    let errors = missing.map(|i| f64::from(filled[i]) - f64::from(test.whole[i]));
    let errors: Vec<f64> = match LABELS.contains(&column) {
        true => errors.map(|error| f64::from(error != 0.0)).collect(),
        false => errors.map(|error| error * error).collect(),
    };
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    if LABELS.contains(&column) {
        mean
    } else {
        mean.sqrt()
    }
}

/// The first two columns of rows that have the first and not the second.
fn points(test: &Table, cells: &[f32]) -> Vec<(f64, f64)> {
    let rows = test
        .data
        .values()
        .chunks(COLUMNS)
        .zip(cells.chunks(COLUMNS));
    let shown = rows.filter(|(row, _)| !row[0].is_nan() && row[1].is_nan());
    shown
        .map(|(_, cells)| (f64::from(cells[0]), f64::from(cells[1])))
        .collect()
}

fn chart(title: &str, colour: Colour, points: &[(f64, f64)]) -> Result<Picture> {
    Chart::new(title, NAMES[0], NAMES[1])
        .points("", colour, points)
        .with_x_range(-3.5, 3.5)
        .with_y_range(-2.5, 6.0)
        .with_size([400, 400])
        .draw()
}

fn main() -> ExitCode {
    common::start(run)
}

fn run(arguments: &Arguments) -> Result<()> {
    let device = arguments.device.open()?;
    let noise = Noise::seeded(arguments.seed);
    let train = Table::simulated("training rows", arguments.rows, &noise.fork(200))?;
    let test = Table::simulated("fresh rows", arguments.rows / 4, &noise.fork(201))?;
    let mut output = Output::new("tabular", arguments.out.as_deref(), arguments.earlier)?;

    let mut initial = noise.fork(INITIAL_WEIGHTS);
    let model = IncompleteVae::new(
        columns(Scale::default()),
        3,
        vec![64],
        &device,
        &mut initial,
    );
    let training = TrainingConfig::new(Objective::iwae(arguments.k))
        .with_epochs(arguments.epochs)
        .with_seed(arguments.seed);
    let run = Run::new(output.dir().join("training"))
        .with_resume(arguments.earlier.resume)
        .with_overwrite(arguments.earlier.overwrite)
        .with_progress(Progress::Lines);
    let model = training.fit(model, &train.data, None, run)?.model;

    let filled = Filled::by(&model, &test.data, &device, &noise.fork(202))?;
    let best = Filled::by(&process(), &test.data, &device, &noise.fork(203))?;
    let typical = typical(&train).repeat(test.data.len());
    println!(
        "\nerrors of the missing cells of {} fresh rows",
        test.data.len()
    );
    println!(
        "{:<10}{:<14}{:>8}{:>8}{:>9}",
        "column", "", "typical", "model", "process"
    );
    for (column, name) in NAMES.iter().enumerate() {
        let of = if LABELS.contains(&column) {
            "share wrong"
        } else {
            "root m. s."
        };
        let [a, b, c] = [&typical, &filled.cells, &best.cells].map(|x| error(&test, x, column));
        println!("{name:<10}{of:<14}{a:>8.3}{b:>8.3}{c:>9.3}");
    }
    println!("typical: the mean of the training rows, or the most frequent label");
    for (name, filled) in [("model", &filled), ("process", &best)] {
        println!(
            "{name}: log p(observed cells) = {:.3} nats, effective sample size {:.0} of {}",
            filled.log_likelihood, filled.effective_sample_size, NUM_SAMPLES
        );
    }

    let charts = [
        ("true values of missing cells", Colour::Data, &test.whole),
        ("means in their place", Colour::Category(3), &typical),
        ("draws of the model", Colour::Iwae, &filled.drawn),
    ];
    // What is observed is the same in all.
    let charts = charts.map(|(title, colour, cells)| {
        let rows = cells.chunks(COLUMNS).zip(test.whole.chunks(COLUMNS));
        let cells: Vec<f32> = rows
            .flat_map(|(cells, whole)| [&whole[..1], &cells[1..]].concat())
            .collect();
        chart(title, colour, &points(&test, &cells))
    });
    let charts: Result<Vec<Picture>> = charts.into_iter().collect();
    let title = "Rows whose second column is missing, and what is put there";
    output.save("tabular.png", &Picture::row(charts?).titled(title))?;
    output.finish();
    Ok(())
}
