//! log p(x) by importance sampling, in constant memory.

use super::{
    numbers,
    pareto::{Tail, pareto_k_threshold},
    sampling::{LogLikelihoodSettings, read},
    statistics::{mean, standard_error},
};
use crate::{
    bound::LogMeanExp, data::Rows, error::Result, model::LatentVariableModel, noise::Noise,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Estimates of log p(x), one for each datapoint, in nats.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogLikelihood {
    /// K, the number of importance samples.
    pub num_samples: usize,
    /// log p̂(x) = log (1/K) Σ wᵢ for each datapoint: in expectation a lower bound of log p(x).
    #[serde(with = "numbers")]
    pub values: Vec<f64>,
    /// (Σ w)² / Σ w² for each datapoint, between 1 and K.
    #[serde(with = "numbers")]
    pub effective_sample_sizes: Vec<f64>,
    /// The share of the largest weight in the sum, for each datapoint.
    #[serde(with = "numbers")]
    pub largest_shares: Vec<f64>,
    /// k̂ of [`pareto_k`](super::pareto_k) for each datapoint. Above [`pareto_k_threshold`] the
    /// datapoint's estimate is unreliable.
    #[serde(with = "numbers")]
    pub pareto_k: Vec<f64>,
}

impl LogLikelihood {
    /// The mean over datapoints, in nats.
    pub fn mean(&self) -> f64 {
        mean(&self.values)
    }

    /// The standard error of [`mean`](Self::mean) due to the finite number n of datapoints: sd/√n,
    /// in nats. NaN for a single datapoint.
    pub fn standard_error(&self) -> f64 {
        standard_error(&self.values)
    }

    /// The standard error of [`mean`](Self::mean) due to the finite number K of samples, in nats.
    /// By the delta method a datapoint's squared error is (K/ESS − 1)/(K − 1).
    ///
    /// NaN for a single sample.
    pub fn monte_carlo_error(&self) -> f64 {
        self.squared_errors().sum::<f64>().sqrt() / self.values.len() as f64
    }

    /// The approximate bias of [`mean`](Self::mean) due to the finite number of samples, in nats;
    /// it is negative. By the delta method it is the mean of −½ times a datapoint's squared error.
    /// This holds only if the weights have light tails; otherwise the mean is lower by more.
    ///
    /// NaN for a single sample.
    pub fn monte_carlo_bias(&self) -> f64 {
        -0.5 * self.squared_errors().sum::<f64>() / self.values.len() as f64
    }

    fn squared_errors(&self) -> impl Iterator<Item = f64> {
        let k = self.num_samples as f64;
        let sizes = self.effective_sample_sizes.iter();
        // Rounding can bring an ESS above K; NaN stays NaN.
        sizes.map(move |ess| match (k / ess - 1.0) / (k - 1.0) {
            error if error < 0.0 => 0.0,
            error => error,
        })
    }

    /// The mean effective sample size.
    pub fn mean_effective_sample_size(&self) -> f64 {
        mean(&self.effective_sample_sizes)
    }

    /// The number of datapoints whose log p̂(x) is NaN or infinite.
    pub fn num_non_finite(&self) -> usize {
        let finite = self.values.iter().filter(|value| value.is_finite());
        self.values.len() - finite.count()
    }

    /// The number of datapoints whose k̂ is above [`pareto_k_threshold`] or NaN. Their log p̂(x) is
    /// probably too low by an amount that neither error shows.
    pub fn num_unreliable(&self) -> usize {
        let threshold = pareto_k_threshold(self.num_samples);
        let reliable = |k: &&f64| **k <= threshold;
        self.pareto_k.len() - self.pareto_k.iter().filter(reliable).count()
    }
}

/// The two log-likelihoods of a model with random weights. They differ: report both, and say which
/// is which.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLikelihoods {
    /// log E p(x | z, θ): fresh weights for each sample, as in training.
    pub fresh_weights: LogLikelihood,
    /// log p(x | E θ): weights at their posterior mean; `None` for a model of fixed weights, whose
    /// one log-likelihood is `fresh_weights`.
    pub posterior_mean: Option<LogLikelihood>,
}

/// Estimates log p(x) of each row by importance sampling with q(z | x) as proposal (Burda et al.
/// 2016).
///
/// It needs the memory of one chunk of rows and samples. Chunk sizes do not change the noise, and
/// sums are taken sample by sample in `f64`. So the result does not depend on chunk sizes, up to
/// the rounding of the device's matrix products. Random weights are drawn anew for each sample and
/// row.
///
/// Row i of `x` is row i of the noise: datapoint i, or the one that
/// [`with_datapoints`](Noise::with_datapoints) gave. Samples begin at the noise's first one. So K
/// samples can be made in parts.
///
/// Give it a model without autodiff (`model.valid()`): otherwise it records graphs that are not
/// used, and a model with batch normalization is refused.
///
/// # Shapes
///
/// `x` is `[rows, features]`, or another kind of batch that the model takes.
///
/// # Errors
///
/// - [`Error::Setting`](crate::Error::Setting) for a setting or a number of rows of 0, or of 2³²
///   and more, and for a model that normalizes over batches.
/// - [`Error::Device`](crate::Error::Device) if numbers cannot be read back.
///
/// # Panics
///
/// If the noise has ids for fewer rows, or addresses selected pairs ([`Noise::with_pairs`]).
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let model = VaeConfig::new(4, 2).init(&device, &mut Noise::seeded(0));
/// let x = Tensor::<2>::ones([10, 4], &device);
/// let settings = LogLikelihoodSettings { num_samples: 100, ..Default::default() };
/// let estimate = evaluate::log_likelihood(&model, x, &settings, &Noise::seeded(1))?;
/// println!("{:.2} ± {:.2} nats", estimate.mean(), estimate.standard_error());
/// # assert_eq!(estimate.values.len(), 10);
/// # Ok::<(), burn_bayes::Error>(())
/// ```
pub fn log_likelihood<D: Rows, M: LatentVariableModel<D>>(
    model: &M,
    x: D,
    settings: &LogLikelihoodSettings,
    noise: &Noise,
) -> Result<LogLikelihood> {
    estimate(model, x, settings, noise, |_, _| ())
}

fn estimate<D: Rows, M: LatentVariableModel<D>>(
    model: &M,
    x: D,
    settings: &LogLikelihoodSettings,
    noise: &Noise,
    mut progress: impl FnMut(usize, usize),
) -> Result<LogLikelihood> {
    let num_rows = x.num_rows();
    settings.validate(num_rows)?;
    let mut estimate = LogLikelihood {
        num_samples: settings.num_samples,
        ..Default::default()
    };
    for first in (0..num_rows).step_by(settings.rows_per_chunk) {
        let len = settings.rows_per_chunk.min(num_rows - first);
        let noise = noise.clone().later_rows(first, len);
        let mut streams = vec![Stream::new(settings.num_samples); len];
        let ids = Tensor::arange(first as i64..(first + len) as i64, &x.device());
        let rows = x.clone().select_rows(ids);
        settings.for_each_chunk(model, &rows, &noise, |log_weights, _| {
            push(&mut streams, &read(log_weights.total())?);
            Ok(())
        })?;
        estimate.extend(streams);
        progress(first + len, num_rows);
    }
    Ok(estimate)
}

/// The running sums over a datapoint's log-weights.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub log_mean_exp: LogMeanExp,
    tail: Tail,
}

impl Stream {
    pub fn new(num_samples: usize) -> Self {
        Self {
            log_mean_exp: LogMeanExp::default(),
            tail: Tail::of(num_samples),
        }
    }

    pub fn push(&mut self, log_weight: f64) {
        self.log_mean_exp.push(log_weight);
        self.tail.push(log_weight);
    }
}

/// Adds the log-weights `[samples, rows]` to the streams of their rows.
fn push(streams: &mut [Stream], log_weights: &[f64]) {
    for sample in log_weights.chunks(streams.len()) {
        for (stream, &log_weight) in streams.iter_mut().zip(sample) {
            stream.push(log_weight);
        }
    }
}

impl LogLikelihood {
    /// Whether each of its parts has a number for each of `rows` datapoints.
    pub(super) fn has_rows(&self, rows: usize) -> bool {
        let sizes = &self.effective_sample_sizes;
        let mut parts = [&self.values, sizes, &self.largest_shares, &self.pareto_k].into_iter();
        parts.all(|part| part.len() == rows)
    }

    /// Adds datapoints.
    pub(super) fn extend(&mut self, streams: Vec<Stream>) {
        for Stream { log_mean_exp, tail } in streams {
            self.values.push(log_mean_exp.log_mean_exp());
            self.effective_sample_sizes
                .push(log_mean_exp.effective_sample_size());
            self.largest_shares.push(log_mean_exp.largest_share());
            self.pareto_k.push(tail.shape());
        }
    }
}

/// [`log_likelihood`] with fresh weights for each sample and, if the model has random weights, once
/// more with weights at their posterior mean, under the same noise.
///
/// `progress` is called with the number of rows done, of both passes, and their total.
///
/// # Errors
///
/// Those of [`log_likelihood`].
pub fn log_likelihoods<D: Rows, M: LatentVariableModel<D>>(
    model: &M,
    x: D,
    settings: &LogLikelihoodSettings,
    noise: &Noise,
    mut progress: impl FnMut(usize, usize),
) -> Result<LogLikelihoods> {
    let posterior_mean = model.posterior_mean();
    let passes = 1 + usize::from(posterior_mean.is_some());
    let fresh_weights = estimate(model, x.clone(), settings, noise, |done, rows| {
        progress(done, passes * rows);
    })?;
    let posterior_mean = posterior_mean
        .map(|model| {
            estimate(&model, x, settings, noise, |done, rows| {
                progress(rows + done, passes * rows);
            })
        })
        .transpose()?;
    Ok(LogLikelihoods {
        fresh_weights,
        posterior_mean,
    })
}
