//! Scores for data that are unlike the training data.

use super::{log_likelihood::log_likelihood, sampling::LogLikelihoodSettings};
use crate::{
    bound::LogMeanExp,
    data::Rows,
    error::{Error, Result},
    model::LatentVariableModel,
    noise::Noise,
};

/// Two scores of each datapoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// log E_θ p̂(x | θ), in nats. The lower it is, the less x is like the training data.
    pub log_likelihood: Vec<f64>,
    /// The standard deviation of log p̂(x | θ) over draws of the weights θ, in nats. The higher it
    /// is, the more the draws disagree. It is 0 for a model of fixed weights, and NaN for a single
    /// draw of random ones.
    pub disagreement: Vec<f64>,
}

/// Scores each row of `x` for out-of-distribution detection.
///
/// Weights are drawn `num_weight_draws` times, each time once for all rows. Under each draw log
/// p̂(x | θ) is estimated, with the same noise of the latents.
///
/// A model of fixed weights is estimated once.
///
/// The rows and the first sample of the noise are those of the latents. The weights do not depend
/// on them.
///
/// # Shapes
///
/// `x` is `[rows, features]`.
///
/// # Errors
///
/// Those of [`log_likelihood`](super::log_likelihood); [`Error::Setting`] if `num_weight_draws` is
/// 0, or the model leaves weights random that it should draw.
///
/// # Example
///
/// ```
/// use burn_bayes::{evaluate::scores, prelude::*};
///
/// let model = VaeConfig::new(4, 2)
///     .with_uncertainty(Uncertainty::Decoder)
///     .init(&Device::default(), &mut Noise::seeded(0));
/// let x = Tensor::<2>::ones([3, 4], &Device::default());
/// let settings = LogLikelihoodSettings { num_samples: 50, ..Default::default() };
/// let found = scores(&model, x, 5, &settings, &Noise::seeded(1))?;
/// assert_eq!((found.log_likelihood.len(), found.disagreement.len()), (3, 3));
/// # Ok::<(), Error>(())
/// ```
pub fn scores<D: Rows, M: LatentVariableModel<D>>(
    model: &M,
    x: D,
    num_weight_draws: usize,
    settings: &LogLikelihoodSettings,
    noise: &Noise,
) -> Result<Scores> {
    if num_weight_draws == 0 {
        let cure = "give at least one draw";
        return Err(Error::setting("num_weight_draws", "is 0", cure));
    }
    let [weight_noise, latent_noise] = noise.clone().split();
    let mut draws: Vec<Vec<f64>> = Vec::new();
    let mut fixed = false;
    for draw in 0..num_weight_draws {
        let sampled = model.sample_weights(&mut weight_noise.fork(draw as u64));
        let under = sampled.as_ref().unwrap_or(model);
        if under.weight_kl().is_some() {
            return Err(Error::setting(
                "model",
                "has random weights that `sample_weights` leaves random",
                "implement `LatentVariableModel::sample_weights` for all of them",
            ));
        }
        draws.push(log_likelihood(under, x.clone(), settings, &latent_noise)?.values);
        fixed = sampled.is_none();
        if fixed {
            break;
        }
    }
    let rows = 0..draws[0].len();
    let of_row = |row: usize| draws.iter().map(move |draw| draw[row]);
    let deviation = |row| {
        if fixed {
            return 0.0;
        }
        let n = draws.len() as f64;
        let mean = of_row(row).sum::<f64>() / n;
        (of_row(row).map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
    };
    let marginal = |row| {
        let mut stream = LogMeanExp::default();
        stream.extend(of_row(row));
        stream.log_mean_exp()
    };
    Ok(Scores {
        log_likelihood: rows.clone().map(marginal).collect(),
        disagreement: rows.map(deviation).collect(),
    })
}

/// The area under the receiver operating characteristic of a score that should be high for
/// outsiders.
///
/// It is the probability that a random outsider has a higher score than a random insider; ties
/// count half. 1 is perfect, and ½ is guessing. Below ½ the score has the wrong sign.
///
/// NaN if either is empty or holds a NaN.
///
/// # Example
///
/// ```
/// use burn_bayes::evaluate::auroc;
///
/// assert_eq!(auroc(&[1.0, 2.0], &[2.0, 3.0]), 3.5 / 4.0);
/// ```
pub fn auroc(insiders: &[f64], outsiders: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = insiders.iter().map(|&score| (score, false)).collect();
    all.extend(outsiders.iter().map(|&score| (score, true)));
    if all.iter().any(|(score, _)| score.is_nan()) {
        return f64::NAN;
    }
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut wins, mut insiders_below) = (0.0, 0.0);
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let out = tied.iter().filter(|(_, outside)| *outside).count() as f64;
        let inside = tied.len() as f64 - out;
        wins += out * (insiders_below + 0.5 * inside);
        insiders_below += inside;
    }
    wins / (insiders.len() as f64 * outsiders.len() as f64)
}
