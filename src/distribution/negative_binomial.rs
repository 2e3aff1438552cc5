//! The negative binomial distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{self, broadcast, for_samples},
};
use crate::{
    noise::Noise,
    special::{HALF_LOG_TAU, exact_softplus, exp_m1, ln_1p, stirling_error},
};
use burn::tensor::Tensor;

/// The negative binomial distribution with independent features: counts of mean μ = e^η and
/// variance μ + μ²/θ.
///
/// These are Poisson counts whose rate has a Gamma distribution. θ = e^ρ is the inverse dispersion.
///
/// log P(x) = log Γ(x+θ) − log Γ(θ) − log x! − θ softplus(η−ρ) − x softplus(ρ−η). ρ is clamped to
/// [−20, 20]. Above, the distribution equals Poisson's up to rounding if μ is below some hundreds;
/// below, nearly all counts are 0.
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
    pub(super) log_mean: Tensor<3>,
    pub(super) log_inverse_dispersion: Tensor<3>,
}

impl NegativeBinomial {
    /// From η and ρ, `[1 or samples, batch, features]` each.
    pub fn new(log_mean: Tensor<3>, log_inverse_dispersion: Tensor<3>) -> Self {
        let [log_mean, log_inverse_dispersion] =
            broadcast(log_mean, log_inverse_dispersion.clamp(-20.0, 20.0));
        Self {
            log_mean,
            log_inverse_dispersion,
        }
    }

    /// log P(x), feature by feature, in a form whose terms do not cancel (Loader 2000).
    ///
    /// With a(d) = e^d − 1 − d and Stirling's error δ, it is
    /// δ(x+θ) − δ(x) − δ(θ) − x a(d) − θ a(d') + ½ log θ/(2πx(x+θ)). Here
    /// d = log(1 + θ/x) − softplus(ρ−η) and d' = log(1 + x/θ) − softplus(η−ρ).
    pub(super) fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let rho = self.log_inverse_dispersion.clone();
        let theta = rho.clone().exp();
        let excess = self.log_mean.clone() - rho.clone();
        let below = exact_softplus(excess.clone()); // −log of the chance of a failure, θ/(θ+μ)
        let zero = x.clone().without_autodiff().equal_elem(0.0);
        let at_zero = (theta.clone() * below.clone()).neg();

        let x = x.mask_fill(zero.clone(), 1.0);
        let sum = x.clone() + theta.clone();
        let deviance = |size: Tensor<3>, d: Tensor<3>| size * (exp_m1(d.clone()) - d);
        let of_x = ln_1p(theta.clone() / x.clone()) - exact_softplus(excess.neg());
        let of_theta = ln_1p(x.clone() / theta.clone()) - below;
        let errors =
            stirling_error(sum.clone()) - stirling_error(x.clone()) - stirling_error(theta.clone());
        let logs = (rho - x.clone().log() - sum.log()).mul_scalar(0.5);
        let above =
            errors + logs.sub_scalar(HALF_LOG_TAU) - deviance(x, of_x) - deviance(theta, of_theta);
        let zero = zero.expand(above.dims());
        above.mask_where(zero.clone(), at_zero.expand(zero.dims()))
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
        let rho = for_samples(self.log_inverse_dispersion.clone(), num_samples);
        // In logs: a product of μ and G may be ∞ · 0.
        let log_gamma = draws::ln_gamma(&rho.clone().exp(), noise);
        draws::poisson(&(log_mean + (log_gamma - rho)).exp(), noise)
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
