//! The normal distribution with independent features.

use super::{SumFeatures, draws::broadcast, features::with_samples};
use crate::kernel::{self, Parameter, VARIANCE_GUARD};
use burn::tensor::{Int, Tensor};
use std::f64::consts::TAU;

/// The normal distribution N(loc, scale²) with independent features.
///
/// In formulas lv = log scale². The value stores the one of scale, variance and log-variance that
/// it was made from. The others are computed from it, in a form that stays finite.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let q = Normal::from_log_variance(
///     Tensor::<3>::zeros([1, 100, 40], &device),
///     Tensor::<3>::full([1, 100, 40], -2.0, &device),
/// );
/// let (z, log_q) = q.rsample_with_log_prob(25, &mut Noise::seeded(0));
/// assert_eq!(z.dims(), [25, 100, 40]);
/// assert_eq!(log_q.dims(), [25, 100]);
/// ```
#[derive(Clone, Debug)]
pub struct Normal<const D: usize> {
    pub(super) loc: Tensor<D>,
    spread: Spread<D>,
}

#[derive(Clone, Debug)]
enum Spread<const D: usize> {
    Scale(Tensor<D>),
    /// The guard is already added.
    Variance(Tensor<D>),
    LogVariance(Tensor<D>),
}

impl<const D: usize> Normal<D> {
    /// From mean and standard deviation.
    ///
    /// # Shapes
    ///
    /// `loc` and `scale` broadcast against each other. `scale` must be positive. This is not
    /// checked, since a check would wait for the device.
    pub fn new(loc: Tensor<D>, scale: Tensor<D>) -> Self {
        let [loc, scale] = broadcast(loc, scale);
        Self {
            loc,
            spread: Spread::Scale(scale),
        }
    }

    /// From mean and log-variance, the usual output of a network.
    pub fn from_log_variance(loc: Tensor<D>, log_variance: Tensor<D>) -> Self {
        let [loc, log_variance] = broadcast(loc, log_variance);
        Self {
            loc,
            spread: Spread::LogVariance(log_variance),
        }
    }

    /// From mean and variance, which may be 0.
    ///
    /// 1e-16 is added to the variance, so that the gradient of its square root is finite at 0. For
    /// a variance of 0 the standard deviation is therefore 1e-8.
    pub fn from_variance(loc: Tensor<D>, variance: Tensor<D>) -> Self {
        let [loc, variance] = broadcast(loc, variance);
        Self {
            loc,
            spread: Spread::Variance(variance.add_scalar(VARIANCE_GUARD)),
        }
    }

    /// The standard normal, of the shape and on the device of `like`.
    pub fn standard_like(like: &Tensor<D>) -> Self {
        Self::new(like.zeros_like(), like.ones_like())
    }

    /// The mean, which is also the location parameter.
    pub fn mean(&self) -> Tensor<D> {
        self.loc.clone()
    }

    /// The location parameter.
    pub fn loc(&self) -> Tensor<D> {
        self.loc.clone()
    }

    /// The standard deviation.
    pub fn scale(&self) -> Tensor<D> {
        match &self.spread {
            Spread::Scale(scale) => scale.clone(),
            Spread::Variance(variance) => variance.clone().sqrt(),
            Spread::LogVariance(log_variance) => log_variance.clone().mul_scalar(0.5).exp(),
        }
    }

    /// The square of the standard deviation.
    pub fn variance(&self) -> Tensor<D> {
        match &self.spread {
            Spread::Scale(scale) => scale.clone().square(),
            Spread::Variance(variance) => variance.clone(),
            Spread::LogVariance(log_variance) => log_variance.clone().exp(),
        }
    }

    /// The logarithm of the variance.
    pub fn log_variance(&self) -> Tensor<D> {
        match &self.spread {
            Spread::Scale(scale) => scale.clone().log().mul_scalar(2.0),
            Spread::Variance(variance) => variance.clone().log(),
            Spread::LogVariance(log_variance) => log_variance.clone(),
        }
    }

    /// The distribution of chosen entries of an axis, in the order of the indices.
    ///
    /// # Panics
    ///
    /// If there is no such axis or entry.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let loc = Tensor::<2>::from_floats([[1.0], [2.0], [3.0]], &device);
    /// let p = Normal::new(loc.clone(), loc.ones_like());
    /// let last_and_first = p.select(0, Tensor::from_ints([2, 0], &device));
    /// let mean: Vec<f32> = last_and_first.mean().into_data().try_to_vec().unwrap();
    /// assert_eq!(mean, [3.0, 1.0]);
    /// ```
    pub fn select(&self, axis: usize, indices: Tensor<1, Int>) -> Self {
        self.map(|tensor| tensor.select(axis, indices.clone()))
    }

    /// Applies a function to both parameters.
    pub(super) fn map(&self, of: impl Fn(Tensor<D>) -> Tensor<D>) -> Self {
        Self {
            loc: of(self.loc.clone()),
            spread: match self.spread.clone() {
                Spread::Scale(scale) => Spread::Scale(of(scale)),
                Spread::Variance(variance) => Spread::Variance(of(variance)),
                Spread::LogVariance(log_variance) => Spread::LogVariance(of(log_variance)),
            },
        }
    }

    /// Which parameter the spread is stored as, and its tensor.
    pub(super) fn parameter(&self) -> (Parameter, Tensor<D>) {
        match &self.spread {
            Spread::Scale(scale) => (Parameter::Scale, scale.clone()),
            Spread::Variance(variance) => (Parameter::Variance, variance.clone()),
            Spread::LogVariance(log_variance) => (Parameter::LogVariance, log_variance.clone()),
        }
    }

    /// (x − loc) / scale.
    ///
    /// The division comes before squaring, since the square of a small scale underflows.
    fn standardize(&self, value: Tensor<D>) -> Tensor<D> {
        let centred = value - self.loc();
        match &self.spread {
            Spread::Scale(scale) => centred / scale.clone(),
            Spread::Variance(variance) => centred / variance.clone().sqrt(),
            Spread::LogVariance(log_variance) => {
                centred * log_variance.clone().mul_scalar(-0.5).exp()
            }
        }
    }

    /// The reparametrized sample loc + scale · ε for a given ε (Kingma and Welling 2014).
    ///
    /// # Shapes
    ///
    /// `epsilon` broadcasts against the parameters.
    pub fn rsample_from_noise(&self, epsilon: Tensor<D>) -> Tensor<D> {
        self.loc() + self.scale() * epsilon
    }

    /// log N(x; loc, scale²) = −½(log 2π + lv + ((x − loc)/scale)²), feature by feature, in nats.
    pub fn log_prob_elementwise(&self, value: Tensor<D>) -> Tensor<D> {
        let epsilon = self.standardize(value);
        self.log_prob_from_noise_elementwise(epsilon)
    }

    fn log_prob_from_noise_elementwise(&self, epsilon: Tensor<D>) -> Tensor<D> {
        (epsilon.square() + self.log_variance())
            .add_scalar(TAU.ln())
            .mul_scalar(-0.5)
    }

    /// The entropy ½(1 + log 2π + lv), feature by feature, in nats.
    pub fn entropy_elementwise(&self) -> Tensor<D> {
        self.log_variance()
            .add_scalar(1.0 + TAU.ln())
            .mul_scalar(0.5)
    }

    /// KL(self ‖ other) = ½(e^Δ − 1 − Δ + (loc − loc')²/scale'²) with Δ = lv − lv', feature by
    /// feature, in nats.
    pub fn kl_divergence_elementwise(&self, other: &Self) -> Tensor<D> {
        let delta = self.log_variance() - other.log_variance();
        let shift = other.standardize(self.loc());
        (delta.clone().exp().sub_scalar(1.0) - delta + shift.square()).mul_scalar(0.5)
    }
}

impl<const D: usize> Normal<D>
where
    Tensor<D>: SumFeatures,
{
    /// The log-density of each row, in nats: Σ −½(log 2π + lv + ((x − loc)/scale)²).
    ///
    /// # Shapes
    ///
    /// `value` broadcasts against the parameters; the last axis of the result is summed away.
    pub fn log_prob(&self, value: Tensor<D>) -> <Tensor<D> as SumFeatures>::Output {
        let (parameter, spread) = self.parameter();
        let [value, loc, spread] = [value, self.loc(), spread].map(with_samples);
        Tensor::<D>::from_rows(kernel::gaussian_log_prob(value, loc, parameter, spread))
    }

    /// The log-density of the sample made from `epsilon`: Σ −½(log 2π + lv + ε²).
    ///
    /// It equals [`log_prob`](Self::log_prob) of [`rsample_from_noise`](Self::rsample_from_noise).
    /// But it does not compute x − loc, which loses the digits of ε where the scale is much smaller
    /// than the location. The total derivative with respect to the parameters is the same.
    pub fn log_prob_from_noise(&self, epsilon: Tensor<D>) -> <Tensor<D> as SumFeatures>::Output {
        self.log_prob_from_noise_elementwise(epsilon).sum_features()
    }

    /// The entropy of each row, in nats.
    pub fn entropy(&self) -> <Tensor<D> as SumFeatures>::Output {
        self.entropy_elementwise().sum_features()
    }

    /// KL(self ‖ other) of each row, in nats, in closed form.
    pub fn kl_divergence(&self, other: &Self) -> <Tensor<D> as SumFeatures>::Output {
        self.kl_divergence_elementwise(other).sum_features()
    }
}
