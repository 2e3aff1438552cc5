//! Gradients in two passes.

use super::{
    choice::{Row, one_each, roulette},
    estimator::Estimator,
};
use crate::{
    bound::Bound,
    data::Rows,
    error::{Error, Result},
    model::{LatentVariableModel, LogWeights},
    noise::Noise,
};
use burn::{
    config::Config,
    module::Module,
    optim::{GradientsAccumulator, GradientsParams},
    tensor::{Tensor, TensorData},
};

/// The gradient of a bound in two passes, in memory that does not grow with k.
///
/// The gradient of the importance weighted bound is a weighted sum over samples,
///
/// ∇ log (1/k) Σ wᵢ = Σ w̃ᵢ ∇ log wᵢ, w̃ᵢ = wᵢ/Σw.
///
/// A first pass without a graph computes the w̃ᵢ. A second pass with a graph runs the same samples
/// with the same noise, a few at a time, and adds their gradients. With `threshold` 0 the second
/// pass runs every sample. The gradient is then that of [`bound::iwae`](crate::bound::iwae), up to
/// rounding. For another bound the w̃ᵢ are its [shares](Bound::shares).
///
/// # Pruning
///
/// Most of the w̃ᵢ are small, but each costs a backward pass. With a threshold τ > 0, sample i is
/// run again only with probability pᵢ = min(1, w̃ᵢ/τ). Its factor is then w̃ᵢ/pᵢ = max(w̃ᵢ, τ)
/// (Russian roulette). So the gradient's expectation does not change. For each datapoint its
/// variance grows by Σ w̃ᵢ max(0, τ − w̃ᵢ) ‖∇ log wᵢ‖², which is at most τ Σ w̃ᵢ ‖∇ log wᵢ‖². The
/// expected number of samples that run is at most Σ|w̃ᵢ|/τ for each datapoint, which is 1/τ where
/// shares are positive and add up to 1. `docs/pruning.md` has the derivation and measurements.
///
/// # Where it is valid
///
/// A sample is run again on its own, apart from the others of its batch and its datapoint. So its
/// log-weight must depend on nothing but its own noise, its datapoint and the parameters. That
/// holds for fixed weights. It also holds for random weights under local reparametrization, where
/// each sample and row has its own draw.
///
/// It does not hold where rows share
/// - a draw of the weights
///   ([`BayesianLinear::sample_weights`](crate::layer::BayesianLinear::sample_weights)), or
/// - statistics of the batch.
///
/// It does not hold either for a bound with a divergence in closed form
/// ([`bound::vae_analytic`](crate::bound::vae_analytic)), which is no function of log-weights. A
/// weight KL is a function of the parameters only: add its gradient yourself.
///
/// # Example
///
/// An IWAE step with k = 5000, with a hundred samples of each datapoint in memory at once.
///
/// ```
/// use burn_bayes::{gradient::Replay, prelude::*};
///
/// let device = Device::default().autodiff();
/// let mut noise = Noise::seeded(0);
/// let model = VaeConfig::new(4, 2).init(&device, &mut noise);
/// let mut adam = AdamConfig::new().init();
///
/// let x = Tensor::<2>::ones([10, 4], &device);
/// let replay = Replay::new(5000).with_threshold(0.01);
/// let replayed = replay.run(&model, x, &mut noise);
/// let bound = bound::iwae(replayed.log_weights.total()).mean();
/// let model = adam.step(1e-3, model, replayed.gradients);
/// println!("bound {bound}, {} of 50000 samples run again", replayed.num_replayed);
/// # let _ = model;
/// ```
#[derive(Config, Debug, PartialEq)]
pub struct Replay {
    /// k, the number of samples of the latent for each datapoint.
    pub num_samples: usize,
    /// How many samples of each datapoint are in memory at once. It changes the result only by
    /// rounding.
    #[config(default = 100)]
    pub samples_per_chunk: usize,
    /// τ, between 0 and 1: the share below which samples are left out at random. With 0 the
    /// gradient is exact.
    #[config(default = 0.0)]
    pub threshold: f64,
    /// Whether only one sample of each datapoint is run again, drawn with its share as probability
    /// (Burda et al. 2016, section 3; Li and Turner 2016). This is the cheapest backward pass. It
    /// is unbiased and has more variance. `threshold` must be 0.
    #[config(default = false)]
    pub one_sample: bool,
    /// The bound, which gives the samples' shares ([`Bound::shares`]). It must be a function of
    /// log-weights.
    #[config(default = "Bound::Iwae")]
    pub bound: Bound,
    /// How the encoder's gradient is estimated.
    #[config(default = "Estimator::Standard")]
    pub estimator: Estimator,
    /// β, the factor of log p(z) − log q(z | x) in a log-weight ([`LogWeights::tempered`]).
    #[config(default = 1.0)]
    pub beta: f64,
}

/// The result of [`Replay::run`].
pub struct Replayed {
    /// All log-weights, outside any graph, `[k, batch]`, without the distributions of the latents.
    pub log_weights: LogWeights,
    /// The gradient of −(1/batch) Σ bound, for an optimizer that minimizes.
    pub gradients: GradientsParams,
    /// How many of the k · batch samples were run again.
    pub num_replayed: usize,
}

impl Replay {
    /// Checks settings that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for
    /// - 0 samples or samples in a chunk, a threshold outside [0, 1], or a threshold with
    ///   `one_sample`;
    /// - a bound that is no function of log-weights, or that cannot be computed with k samples;
    /// - a β that is not finite;
    /// - an estimator that does not exist for the bound, for k samples, or for tempered
    ///   log-weights.
    pub fn validate(&self) -> Result<()> {
        let counts = [
            ("num_samples", self.num_samples),
            ("samples_per_chunk", self.samples_per_chunk),
        ];
        for (name, count) in counts {
            if count == 0 {
                return Err(Error::setting(name, "is 0", "give at least 1"));
            }
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            let problem = format!("is {}", self.threshold);
            return Err(Error::setting(
                "threshold",
                problem,
                "give a share between 0 (exact) and 1",
            ));
        }
        if self.one_sample && self.threshold != 0.0 {
            return Err(Error::setting(
                "threshold",
                "is of no use where one sample is run again",
                "leave it at 0",
            ));
        }
        if self.bound == Bound::VaeAnalytic {
            return Err(Error::setting(
                "bound",
                "is with a divergence in closed form, which is no function of log-weights",
                "use the bound Vae",
            ));
        }
        if let Some((problem, cure)) = self.bound.problem(self.num_samples) {
            return Err(Error::setting("bound", problem, cure));
        }
        if !self.beta.is_finite() {
            let problem = format!("is {}", self.beta);
            return Err(Error::setting(
                "beta",
                problem,
                "give a number, usually from 0 to 1",
            ));
        }
        if self.beta != 1.0 {
            self.estimator.check_tempered()?;
        }
        self.estimator.check(&self.bound, self.num_samples)
    }

    /// The log-weights of a batch, and the gradient of minus its mean bound.
    ///
    /// It takes the same draws of the noise as [`LatentVariableModel::log_weights`], and one draw
    /// more if samples are left out.
    ///
    /// # Shapes
    ///
    /// `x` is `[batch, features]`, on a device with autodiff, as the model is.
    ///
    /// # Panics
    ///
    /// For settings that [`validate`](Self::validate) refuses, an empty batch, noise of selected
    /// pairs, and models that use statistics of the batch. For an estimator other than the standard
    /// one also if the model has no
    /// [`log_weights_along_path`](LatentVariableModel::log_weights_along_path).
    pub fn run<D: Rows, M: LatentVariableModel<D> + Module>(
        &self,
        model: &M,
        x: D,
        noise: &mut Noise,
    ) -> Replayed {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
        assert!(
            !model.uses_batch_statistics(),
            "a sample of a model with batch normalization cannot be run again apart from its batch"
        );
        let start = noise.clone();
        let log_weights = self.first_pass(&model.valid(), x.clone().plain(), noise);
        let counts = self.counts(log_weights.tempered(self.beta));
        let (gradients, num_replayed) = if self.one_sample {
            self.replay_rows(model, &x, &one_each(&counts, noise), &start)
        } else if self.threshold == 0.0 {
            self.replay_all(model, &x, counts, &start)
        } else {
            let rows = roulette(&counts, self.threshold, noise);
            self.replay_rows(model, &x, &rows, &start)
        };
        Replayed {
            log_weights,
            gradients,
            num_replayed,
        }
    }

    /// The first sample of each chunk and how many there are.
    fn chunks(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (k, size) = (self.num_samples, self.samples_per_chunk);
        (0..k)
            .step_by(size)
            .map(move |first| (first, size.min(k - first)))
    }

    /// All log-weights. Afterwards `noise` is advanced by the model's draws.
    pub(crate) fn first_pass<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        x: D,
        noise: &mut Noise,
    ) -> LogWeights {
        let start = noise.clone();
        let mut chunks = Vec::new();
        for (first, samples) in self.chunks() {
            let mut later = start.clone().later_samples(first as u32);
            let noise = if first == 0 { &mut *noise } else { &mut later };
            let chunk = model.log_weights(x.clone(), samples, noise);
            let mut chunk = chunk.checked(samples, x.num_rows());
            // Dropped, since keeping z of all samples is what chunks are to avoid.
            chunk.latents = Vec::new();
            chunks.push((chunk, samples));
        }
        LogWeights::cat(chunks)
    }

    /// Each sample's share in the gradient, `[k, batch]`.
    fn counts(&self, log_weights: Tensor<2>) -> Tensor<2> {
        let shares = self.bound.shares(log_weights);
        shares.expect("`validate` refuses bounds that are no functions of log-weights")
    }

    /// The second pass over all samples.
    fn replay_all<D: Rows, M: LatentVariableModel<D> + Module>(
        &self,
        model: &M,
        x: &D,
        counts: Tensor<2>,
        noise: &Noise,
    ) -> (GradientsParams, usize) {
        let [k, batch] = counts.dims();
        let mut gradients = GradientsAccumulator::new();
        for (first, samples) in self.chunks() {
            let mut noise = noise.clone().later_samples(first as u32);
            let counts = counts.clone().narrow(0, first, samples);
            let path = self.estimator.path(&self.bound, &counts);
            let log_weights = match path {
                None => model.log_weights(x.clone(), samples, &mut noise),
                Some(path) => {
                    along(model.log_weights_along_path(x.clone(), samples, &mut noise, path))
                }
            };
            let log_weights = log_weights.tempered(self.beta);
            accumulate(&mut gradients, model, log_weights, counts, batch);
        }
        (gradients.grads(), k * batch)
    }

    /// The second pass over chosen samples.
    fn replay_rows<D: Rows, M: LatentVariableModel<D> + Module>(
        &self,
        model: &M,
        x: &D,
        rows: &[Row],
        noise: &Noise,
    ) -> (GradientsParams, usize) {
        let batch = x.num_rows();
        let mut gradients = GradientsAccumulator::new();
        for rows in rows.chunks(self.samples_per_chunk.saturating_mul(batch)) {
            let places: Vec<_> = rows.iter().map(|row| (row.sample, row.row)).collect();
            let of_rows = |of: fn(&Row) -> f64| {
                let numbers = rows.iter().map(of).collect();
                let data = TensorData::new::<f64, _>(numbers, [1, rows.len()]);
                Tensor::<2>::from_data(data, &x.device().without_autodiff())
            };
            let counts = of_rows(|row| row.count);
            let path = self.estimator.path(&self.bound, &of_rows(|row| row.share));
            let of_x: Vec<_> = rows.iter().map(|row| row.row).collect();
            let mut noise = noise.clone().rows(&places);
            let log_weights = match path {
                None => model.log_weights_of_rows(x.clone(), &of_x, &mut noise),
                Some(path) => {
                    along(model.log_weights_of_rows_along_path(x.clone(), &of_x, &mut noise, path))
                }
            };
            let log_weights = log_weights.tempered(self.beta);
            accumulate(&mut gradients, model, log_weights, counts, batch);
        }
        (gradients.grads(), rows.len())
    }
}

/// Log-weights for gradients along the path of z.
fn along(log_weights: Option<LogWeights>) -> LogWeights {
    log_weights.unwrap_or_else(|| panic!("{}", super::estimator::NO_PATH))
}

/// Adds the gradient of −Σ counts · log w / batch.
fn accumulate<M: Module>(
    gradients: &mut GradientsAccumulator<M>,
    model: &M,
    log_weights: Tensor<2>,
    counts: Tensor<2>,
    batch: usize,
) {
    let loss = (log_weights * counts).sum().mul_scalar(-1.0 / batch as f64);
    gradients.accumulate(model, GradientsParams::from_grads(loss.backward(), model));
}
