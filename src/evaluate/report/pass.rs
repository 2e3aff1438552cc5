//! One pass over a data set.

use crate::evaluate::{
    LogLikelihood, LogLikelihoodSettings,
    log_likelihood::Stream,
    numbers,
    sampling::read,
    statistics::mean,
    units::{Moments, StochasticLayer},
};
use crate::{
    data::Rows,
    error::Result,
    model::{LatentVariableModel, LogWeights},
    noise::Noise,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// The results for the rows that were visited so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Pass {
    pub estimate: LogLikelihood,
    /// For each number of samples of the curve, log p̂(x) of each row.
    pub curve: Vec<Row>,
    /// The mean of log p(x | z) for each row.
    pub log_likelihood: Row,
    /// The mean of log q(z | x) − log p(z) for each row.
    pub log_ratio: Row,
    /// For each stochastic layer, the mean of its log q − log p for each row.
    pub kl: Vec<Row>,
    means: Vec<Moments>,
    single_draw_means: Vec<Moments>,
}

/// A number for each row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Row(#[serde(with = "numbers")] pub Vec<f64>);

impl Pass {
    pub fn num_rows(&self) -> usize {
        self.estimate.values.len()
    }

    /// Whether it can be of a data set of `rows`, with `points` in its curve: it has no further
    /// row, and each of its parts has the same rows.
    pub fn fits(&self, rows: usize, points: usize) -> bool {
        let visited = self.num_rows();
        let layers = self.kl.len();
        let mut parts = [&self.log_likelihood, &self.log_ratio]
            .into_iter()
            .chain(&self.curve)
            .chain(&self.kl);
        let mut moments = self.means.iter().chain(&self.single_draw_means);
        visited <= rows
            && self.estimate.has_rows(visited)
            && self.curve.len() == points
            && parts.all(|part| part.0.len() == visited)
            && (self.means.len(), self.single_draw_means.len()) == (layers, layers)
            && moments.all(|moments| moments.are_of(visited))
    }

    /// Visits more rows. `noise` must already be set to their datapoints.
    pub fn visit<D: Rows, M: LatentVariableModel<D>>(
        &mut self,
        model: &M,
        x: D,
        noise: &Noise,
        settings: &LogLikelihoodSettings,
        curve: &[usize],
    ) -> Result<()> {
        let len = x.num_rows();
        let mut block = Block::new(len, settings.num_samples, curve);
        settings.for_each_chunk(model, &x, noise, |log_weights, samples| {
            block.take(&log_weights, samples)
        })?;

        self.estimate.num_samples = settings.num_samples;
        self.estimate.extend(block.streams);
        self.curve.resize(curve.len(), Row::default());
        for (all, values) in self.curve.iter_mut().zip(block.curve) {
            all.0.extend(values);
        }
        self.log_likelihood.0.extend(block.log_likelihood);
        self.log_ratio.0.extend(block.log_ratio);

        self.kl.resize(block.layers.len(), Row::default());
        self.means.resize(block.layers.len(), Moments::default());
        self.single_draw_means
            .resize(block.layers.len(), Moments::default());
        for (i, layer) in block.layers.into_iter().enumerate() {
            self.kl[i].0.extend(layer.kl);
            let push = |moments: &mut Moments, rows: &[f64]| {
                let width = rows.len() / len;
                rows.chunks(width).for_each(|row| moments.push(row));
            };
            push(&mut self.means[i], &layer.mean);
            push(&mut self.single_draw_means[i], &layer.first_mean);
        }
        Ok(())
    }

    pub fn layers(&self) -> Vec<StochasticLayer> {
        (self.kl.iter().zip(&self.means))
            .zip(&self.single_draw_means)
            .map(|((kl, means), single_draw_means)| StochasticLayer {
                kl: mean(&kl.0),
                variances: means.variances(),
                single_draw_variances: single_draw_means.variances(),
            })
            .collect()
    }
}

/// Sums over the samples of a block of rows.
struct Block<'a> {
    num_samples: usize,
    points: &'a [usize],
    seen: usize,
    streams: Vec<Stream>,
    curve: Vec<Vec<f64>>,
    log_likelihood: Vec<f64>,
    log_ratio: Vec<f64>,
    layers: Vec<Layer>,
}

/// Means over samples of a stochastic layer, for each row.
#[derive(Default)]
struct Layer {
    kl: Vec<f64>,
    /// `[rows, units]`.
    mean: Vec<f64>,
    first_mean: Vec<f64>,
    /// Whether all samples have the same means.
    same_mean: bool,
}

impl<'a> Block<'a> {
    fn new(len: usize, num_samples: usize, points: &'a [usize]) -> Self {
        Self {
            num_samples,
            points,
            seen: 0,
            streams: vec![Stream::new(num_samples); len],
            curve: vec![Vec::new(); points.len()],
            log_likelihood: Vec::new(),
            log_ratio: Vec::new(),
            layers: Vec::new(),
        }
    }

    fn take(&mut self, log_weights: &LogWeights, samples: usize) -> Result<()> {
        self.take_latents(log_weights, samples)?;
        let share = samples as f64 / self.num_samples as f64;
        let ratio = log_weights.log_proposal.clone() - log_weights.log_prior.clone();
        add_mean(&mut self.log_likelihood, &log_weights.log_likelihood, share)?;
        add_mean(&mut self.log_ratio, &ratio, share)?;

        for sample in read(log_weights.total())?.chunks(self.streams.len()) {
            for (stream, &log_weight) in self.streams.iter_mut().zip(sample) {
                stream.push(log_weight);
            }
            self.seen += 1;
            for (values, &point) in self.curve.iter_mut().zip(self.points) {
                if point == self.seen {
                    let streams = self.streams.iter();
                    values.extend(streams.map(|stream| stream.log_mean_exp.log_mean_exp()));
                }
            }
        }
        Ok(())
    }

    fn take_latents(&mut self, log_weights: &LogWeights, samples: usize) -> Result<()> {
        let first = self.seen == 0;
        self.layers
            .resize_with(log_weights.latents.len(), Layer::default);
        for (layer, latent) in self.layers.iter_mut().zip(&log_weights.latents) {
            let share = samples as f64 / self.num_samples as f64;
            add_mean(&mut layer.kl, &latent.log_ratio(), share)?;
            let loc = latent.proposal.mean();
            if first {
                layer.first_mean = read(loc.clone().narrow(0, 0, 1))?;
                layer.same_mean = samples > 1 && loc.dims()[0] == 1;
            }
            // What is the same for all samples is read once.
            match (layer.same_mean, first) {
                (false, _) => add_mean(&mut layer.mean, &loc, share)?,
                (true, true) => add_mean(&mut layer.mean, &loc, 1.0)?,
                (true, false) => {}
            }
        }
        Ok(())
    }
}

/// sums += share · mean over the first axis.
fn add_mean<const D: usize>(sums: &mut Vec<f64>, values: &Tensor<D>, share: f64) -> Result<()> {
    let means = read(values.clone().mean_dim(0))?;
    sums.resize(means.len(), 0.0);
    for (sum, mean) in sums.iter_mut().zip(means) {
        *sum += share * mean;
    }
    Ok(())
}
