//! What a model is worth on test images.

use crate::{
    Task,
    common::{
        Output, TEST_BINARIZATION,
        files::{file_error, remove},
    },
    pictures,
    results::RunResult,
    training::Ready,
};
use burn_bayes::{
    Error, Result,
    evaluate::{HtmlReport, report, report_with_train},
    prelude::*,
};
use std::{fs, time::Instant};

impl Task<'_> {
    /// The result, and the log-likelihood of each test image.
    pub fn evaluate(&self, ready: &Ready, output: &mut Output) -> Result<(RunResult, Vec<f64>)> {
        println!("\n{} (seed {}): evaluation", self.method.name(), self.seed);
        let start = Instant::now();
        let found = self.report(&ready.model)?;
        // Until here a model that is given has changed nothing.
        if let Some(given) = self.given {
            given.keep(&self.dir)?;
        }
        found.save(self.dir.join("report.json"))?;
        println!("\n{found}");
        let title = format!("{} (seed {})", self.method.name(), self.seed);
        let mut html = HtmlReport::new(&found)
            .with_title(title)
            .with_settings("Model", &ready.config)
            .with_settings("Training", &ready.training);
        if let Some(samples) = pictures::samples(&ready.model, &self.data.test, self.seed)? {
            let inside = self.dir.strip_prefix(output.dir()).unwrap_or(&self.dir);
            let name = inside.join("samples.png");
            output.save(&name.to_string_lossy(), &samples)?;
            html = html.with_picture("Samples, and what becomes of test images", samples);
        }
        html.save(self.dir.join("report.html"))?;

        let summary = found.summary();
        let result = RunResult {
            method: self.method,
            seed: self.seed,
            epochs: self.settings.epochs,
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
            eval_samples: self.settings.eval_samples,
            eval_images: summary.num_datapoints,
            effective_sample_size: summary.effective_sample_size,
            train_seconds: ready.seconds,
            eval_seconds: start.elapsed().as_secs_f64(),
            model: ready.config.clone(),
            training: ready.training.clone(),
        };
        Ok((result, found.log_likelihood.values))
    }

    /// The report, which goes on from what the run's folder holds of it.
    fn report(&self, model: &Vae) -> Result<Report> {
        let (settings, data) = (self.settings, self.data);
        fs::create_dir_all(&self.dir).map_err(file_error("create", &self.dir))?;
        let unfinished = self.dir.join("evaluation.json");
        let evaluation = ReportSettings::new()
            .with_num_samples(settings.eval_samples)
            .with_seed(self.seed)
            .with_further_rows(settings.eval_further)
            .with_resume(&unfinished);
        let test = data.test.clone().binarized(TEST_BINARIZATION);
        let train = data
            .train
            .strided(settings.eval_train)
            .binarized(TEST_BINARIZATION);
        let report = || match settings.eval_train {
            0 => report(model, &test, &evaluation),
            _ => report_with_train(model, &test, &train, &evaluation),
        };
        match report() {
            // An evaluation of another model or with other settings: no result to go on from.
            Err(Error::Record { .. }) if self.arguments.earlier.overwrite => {
                remove(&unfinished)?;
                report()
            }
            Err(Error::Record { name, problem, .. }) => Err(Error::Record {
                name,
                problem,
                cure: "give the --eval options, --model and data it was begun with, or remove \
                       that file to evaluate anew"
                    .into(),
            }),
            found => found,
        }
    }
}

/// An error that is not defined, for a single image or sample, is none.
fn finite(error: f64) -> Option<f64> {
    error.is_finite().then_some(error)
}
