//! Training and evaluating what has no result yet.

use crate::{
    common::INITIAL_WEIGHTS,
    data::{Data, RunData},
    kept,
    networks::{Model, Networks},
    plan::Study,
    result::{self, RunResult, Summary, rounded},
    run::Run,
};
use burn_bayes::{
    Error, Result,
    evaluate::report_with_train,
    layer::{RandomWeights, Weights},
    prelude::*,
    train::{self, EpochSummary, Trained},
};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
    time::Instant,
};

/// How many images are visited once more: with weights at their means, and for the gap between
/// training and test.
const FURTHER: usize = 1000;

pub fn all(runs: &[Run], results: &Path, out: &Path, data: &Data, device: &Device) -> Result<()> {
    let (count, source) = (runs.len(), data.source.name());
    // A result of another run is found before anything is trained.
    let mut left = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        if result::read(results, run, Some(&source))?.is_none() {
            left.push((number, run));
        }
    }
    let (mut failed, mut elsewhere) = (Vec::new(), Vec::new());
    for (number, run) in left {
        let (name, seed) = (&run.name, run.seed);
        println!("\n{} of {count}: {name}, seed {seed}: {run}", number + 1);
        let work = Work {
            run,
            results,
            out,
            data,
            device,
        };
        let (found, path) = match work.done() {
            Ok(Outcome::Done(found, path)) => (found, path),
            Ok(Outcome::There) => continue,
            Ok(Outcome::Stopped) => {
                let stopped = "was stopped; the same command goes on with it";
                return Err(Error::Training(format!("{name} {stopped}")));
            }
            Ok(Outcome::Busy) => {
                println!("{name} with seed {seed} is being done by another program");
                elsewhere.push(run.file_name());
                continue;
            }
            // Others do not depend on it.
            Err(error) => {
                eprintln!("error: {error}");
                failed.push(run.file_name());
                continue;
            }
        };
        println!(
            "{:.2} ± {:.2} nats on {} test images, epoch {}, {:.0} + {:.0} s: {}",
            found.summary.log_likelihood,
            found.summary.standard_error,
            found.log_likelihoods.len(),
            found.epoch,
            found.train_seconds,
            found.eval_seconds,
            path.display()
        );
    }
    if !failed.is_empty() {
        let failed = failed.join(", ");
        return Err(Error::Training(format!("without a result: {failed}")));
    }
    match elsewhere.len() {
        0 => println!("\nall {count} runs are done"),
        left => println!(
            "\n{} of {count} runs are done; another program does {}",
            count - left,
            elsewhere.join(", ")
        ),
    }
    Ok(())
}

struct Work<'a> {
    run: &'a Run,
    results: &'a Path,
    out: &'a Path,
    data: &'a Data,
    device: &'a Device,
}

/// What became of a run.
enum Outcome {
    Done(Box<RunResult>, PathBuf),
    /// Another program has done it meanwhile.
    There,
    /// Somebody ended its training.
    Stopped,
    /// Another program is at it.
    Busy,
}

impl Work<'_> {
    fn done(&self) -> Result<Outcome> {
        let run = self.run;
        let data = self.data.of(run)?;
        let source = self.data.source.name();
        let Some(_lock) = kept::begin(run, &source, self.out)? else {
            return Ok(Outcome::Busy);
        };
        if result::read(self.results, run, Some(&source))?.is_some() {
            return Ok(Outcome::There);
        }
        let dir = self.out.join(run.file_name());
        let noise = &mut Noise::seeded(run.seed).fork(INITIAL_WEIGHTS);
        let result = match run.model.init(self.device, noise) {
            Model::Vae(model) => {
                let Networks::Vae(config) = &run.model else {
                    unreachable!("only they make one");
                };
                let model = match &run.start {
                    None => {
                        model.with_data_mean(Tensor::from_data(self.data.mean(run), self.device))
                    }
                    Some(start) => self.started(start, config)?,
                };
                let finished = self.finished(self.centred(model), &data, &dir)?;
                if let (Some((model, _)), true) = (&finished, run.leaves_model()) {
                    kept::save(run, self.out, config, model)?;
                }
                finished.map(|(_, result)| result)
            }
            Model::Upwards(model) => self.finished(model, &data, &dir)?.map(|(_, found)| found),
            Model::Ladder(model) => self.finished(model, &data, &dir)?.map(|(_, found)| found),
        };
        let Some(found) = result else {
            return Ok(Outcome::Stopped);
        };
        let path = found.write(self.results)?;
        Ok(Outcome::Done(Box::new(found), path))
    }

    /// The model trained, and what came of it; `None` if its training was stopped.
    fn finished<M>(&self, model: M, data: &RunData, dir: &Path) -> Result<Option<(M, RunResult)>>
    where
        M: LatentVariableModel + Module + Display + 'static,
    {
        let run = self.run;
        let (epoch, model, epochs) = match run.training.epochs {
            0 => (0, model, Vec::new()),
            _ => {
                let place = train::Run::new(dir).with_resume(true);
                let trained = (run.training).fit(model, &data.train, Some(&data.valid), place)?;
                if trained.interrupted {
                    return Ok(None);
                }
                let (epoch, model) = self.chosen(&trained)?;
                (epoch, model, trained.curve)
            }
        };
        let start = Instant::now();
        let report = self.report(&model, data, dir)?;
        if report.summary().num_non_finite > 0 {
            let problem = "gives images a likelihood that is not finite, and has no result";
            return Err(Error::Training(format!("{} {problem}", run.name)));
        }
        let train_seconds: f64 = epochs.iter().map(|epoch| epoch.seconds).sum();
        let result = RunResult {
            run: run.clone(),
            data: self.data.source.name(),
            epoch,
            train_seconds: train_seconds.round(),
            eval_seconds: start.elapsed().as_secs_f64().round(),
            summary: Summary::of(&report, run.images),
            curve: curve(&epochs),
            log_likelihoods: (report.log_likelihood.values.iter())
                .map(|&value| rounded(value, 2))
                .collect(),
        };
        Ok(Some((model, result)))
    }

    fn centred(&self, mut model: Vae) -> Vae {
        if self.run.centred {
            model.encoder = model.encoder.with_centred_priors();
            model.decoder = model.decoder.with_centred_priors();
        }
        model
    }

    /// The model of another run, its weights made random.
    fn started(&self, start: &str, config: &VaeConfig) -> Result<Vae> {
        let run = self.run;
        let start = Study::Uncertain
            .runs(run.seed)
            .into_iter()
            .find(|other| other.name == start);
        let Some(start) = start else {
            unreachable!("the study has what its runs begin with");
        };
        let source = self.data.source.name();
        let (_, mut model) = kept::load(&run.like(start), Some(&source), self.out, self.device)?;
        let random = Weights::Random {
            initial_std: config.initial_weight_std,
            prior: config.weight_prior,
            random_bias: config.random_bias,
        };
        let [encoder, decoder] = match config.uncertainty {
            Uncertainty::None => [false, false],
            Uncertainty::Encoder => [true, false],
            Uncertainty::Decoder => [false, true],
            Uncertainty::EncoderAndDecoder => [true, true],
        };
        if encoder {
            model.encoder = model.encoder.with_random_weights(random);
        }
        if decoder {
            model.decoder = model.decoder.with_random_weights(random);
        }
        Ok(model)
    }

    /// The epoch that is evaluated, and its model.
    fn chosen<M: Module>(&self, trained: &Trained<M>) -> Result<(usize, M)> {
        let last = trained.curve.last().map(|last| last.epoch);
        let last = last.unwrap_or(self.run.training.epochs);
        match self.run.best {
            true => {
                let model = trained.best()?;
                Ok((trained.best_epoch().unwrap_or(last), model))
            }
            false => Ok((last, trained.model.clone())),
        }
    }

    fn report<M>(&self, model: &M, data: &RunData, dir: &Path) -> Result<Report>
    where
        M: LatentVariableModel + Module,
    {
        let run = self.run;
        // The noise is that of the study, not of the run: runs are compared image by image.
        let settings = ReportSettings::new()
            .with_num_samples(run.eval_samples)
            .with_seed(0)
            .with_further_rows(FURTHER.min(run.eval_images))
            .with_resume(dir.join("evaluation.json"));
        let train = data.train.data().strided(FURTHER.min(run.images));
        let train = train.binarized(crate::common::TEST_BINARIZATION);
        report_with_train(model, &data.test, &train, &settings)
    }
}

/// Each epoch of a short curve, every few of a long one, and the last.
fn curve(epochs: &[EpochSummary]) -> Vec<(usize, f64, f64)> {
    let every = epochs.len().div_ceil(200);
    let last = epochs.last().map(|last| last.epoch);
    let points = epochs
        .iter()
        .filter(|epoch| epoch.epoch % every == 0 || Some(epoch.epoch) == last);
    let points = points.map(|epoch| {
        let valid = epoch.valid.map_or(f64::NAN, |valid| valid.bound);
        (
            epoch.epoch,
            rounded(epoch.train.bound, 3),
            rounded(valid, 3),
        )
    });
    points.collect()
}
