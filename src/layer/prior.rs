//! The prior of random weights.

use crate::{
    distribution::Normal,
    kernel::{self, Function},
    noise::Noise,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// The prior p in KL(q ‖ p) of random weights.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let layer = BayesianLinearConfig::new(784, 400).init(&Device::default(), &mut Noise::seeded(0));
/// let [unit, matched] = [WeightPrior::Normal { std: 1.0 }, WeightPrior::Matched]
///     .map(|prior| layer.kl(&prior).into_scalar::<f32>());
/// assert!(matched < unit); // it is the best of all normal priors
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WeightPrior {
    /// N(0, std²) for every weight.
    Normal {
        /// The standard deviation.
        std: f64,
    },
    /// N(0, s²) with the s² that minimizes the divergence, s² = mean(loc² + scale²) (empirical
    /// Bayes). Each matrix and each bias vector has its own s².
    Matched,
    /// share · N(0, wide²) + (1 − share) · N(0, narrow²) for every weight (Blundell, Cornebise,
    /// Kavukcuoglu and Wierstra 2015). Most weights are small, some are not.
    ///
    /// The divergence has no closed form. [`kl`](Self::kl) gives an upper bound of it without
    /// noise: the divergence if each weight also has a hidden choice of one of the two components
    /// (Hershey and Olsen 2007). A lower bound of log p(D) that includes the divergence stays a
    /// lower bound. The upper bound is close where a posterior is narrower than `narrow`, or far
    /// from it. It can also be loose. With share ¼, `wide` 1 and `narrow` 0.0025, it is 5.3 nats
    /// for a posterior N(0, 0.011²), whose divergence is 2.3 nats.
    /// [`kl_estimate`](Self::kl_estimate) draws weights instead, and is unbiased.
    ScaleMixture {
        /// The weight of the wide component, between 0 and 1, both excluded.
        share: f64,
        /// The standard deviation of the wide component.
        wide: f64,
        /// The standard deviation of the narrow component, below `wide`.
        narrow: f64,
    },
}

impl Default for WeightPrior {
    fn default() -> Self {
        Self::Normal { std: 1.0 }
    }
}

impl WeightPrior {
    /// KL(posterior ‖ prior), or an upper bound of it, summed over all weights, in nats.
    ///
    /// | prior | sum |
    /// | --- | --- |
    /// | N(0, s²) | ½ Σ (e^Δ − 1 − Δ + loc²/s²), Δ = lv − log s² |
    /// | matched | ½ Σ (log s² − lv) |
    /// | scale mixture | −Σ log (share · e^−K + (1 − share) · e^−K'), K and K' the KL of one weight to the wide and to the narrow component; an upper bound |
    ///
    /// # Shapes
    ///
    /// The result has shape `[1]`.
    pub fn kl<const D: usize>(&self, posterior: &Normal<D>) -> Tensor<1> {
        match self {
            Self::Normal { std } => kernel::sum(twice_kl(posterior, *std)).mul_scalar(0.5),
            Self::Matched => {
                let second_moment = posterior.loc().square() + posterior.variance();
                let count = second_moment.shape().num_elements() as f64;
                // Not `mean`: on a GPU in software burn 0.22.1 leaves out rows beyond 65 532.
                let mean = kernel::sum(second_moment).mul_scalar(1.0 / count);
                let log_scale = mean.log().mul_scalar(count);
                (log_scale - kernel::sum(posterior.log_variance())).mul_scalar(0.5)
            }
            Self::ScaleMixture {
                share,
                wide,
                narrow,
            } => {
                let [wide, narrow] = [wide, narrow].map(|std| twice_kl(posterior, *std));
                let odds = ((1.0 - share) / share).ln();
                let better = (wide.clone() - narrow).mul_scalar(0.5).add_scalar(odds);
                let better = kernel::apply(Function::Softplus, better);
                let cost = wide.mul_scalar(0.5).sub_scalar(share.ln());
                kernel::sum(cost - better)
            }
        }
    }

    /// Whether [`kl`](Self::kl) is the divergence itself; otherwise it is an upper bound.
    pub fn has_closed_form(&self) -> bool {
        !matches!(self, Self::ScaleMixture { .. })
    }

    /// KL(posterior ‖ prior), or an unbiased estimate of it, summed over all weights, in nats.
    ///
    /// If there is a closed form, the result is [`kl`](Self::kl) and takes no noise. Otherwise it
    /// is an estimate from S = `num_draws` draws of the weights, (1/S) Σₛ (log q(wₛ) − log p(wₛ))
    /// with wₛ = loc + scale · εₛ (Blundell, Cornebise, Kavukcuoglu and Wierstra 2015). Gradients
    /// are those of the estimate for given εₛ. An estimate may be negative.
    ///
    /// # Shapes
    ///
    /// The result has shape `[1]`. The draws belong to weights, not to datapoints: give a fork of
    /// the noise.
    ///
    /// # Panics
    ///
    /// If there are no draws.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let prior = WeightPrior::ScaleMixture { share: 0.25, wide: 1.0, narrow: 0.0025 };
    /// let zeros = Tensor::<2>::zeros([20, 30], &Device::default());
    /// let posterior = Normal::new(zeros.clone(), zeros.full_like(0.011));
    /// let estimate = prior.kl_estimate(&posterior, 10, &mut Noise::seeded(0));
    /// let [estimate, bound] = [estimate, prior.kl(&posterior)].map(|kl| kl.into_scalar::<f32>());
    /// assert!(estimate < 0.5 * bound); // 2.3 nats a weight instead of 5.3
    /// ```
    pub fn kl_estimate<const D: usize>(
        &self,
        posterior: &Normal<D>,
        num_draws: usize,
        noise: &mut Noise,
    ) -> Tensor<1> {
        assert!(num_draws > 0, "an estimate needs at least one draw");
        let Self::ScaleMixture {
            share,
            wide,
            narrow,
        } = *self
        else {
            return self.kl(posterior);
        };
        let dims = posterior.loc().dims();
        let columns = dims[D - 1];
        let matrix = [1, dims.iter().product::<usize>() / columns, columns];
        let posterior = Normal::<3>::from_log_variance(
            posterior.loc().reshape(matrix),
            posterior.log_variance().reshape(matrix),
        );
        let (weights, log_posterior) = posterior.rsample_with_log_prob(num_draws, noise);
        let log_prior = log_mixture(weights.square(), share, wide, narrow);
        (kernel::sum(log_posterior) - kernel::sum(log_prior)).mul_scalar(1.0 / num_draws as f64)
    }

    /// What is wrong with the prior's numbers, if anything.
    pub(crate) fn problem(&self) -> Option<String> {
        let positive = |number: f64| number > 0.0 && number.is_finite();
        match *self {
            Self::Normal { std } if !positive(std) => Some(format!(
                "the prior's standard deviation must be a positive number, it is {std}"
            )),
            Self::ScaleMixture { share, .. } if !(share > 0.0 && share < 1.0) => Some(format!(
                "the prior's share must be between 0 and 1, it is {share}"
            )),
            Self::ScaleMixture { wide, narrow, .. }
                if !(positive(narrow) && positive(wide) && narrow < wide) =>
            {
                Some(format!(
                    "the prior's narrow standard deviation must be positive and below the wide \
                     one, they are {narrow} and {wide}"
                ))
            }
            _ => None,
        }
    }
}

/// 2 KL(posterior ‖ N(0, std²)) of each weight.
fn twice_kl<const D: usize>(posterior: &Normal<D>, std: f64) -> Tensor<D> {
    let delta = posterior.log_variance().sub_scalar(2.0 * std.ln());
    let shift = posterior.loc().mul_scalar(1.0 / std);
    delta.clone().exp().sub_scalar(1.0) - delta + shift.square()
}

/// log (share · N(w; 0, wide²) + (1 − share) · N(w; 0, narrow²)) from w².
fn log_mixture(squares: Tensor<3>, share: f64, wide: f64, narrow: f64) -> Tensor<3> {
    let [wide_precision, narrow_precision] = [wide, narrow].map(|std| 1.0 / (std * std));
    // The log-odds of the narrow component against the wide one at w = 0.
    let log_odds = ((1.0 - share) / share).ln() + (wide / narrow).ln();
    let odds = squares
        .clone()
        .mul_scalar(-0.5 * (narrow_precision - wide_precision));
    let narrow = kernel::apply(Function::Softplus, odds.add_scalar(log_odds));
    let constant = share.ln() - wide.ln() - 0.5 * std::f64::consts::TAU.ln();
    narrow
        + squares
            .mul_scalar(-0.5 * wide_precision)
            .add_scalar(constant)
}
