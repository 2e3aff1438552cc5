//! What a report holds.

use super::settings::ReportSettings;
use crate::evaluate::{
    LogLikelihood, numbers,
    statistics::{mean, standard_error},
    units::StochasticLayer,
    weights::RandomLayer,
};
use serde::{Deserialize, Serialize};

/// The results of [`report`](super::report()).
///
/// It prints as a table. [`save`](Self::save) writes everything as JSON, and
/// [`compare`](crate::evaluate::compare()) compares two reports. `docs/evaluation.md` says what
/// each number means and when to distrust it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The settings of the report.
    pub settings: ReportSettings,
    /// The data: their name, then their [fingerprint](crate::data::Source::fingerprint).
    pub data: String,
    /// The fingerprint alone. Empty in files of earlier versions, which had none.
    #[serde(default)]
    pub fingerprint: String,
    /// log p̂(x) of each datapoint at K samples, with fresh weights for each sample where weights
    /// are random.
    pub log_likelihood: LogLikelihood,
    /// log p̂(x) from fewer samples: the first ones of the same draws.
    pub curve: Vec<CurvePoint>,
    /// The parts of the bound at one sample.
    pub parts: BoundParts,
    /// The units of each stochastic layer, from the data up. Empty if the model does not give its
    /// layers.
    pub layers: Vec<StochasticLayer>,
    /// With the inactive units switched off; `None` if there are none, or if the model cannot
    /// switch units off.
    pub without_inactive: Option<Again>,
    /// With weights at their posterior mean; `None` for a model of fixed weights.
    pub posterior_mean: Option<Again>,
    /// On training data, if some were given.
    pub train: Option<LogLikelihood>,
    /// The layers of random weights.
    pub weights: Vec<RandomLayer>,
}

/// log p̂(x) at a number of samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CurvePoint {
    /// The number of samples.
    pub num_samples: usize,
    /// log p̂(x) of each datapoint, in nats.
    #[serde(with = "numbers")]
    pub values: Vec<f64>,
}

impl CurvePoint {
    /// The mean over datapoints, in nats.
    pub fn mean(&self) -> f64 {
        mean(&self.values)
    }

    /// The standard error of the mean over datapoints.
    pub fn standard_error(&self) -> f64 {
        standard_error(&self.values)
    }
}

/// The terms of the evidence lower bound, E log p(x | z) − Σ KL, in nats. They are means over
/// datapoints and all K samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BoundParts {
    /// E log p(x | z).
    #[serde(with = "numbers::one")]
    pub log_likelihood: f64,
    /// E (log q(z | x) − log p(z)), over all stochastic layers, from the draws.
    #[serde(with = "numbers::one")]
    pub log_ratio: f64,
    /// The term of each stochastic layer in `log_ratio`, from the data up; their sum is
    /// `log_ratio`. Empty if the model does not give its layers.
    #[serde(with = "numbers")]
    pub kl: Vec<f64>,
    /// KL(q ‖ p) of all random weights of the encoder, not per datapoint. It is in closed form or
    /// an upper bound ([`WeightPrior::kl`](crate::layer::WeightPrior::kl)), never an estimate.
    #[serde(with = "numbers::option")]
    pub encoder_weight_kl: Option<f64>,
    /// KL(q ‖ p) of all random weights of the decoder, not per datapoint. It is in closed form or
    /// an upper bound.
    #[serde(with = "numbers::option")]
    pub decoder_weight_kl: Option<f64>,
}

impl BoundParts {
    /// The evidence lower bound from the draws, without any weight KL.
    pub fn bound(&self) -> f64 {
        self.log_likelihood - self.log_ratio
    }
}

/// A further pass over datapoints, with the same noise and a changed model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Again {
    /// The datapoints of the pass.
    pub rows: Vec<u32>,
    /// Their log-likelihood under the changed model.
    pub log_likelihood: LogLikelihood,
    /// The mean over these datapoints of log p̂(x) minus that of the first pass, in nats.
    #[serde(with = "numbers::one")]
    pub difference: f64,
    /// Its standard error over datapoints.
    #[serde(with = "numbers::one")]
    pub standard_error: f64,
}

impl Again {
    pub(super) fn new(
        rows: Vec<u32>,
        log_likelihood: LogLikelihood,
        first: &LogLikelihood,
    ) -> Self {
        let before = rows.iter().map(|&row| first.values[row as usize]);
        let differences: Vec<f64> = log_likelihood
            .values
            .iter()
            .zip(before)
            .map(|(after, before)| after - before)
            .collect();
        Self {
            difference: mean(&differences),
            standard_error: standard_error(&differences),
            rows,
            log_likelihood,
        }
    }
}

impl Report {
    /// The part whose lists differ in length, in a file that was changed.
    pub(super) fn misfit(&self) -> Option<&'static str> {
        let rows = self.log_likelihood.values.len();
        let again = |again: &Option<Again>| {
            let fits = |again: &Again| again.log_likelihood.has_rows(again.rows.len());
            again.as_ref().is_none_or(fits)
        };
        let train = |train: &LogLikelihood| train.has_rows(train.values.len());
        let units =
            |layer: &StochasticLayer| layer.variances.len() == layer.single_draw_variances.len();
        let parts = [
            ("log_likelihood", self.log_likelihood.has_rows(rows)),
            (
                "curve",
                self.curve.iter().all(|point| point.values.len() == rows),
            ),
            ("layers", self.layers.iter().all(units)),
            ("without_inactive", again(&self.without_inactive)),
            ("posterior_mean", again(&self.posterior_mean)),
            ("train", self.train.as_ref().is_none_or(train)),
        ];
        let misfit = parts.into_iter().find(|(_, fits)| !fits);
        misfit.map(|(name, _)| name)
    }

    /// The mean log p̂(x) of training data minus that of test data, in nats, and its standard
    /// error. `None` without training data.
    pub fn gap(&self) -> Option<(f64, f64)> {
        let (train, test) = (self.train.as_ref()?, &self.log_likelihood);
        let error = train.standard_error().hypot(test.standard_error());
        Some((train.mean() - test.mean(), error))
    }
}
