//! Making a report.

use super::{
    Again, BoundParts, CurvePoint, Report, ReportSettings,
    pass::Pass,
    saved::{Saved, damaged, parameters},
};
use crate::{
    data::{Source, check_widths},
    error::{Error, Result},
    evaluate::{sampling::read, statistics::mean, weights::RandomLayer},
    file,
    model::LatentVariableModel,
    noise::Noise,
    progress::{Reporter, Unit, Update, time_left},
};
use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use std::time::{Duration, Instant};

/// The stream of the noise of training data.
const TRAIN: u64 = u64::from_be_bytes(*b"training");
/// The stream of what a source draws.
const VISIT: u64 = u64::from_be_bytes(*b"visiting");
/// How many rows tell a model from others with the same parameters.
const PROBES: usize = 32;
const SAVE_EVERY: Duration = Duration::from_secs(15);

/// Evaluates a model on data that it has not seen.
///
/// A report has log p̂(x) with its errors and the tail index of importance weights, and log p̂(x)
/// from fewer samples. It has the terms of the bound and the active units. For random weights it
/// has their effect on log p̂(x) and their signal-to-noise ratios. [`report_with_train`] adds the
/// gap to training data.
///
/// The first pass over the data computes nearly all of it, in the memory of one chunk. Up to three
/// further passes estimate log p̂(x): without inactive units, with random weights at their mean,
/// and on training data. The first two use the noise of the first pass again. The first is left out
/// if there are no inactive units or the model cannot switch units off, the second if the model has
/// no random weights, the third without training data.
///
/// The noise is `Noise::seeded(settings.seed)`, and row i is its datapoint i. So log p̂(x) equals
/// [`log_likelihood`](crate::evaluate::log_likelihood) with this noise. Models that are evaluated
/// with the same seed share their noise.
///
/// A model with autodiff is evaluated without it: you need not call `model.valid()`.
///
/// # Errors
///
/// - [`Error::Setting`] for settings that cannot work and models without parameters
/// - [`Error::Data`] if the data do not fit the model's support
/// - [`Error::Record`] if the file to resume from belongs to another report
/// - [`Error::Io`] if it cannot be written
/// - [`Error::Device`] if numbers cannot be read back
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
/// use burn_bayes::evaluate::{compare, report, ReportSettings};
///
/// let device = Device::default();
/// let data = Datapoints::new("patterns", vec![1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0], 4)?;
/// let model = |seed| VaeConfig::new(4, 2).with_hidden(vec![8]).init(&device, &mut Noise::seeded(seed));
/// let settings = ReportSettings::new().with_num_samples(100);
///
/// let (a, b) = (report(&model(0), &data, &settings)?, report(&model(1), &data, &settings)?);
/// println!("{a}");
/// let difference = compare(&a, &b)?;
/// println!("the first explains the data {difference} better");
/// # assert_eq!(a.log_likelihood.values.len(), 2);
/// # Ok::<(), Error>(())
/// ```
pub fn report<S: Source, M: LatentVariableModel<S::Rows> + Module>(
    model: &M,
    data: &S,
    settings: &ReportSettings,
) -> Result<Report> {
    report_of(model, data, None, settings)
}

/// [`report`], with the gap between the log-likelihoods of training data and new data.
///
/// `train` are the training data, or some of them.
///
/// # Errors
///
/// Those of [`report`].
pub fn report_with_train<S: Source, M: LatentVariableModel<S::Rows> + Module>(
    model: &M,
    data: &S,
    train: &S,
    settings: &ReportSettings,
) -> Result<Report> {
    report_of(model, data, Some(train), settings)
}

fn report_of<S: Source, M: LatentVariableModel<S::Rows> + Module>(
    model: &M,
    data: &S,
    train: Option<&S>,
    settings: &ReportSettings,
) -> Result<Report> {
    settings.validate(data.len())?;
    let model = &model.valid();
    let Some(device) = model.devices().into_iter().next() else {
        return Err(Error::setting(
            "model",
            "has no parameters",
            "give a model that knows its device",
        ));
    };
    data.check(model.support())?;
    let row = |data: &S| data.select(&[0], &device, &visit(&Noise::seeded(settings.seed), &[0]));
    if let Some(train) = train {
        if train.len() == 0 {
            return Err(Error::setting(
                "train",
                "has no rows",
                "give training data, or call `report`",
            ));
        }
        settings.validate(train.len())?;
        train.check(model.support())?;
        // Checked now, not after the long first pass.
        check_widths((train.name(), &row(train)?), (data.name(), &row(data)?))?;
    }
    let fingerprint = data.fingerprint()?;
    let train_fingerprint = train.map(Source::fingerprint).transpose()?;
    let saved = |parameters, probe| {
        let (data, train) = (fingerprint.clone(), train_fingerprint.clone());
        Saved::new(settings, data, train, parameters, probe)
    };
    let mut run = Run::new(model, data, settings, device, saved)?;
    let noise = Noise::seeded(settings.seed);
    let all: Vec<u32> = (0..data.len() as u32).collect();
    let some = settings.further_rows.unwrap_or(data.len());
    let some = stride(data.len(), some);

    let first = run.pass("test", model, data, &all, &noise)?;
    let layers = first.layers();
    let again = |rows, pass: Pass| Again::new(rows, pass.estimate, &first.estimate);

    let inactive: Vec<Vec<usize>> = layers
        .iter()
        .map(|layer| layer.inactive(settings.active_threshold))
        .collect();
    let without_inactive = match model.without_units(&inactive) {
        Some(model) if inactive.iter().any(|units| !units.is_empty()) => {
            let pass = run.pass("without inactive units", &model, data, &some, &noise)?;
            Some(again(some.clone(), pass))
        }
        _ => None,
    };
    let posterior_mean = match model.posterior_mean() {
        Some(model) => {
            let pass = run.pass("weights at their mean", &model, data, &some, &noise)?;
            Some(again(some, pass))
        }
        None => None,
    };
    let train = match train {
        Some(train) => {
            let rows: Vec<u32> = (0..train.len() as u32).collect();
            let pass = run.pass("training data", model, train, &rows, &noise.fork(TRAIN))?;
            Some(pass.estimate)
        }
        None => None,
    };

    let weights = model.random_layers().into_iter();
    let number = |kl: Option<Tensor<1>>| kl.map(|kl| Ok(read(kl)?[0])).transpose();
    Ok(Report {
        settings: settings.clone(),
        data: format!("{}, {fingerprint}", data.name()),
        fingerprint,
        parts: BoundParts {
            log_likelihood: mean(&first.log_likelihood.0),
            log_ratio: mean(&first.log_ratio.0),
            kl: first.kl.iter().map(|kl| mean(&kl.0)).collect(),
            encoder_weight_kl: number(model.encoder_weight_kl())?,
            decoder_weight_kl: number(model.decoder_weight_kl())?,
        },
        curve: settings
            .points()
            .into_iter()
            .zip(first.curve)
            .map(|(num_samples, values)| CurvePoint {
                num_samples,
                values: values.0,
            })
            .collect(),
        log_likelihood: first.estimate,
        layers,
        without_inactive,
        posterior_mean,
        train,
        weights: weights
            .map(|(name, layer)| RandomLayer::of(name, layer))
            .collect::<Result<_>>()?,
    })
}

/// `count` of the rows, evenly strided.
fn stride(len: usize, count: usize) -> Vec<u32> {
    let count = count.min(len);
    (0..count).map(|i| (i * len / count) as u32).collect()
}

/// What a source draws for these rows from.
fn visit(noise: &Noise, ids: &[u32]) -> Noise {
    noise.fork(VISIT).with_datapoints(ids)
}

/// The state that the passes of a report share.
struct Run<'a> {
    settings: &'a ReportSettings,
    points: Vec<usize>,
    device: Device,
    saved: Saved,
    last_save: Instant,
}

impl<'a> Run<'a> {
    fn new<S: Source, M: LatentVariableModel<S::Rows> + Module>(
        model: &M,
        data: &S,
        settings: &'a ReportSettings,
        device: Device,
        saved: impl Fn(String, Vec<f64>) -> Saved,
    ) -> Result<Self> {
        let points = settings.points();
        let mut run = Self {
            settings,
            points,
            saved: saved(String::new(), Vec::new()),
            device,
            last_save: Instant::now(),
        };
        if let Some(path) = &settings.resume {
            let noise = Noise::seeded(settings.seed);
            let ids = stride(data.len(), PROBES);
            let x = data.select(&ids, &run.device, &visit(&noise, &ids))?;
            let mut noise = noise.with_datapoints(&ids);
            let log_weights = model.log_weights(x, 1, &mut noise).checked(1, ids.len());
            let probe = read(log_weights.total())?;
            let finite = |weight: f64| Some(weight).filter(|weight| weight.is_finite());
            let probe = probe
                .into_iter()
                .map(|weight| finite(weight).unwrap_or(0.0));
            let probe = probe.collect();
            let parameters = parameters(model)?;
            run.saved = saved(parameters, probe).resume(path)?;
            // An unusable path is told now, not after the first pass.
            file::create_folder_of(path)?;
            run.saved.write(path)?;
        }
        Ok(run)
    }

    fn pass<S: Source, M: LatentVariableModel<S::Rows>>(
        &mut self,
        name: &str,
        model: &M,
        data: &S,
        ids: &[u32],
        noise: &Noise,
    ) -> Result<Pass> {
        let mut pass = match (self.saved.passes.remove(name), &self.settings.resume) {
            (Some(pass), Some(path)) if !pass.fits(ids.len(), self.points.len()) => {
                return Err(damaged(path));
            }
            (earlier, _) => earlier.unwrap_or_default(),
        };
        let (start, resumed) = (Instant::now(), pass.num_rows());
        let mut reporter = Reporter::new(&self.settings.progress).leaving_out_moments();
        let total = ids.len();
        let mut tell = |done| {
            let elapsed = start.elapsed();
            // Rows of an earlier call took no time of this one.
            let part = (done - resumed) as f64 / (total - resumed) as f64;
            reporter.tell(&Update {
                done: done as u64,
                total: Some(total as u64),
                elapsed,
                time_left: time_left(elapsed, part).filter(|_| done < total),
                end: done == total,
                ..Update::new(name, Unit::Datapoint)
            })
        };
        if resumed == total {
            tell(total);
        }
        let sampling = &self.settings.sampling;
        for ids_of_chunk in ids[resumed..].chunks(sampling.rows_per_chunk) {
            let x = data.select(ids_of_chunk, &self.device, &visit(noise, ids_of_chunk))?;
            let noise = noise.clone().with_datapoints(ids_of_chunk);
            pass.visit(model, x, &noise, sampling, &self.points)?;

            tell(pass.num_rows());
            if self.last_save.elapsed() >= SAVE_EVERY {
                self.save(name, &pass)?;
            }
        }
        self.save(name, &pass)?;
        Ok(pass)
    }

    fn save(&mut self, name: &str, pass: &Pass) -> Result<()> {
        self.last_save = Instant::now();
        let Some(path) = &self.settings.resume else {
            return Ok(());
        };
        self.saved.passes.insert(name.into(), pass.clone());
        self.saved.write(path)
    }
}
