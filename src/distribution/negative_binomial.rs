//! The negative binomial distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{self, for_samples},
    special::{exact_softplus, ln_gamma, ln_rising},
};
use crate::noise::Noise;
use burn::tensor::Tensor;

/// The negative binomial distribution with independent features: counts of mean μ = e^η and
/// variance μ + μ²/θ.
///
/// These are Poisson counts whose rate has a Gamma distribution. θ = e^ρ is the inverse dispersion.
///
/// log P(x) = log Γ(x+θ) − log Γ(θ) − log x! − θ softplus(η−ρ) − x softplus(ρ−η). ρ is clamped to
/// [−20, 20]. Above, the distribution equals Poisson's up to rounding; below, nearly all counts are
/// 0.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::NegativeBinomial, prelude::*};
///
/// let zeros = Tensor::<3>::zeros([1, 2, 3], &Device::default());
/// let p = NegativeBinomial::new(zeros.clone(), zeros.clone()); // geometric: P(x) = 2^−(x+1)
/// assert!((p.log_prob(zeros).max().into_scalar::<f32>() + 3.0 * 2f32.ln()).abs() < 1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct NegativeBinomial {
    log_mean: Tensor<3>,
    log_inverse_dispersion: Tensor<3>,
}

impl NegativeBinomial {
    /// From η and ρ, `[1 or samples, batch, features]` each.
    pub fn new(log_mean: Tensor<3>, log_inverse_dispersion: Tensor<3>) -> Self {
        Self {
            log_mean,
            log_inverse_dispersion: log_inverse_dispersion.clamp(-20.0, 20.0),
        }
    }

    /// log P(x), feature by feature.
    pub(super) fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let theta = self.log_inverse_dispersion.clone().exp();
        let excess = self.log_mean.clone() - self.log_inverse_dispersion.clone();
        let counts = ln_rising(theta.clone(), x.clone()) - ln_gamma(x.clone().add_scalar(1.0));
        counts - theta * exact_softplus(excess.clone()) - x * exact_softplus(excess.neg())
    }
}

impl Distribution for NegativeBinomial {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    /// Poisson counts at rates μ G/θ with G ~ Gamma(θ, 1).
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let log_mean = for_samples(self.log_mean.clone(), num_samples);
        let theta = for_samples(self.log_inverse_dispersion.clone().exp(), num_samples);
        let rate = log_mean.exp() * draws::gamma(&theta, noise) / theta;
        draws::poisson(&rate, noise)
    }

    fn mean(&self) -> Tensor<3> {
        self.log_mean.clone().exp()
    }

    fn variance(&self) -> Tensor<3> {
        let mean = self.mean();
        let inverse = self.log_inverse_dispersion.clone().neg().exp();
        mean.clone() + mean.clone() * mean * inverse
    }
}
