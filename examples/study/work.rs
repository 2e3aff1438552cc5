//! Training and evaluating what has no result yet.

use crate::{
    common::{INITIAL_WEIGHTS, files::file_error},
    data::{Data, RunData},
    networks::{Model, Networks},
    result::{self, RunResult, Summary},
    run::{Run, file_name},
};
use burn_bayes::{
    Error, Result,
    evaluate::report_with_train,
    layer::{RandomWeights, Weights},
    prelude::*,
    train::{self, EpochSummary, Trained},
};
use std::{fmt::Display, fs, path::Path, time::Instant};

/// The folder in which a run keeps the model that others begin with.
const MODEL: &str = "model";
/// How many images are visited once more: with weights at their means, and for the gap between
/// training and test.
const FURTHER: usize = 1000;

pub fn all(runs: &[Run], results: &Path, out: &Path, data: &Data, device: &Device) -> Result<()> {
    let count = runs.len();
    for (number, run) in runs.iter().enumerate() {
        if result::read(results, run)?.is_some() {
            continue;
        }
        println!(
            "\n{} of {count}: {}, seed {}: {run}",
            number + 1,
            run.name,
            run.seed
        );
        let work = Work {
            run,
            out,
            data,
            device,
        };
        let found = work.done()?;
        let path = found.write(results)?;
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
    println!("\nall {count} runs are done");
    Ok(())
}

/// Saves the model of a run that is done in half the size.
pub fn publish(run: &Run, out: &Path, to: &Path) -> Result<()> {
    let (config, model) = Vae::load(out.join(run.file_name()).join(MODEL), &Device::default())?;
    let place = to.join(&run.name);
    model.save_half(&config, &place)?;
    println!("written: {}", place.display());
    Ok(())
}

struct Work<'a> {
    run: &'a Run,
    out: &'a Path,
    data: &'a Data,
    device: &'a Device,
}

impl Work<'_> {
    fn done(&self) -> Result<RunResult> {
        let run = self.run;
        let dir = self.out.join(run.file_name());
        fs::create_dir_all(&dir).map_err(file_error("create", &dir))?;
        let noise = &mut Noise::seeded(run.seed).fork(INITIAL_WEIGHTS);
        match run.model.init(self.device, noise) {
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
                let (model, result) = self.finished(self.centred(model), &dir)?;
                // Others may begin with it. Priors that are centred are in no configuration.
                if !run.centred {
                    model.save(config, dir.join(MODEL))?;
                }
                Ok(result)
            }
            Model::Upwards(model) => Ok(self.finished(model, &dir)?.1),
            Model::Ladder(model) => Ok(self.finished(model, &dir)?.1),
        }
    }

    /// The model trained, and what came of it.
    fn finished<M>(&self, model: M, dir: &Path) -> Result<(M, RunResult)>
    where
        M: LatentVariableModel + Module + Display + 'static,
    {
        let run = self.run;
        let data = self.data.of(run)?;
        let place = train::Run::new(dir).with_resume(true);
        let trained = (run.training).fit(model, &data.train, Some(&data.valid), place)?;
        if trained.interrupted {
            let stopped = "was stopped; the same command goes on with it";
            return Err(Error::Training(format!("{} {stopped}", run.name)));
        }
        let (epoch, model) = self.chosen(&trained)?;
        let start = Instant::now();
        let report = self.report(&model, &data, dir)?;
        if report.summary().num_non_finite > 0 {
            let problem = "gives images a likelihood that is not finite, and has no result";
            return Err(Error::Training(format!("{} {problem}", run.name)));
        }
        let train_seconds: f64 = trained.curve.iter().map(|epoch| epoch.seconds).sum();
        let result = RunResult {
            run: run.clone(),
            data: self.data.source.name(),
            epoch,
            train_seconds: train_seconds.round(),
            eval_seconds: start.elapsed().as_secs_f64().round(),
            summary: summary(&report, run.images),
            curve: curve(&trained.curve),
            log_likelihoods: (report.log_likelihood.values.iter())
                .map(|&value| rounded(value, 2))
                .collect(),
        };
        Ok((model, result))
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
        let dir = self.out.join(file_name(start, run.seed)).join(MODEL);
        if !dir.exists() {
            let dir = dir.display();
            return Err(Error::Setting {
                name: run.name.clone(),
                problem: format!("begins with the model of {start}, and there is none in {dir}"),
                cure: format!("train {start} first"),
            });
        }
        let (_, mut model) = Vae::load(&dir, self.device)?;
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
        match (self.run.best, trained.best_epoch()) {
            (true, Some(epoch)) => Ok((epoch, trained.best()?)),
            _ => Ok((trained.curve.len(), trained.model.clone())),
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
        let train = self
            .data
            .of(run)?
            .train
            .data()
            .strided(FURTHER.min(run.images));
        let train = train.binarized(crate::common::TEST_BINARIZATION);
        report_with_train(model, &data.test, &train, &settings)
    }
}

fn summary(report: &Report, images: usize) -> Summary {
    let found = report.summary();
    let per_image = |kl: Option<f64>| kl.map(|kl| rounded(kl / images as f64, 4));
    let pair = |(a, b): (f64, f64)| (rounded(a, 4), rounded(b, 4));
    Summary {
        log_likelihood: rounded(found.log_likelihood, 4),
        standard_error: rounded(found.standard_error, 4),
        monte_carlo_error: rounded(found.monte_carlo_error, 4),
        by_samples: found
            .curve
            .iter()
            .map(|&(k, value)| (k, rounded(value, 4)))
            .collect(),
        evidence_lower_bound: rounded(found.evidence_lower_bound, 4),
        median_pareto_k: (found.median_pareto_k.is_finite())
            .then(|| rounded(found.median_pareto_k, 3)),
        active_units: found.active_units,
        posterior_mean: found.posterior_mean.map(pair),
        gap: found.gap.map(pair),
        weight_kl: [
            per_image(report.parts.encoder_weight_kl),
            per_image(report.parts.decoder_weight_kl),
        ],
        weight_stds: (report.weights.iter())
            .map(|layer| (layer.name.clone(), rounded(layer.mean_std, 6)))
            .collect(),
    }
}

/// Each epoch of a short curve, every few of a long one, and the last.
fn curve(epochs: &[EpochSummary]) -> Vec<(usize, f64, f64)> {
    let every = epochs.len().div_ceil(200);
    let last = epochs.len();
    let points = epochs
        .iter()
        .filter(|epoch| epoch.epoch % every == 0 || epoch.epoch == last);
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

fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (number * scale).round() / scale
}
