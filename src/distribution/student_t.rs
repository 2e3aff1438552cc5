//! Student's t distribution with independent features.

use super::{
    Distribution, SumFeatures,
    draws::{broadcast, for_samples, uniform},
};
use crate::{
    noise::Noise,
    special::{either, exp_m1, ln_1p, ln_gamma_of},
};
use burn::tensor::Tensor;
use std::f64::consts::{PI, TAU};

/// Student's t distribution with ν degrees of freedom, location loc, scale s and independent
/// features.
///
/// log p(x) = log Γ((ν+1)/2) − log Γ(ν/2) − ½ log νπ − log s − (ν+1)/2 · log(1 + u²/ν) with
/// u = (x − loc)/s. It has a mean for ν > 1 and a variance for ν > 2.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::StudentT, prelude::*};
///
/// let loc = Tensor::<3>::zeros([1, 2, 3], &Device::default());
/// let p = StudentT::new(5.0, loc.clone(), loc);
/// assert_eq!(p.sample(4, &mut Noise::seeded(0)).dims(), [4, 2, 3]);
/// ```
#[derive(Clone, Debug)]
pub struct StudentT {
    df: f64,
    loc: Tensor<3>,
    log_scale: Tensor<3>,
}

/// For |u|/√ν above this, 1 + u²/ν is computed as u²/ν: the square may overflow in `f32`.
const FAR: f64 = 1e10;
/// Degrees of freedom outside are taken for the nearest. Above, `f32` cannot tell them apart;
/// below, the reciprocal of their root overflows.
const RANGE: [f64; 2] = [1e-30, 1e30];

impl StudentT {
    /// From the degrees of freedom ν, locations, and log s, `[1 or samples, batch, features]` each.
    ///
    /// # Panics
    ///
    /// If ν is not a positive number.
    pub fn new(df: f64, loc: Tensor<3>, log_scale: Tensor<3>) -> Self {
        assert!(
            df > 0.0 && df.is_finite(),
            "the degrees of freedom must be a positive number, they are {df}"
        );
        let [least, most] = RANGE;
        let df = df.clamp(least, most);
        let [loc, log_scale] = broadcast(loc, log_scale);
        Self { df, loc, log_scale }
    }

    /// log p(x), feature by feature.
    fn log_prob_elementwise(&self, x: Tensor<3>) -> Tensor<3> {
        let df = self.df;
        let size = ((x - self.loc.clone()) * self.log_scale.clone().neg().exp()).abs();
        let size = size.mul_scalar(df.sqrt().recip());
        let far = size.clone().without_autodiff().greater_elem(FAR);
        let tail = either(
            far,
            &size,
            [FAR, 0.0],
            |size| size.log().mul_scalar(2.0),
            |size| ln_1p(size.clone() * size),
        );
        let log_prob = tail.mul_scalar(-(df + 1.0) / 2.0) - self.log_scale.clone();
        log_prob.add_scalar(log_normalizer(df))
    }
}

/// log Γ((ν+1)/2) − log Γ(ν/2) − ½ log νπ.
fn log_normalizer(df: f64) -> f64 {
    // For many degrees of freedom its terms cancel; this is its expansion.
    if df > 1e7 {
        return -0.5 * TAU.ln() - 0.25 / df;
    }
    ln_gamma_of((df + 1.0) / 2.0) - ln_gamma_of(df / 2.0) - 0.5 * (df * PI).ln()
}

impl Distribution for StudentT {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob_elementwise(x).sum_features()
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    /// √(ν (U^(−2/ν) − 1)) cos 2πV (Bailey 1994).
    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let loc = for_samples(self.loc.clone(), num_samples);
        // U^(−1/ν) √(ν (1 − U^(2/ν))): for a large ν both terms of the difference are near 1, for a
        // small one U^(−2/ν) is infinite long before its root.
        let log = uniform(&loc, noise).log().mul_scalar(1.0 / self.df);
        let square = exp_m1(log.clone().mul_scalar(2.0)).mul_scalar(-self.df);
        let radius = log.neg().exp() * square.sqrt();
        let angle = uniform(&loc, noise).mul_scalar(TAU);
        loc + radius * angle.cos() * self.log_scale.clone().exp()
    }

    /// NaN for ν ≤ 1, where there is no mean.
    fn mean(&self) -> Tensor<3> {
        match self.df > 1.0 {
            true => self.loc.clone(),
            false => self.loc.full_like(f64::NAN),
        }
    }

    /// s² ν/(ν − 2). It is infinite for 1 < ν ≤ 2, and NaN for ν ≤ 1.
    fn variance(&self) -> Tensor<3> {
        let factor = match self.df {
            df if df > 2.0 => df / (df - 2.0),
            df if df > 1.0 => f64::INFINITY,
            _ => f64::NAN,
        };
        self.log_scale
            .clone()
            .mul_scalar(2.0)
            .exp()
            .mul_scalar(factor)
    }
}
