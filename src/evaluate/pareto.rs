//! The tail of importance weights, as a diagnostic of the estimate.

use super::statistics::ascending;

/// The largest k̂ for which an estimate from K samples is reliable: min(1 − 1/log₁₀ K, 0.7).
///
/// Source: Vehtari, Simpson, Gelman, Yao, Gabry, Pareto smoothed importance sampling (2024).
///
/// # Example
///
/// ```
/// use burn_bayes::evaluate::pareto_k_threshold;
///
/// assert_eq!(pareto_k_threshold(5000), 0.7);
/// assert_eq!(pareto_k_threshold(100), 0.5);
/// ```
pub fn pareto_k_threshold(num_samples: usize) -> f64 {
    (1.0 - (num_samples as f64).log10().recip()).min(0.7)
}

/// The smallest number of weights for which a tail is fitted.
pub(super) const MIN_SAMPLES: usize = 21;
/// The smallest number of weights in a tail.
const MIN_TAIL: usize = 5;
/// Log-weights that differ by less than this are equal.
const EQUAL: f64 = 1e-3;
/// Where many are the same, those that differ by less than this times the largest are equal up to
/// the rounding of `f32`.
const ROUNDING: f64 = 16.0 * f32::EPSILON as f64;

/// The shape k̂ of a generalized Pareto distribution fitted to the largest weights.
///
/// Weights with tail index k have finite moments up to order 1/k. Below 0.5 their variance is
/// finite and the estimate is good. Above [`pareto_k_threshold`] it is unreliable, even if the
/// effective sample size is large.
///
/// The tail consists of the M = ⌈min(K/5, 3√K)⌉ largest of K weights, minus the next smaller one.
/// The fit is that of Zhang & Stephens (2009) for κ, with the prior of Vehtari et al., k̂ = (Mκ +
/// 5)/(M + 10). At K = 5000 its standard deviation is about 0.1.
///
/// Weights that are equal up to a thousandth have no tail and give 0, and so do those of which many
/// are the same and all are, up to the rounding of `f32`. The result
/// is NaN for fewer than 21 weights, and if a weight is NaN or the largest log-weight is infinite.
/// It is infinity if nothing can be fitted, because the weights are too unequal or too many are the
/// same.
///
/// Sources: Vehtari, Simpson, Gelman, Yao, Gabry, Pareto smoothed importance sampling (2024); Zhang
/// & Stephens, Technometrics 51 (2009).
///
/// # Example
///
/// The weights p/q of p = N(0, s²) under q = N(0, 1) have tail index 1 − 1/s²: here 0.75.
///
/// ```
/// use burn_bayes::{evaluate::pareto_k, prelude::*};
///
/// let draws = Noise::seeded(1).normal([1, 1, 5000], &Device::default()).into_data();
/// let log_weights: Vec<f64> = draws.iter::<f64>().map(|z| 0.5 * (1.0 - 0.25) * z * z).collect();
/// assert!((pareto_k(&log_weights) - 0.75).abs() < 0.25);
/// ```
pub fn pareto_k(log_weights: &[f64]) -> f64 {
    let mut tail = Tail::of(log_weights.len());
    log_weights.iter().for_each(|&weight| tail.push(weight));
    tail.shape()
}

/// The largest log-weights of a stream.
#[derive(Clone, Debug)]
pub(super) struct Tail {
    /// M. One more weight is kept, the one below the tail.
    size: usize,
    /// The M + 1 largest, and possibly some others.
    largest: Vec<f64>,
    /// A log-weight that is not above this is not needed, since enough larger ones are kept.
    cut: f64,
}

impl Tail {
    /// For K weights.
    pub fn of(num_samples: usize) -> Self {
        let k = num_samples as f64;
        let size = (k / 5.0).min(3.0 * k.sqrt()).ceil() as usize;
        Self {
            size,
            largest: Vec::new(),
            cut: f64::NAN,
        }
    }

    pub fn push(&mut self, log_weight: f64) {
        if log_weight <= self.cut {
            return;
        }
        self.largest.push(log_weight);
        if self.largest.len() > 2 * (self.size + 1) {
            // NaN counts as largest and stays.
            let descending = |a: &f64, b: &f64| ascending(b, a);
            let (_, &mut cut, _) = (self.largest).select_nth_unstable_by(self.size, descending);
            self.largest.truncate(self.size + 1);
            self.cut = cut;
        }
    }

    /// The tail and the weight below it, largest first.
    fn descending(mut self) -> Vec<f64> {
        self.largest.sort_unstable_by(|a, b| ascending(b, a));
        self.largest.truncate(self.size + 1);
        self.largest
    }

    /// k̂.
    pub fn shape(self) -> f64 {
        let largest = self.descending();
        let Some((&cut, tail)) = largest.split_last() else {
            return f64::NAN;
        };
        let max = largest[0];
        if tail.len() < MIN_TAIL || !max.is_finite() {
            return f64::NAN;
        }
        if max - cut < EQUAL {
            return 0.0;
        }
        // The shape does not depend on the scale, so weights are taken relative to the largest:
        // nothing overflows.
        let base = (cut - max).exp();
        let excesses = tail.iter().rev().map(|weight| (weight - max).exp() - base);
        match generalized_pareto_shape(&excesses.collect::<Vec<_>>()) {
            f64::INFINITY if max - cut < ROUNDING * max.abs() => 0.0,
            shape => shape,
        }
    }
}

/// Zhang & Stephens' estimate from ascending numbers.
fn generalized_pareto_shape(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let largest = x[x.len() - 1];
    let quartile = x[(n / 4.0 + 0.5).floor() as usize - 1];
    // Its reciprocal must be finite.
    if quartile < 1e-300 {
        return f64::INFINITY;
    }
    let kappa = |b: f64| x.iter().map(|x| (-b * x).ln_1p()).sum::<f64>() / n;
    let grid = 30 + n.sqrt().floor() as usize;
    let profile: Vec<(f64, f64)> = (1..=grid)
        .map(|j| {
            let step = 1.0 - (grid as f64 / (j as f64 - 0.5)).sqrt();
            let b = largest.recip() + step / (3.0 * quartile);
            let kappa = kappa(b);
            (b, n * ((-b / kappa).ln() - kappa - 1.0))
        })
        .collect();
    let best = profile
        .iter()
        .fold(f64::NEG_INFINITY, |best, &(_, log_likelihood)| {
            best.max(log_likelihood)
        });
    let (weight, sum) = profile
        .iter()
        .map(|&(b, log_likelihood)| ((log_likelihood - best).exp(), b))
        .fold((0.0, 0.0), |(weights, sum), (weight, b)| {
            (weights + weight, sum + weight * b)
        });
    (n * kappa(sum / weight) + 5.0) / (n + 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample are quantiles of the generalized Pareto distribution of scale 1, so it has no
    /// random error. The prior pulls the estimate to 0.5 with weight 10/(n + 10).
    #[test]
    fn the_shape_of_a_perfect_sample_is_found() {
        for shape in [-0.3, 0.2, 0.5, 0.9] {
            let n = 400;
            let x: Vec<f64> = (0..n)
                .map(|i| {
                    let p = (f64::from(i) + 0.5) / f64::from(n);
                    ((1.0 - p).powf(-shape) - 1.0) / shape
                })
                .collect();
            let expected = (400.0 * shape + 5.0) / 410.0;
            let found = generalized_pareto_shape(&x);
            assert!((found - expected).abs() < 0.03, "{shape}: {found}");
        }
    }

    /// Also with repeated numbers and with NaN.
    #[test]
    fn a_stream_keeps_the_largest() {
        let shuffled = (0..5000).map(|i| f64::from((i * 1237) % 5000));
        let repeated = shuffled.clone().map(|number| (number / 150.0).floor());
        let with_nan = shuffled
            .clone()
            .map(|number| if number == 7.0 { f64::NAN } else { number });
        for numbers in [
            shuffled.collect::<Vec<_>>(),
            repeated.collect(),
            with_nan.collect(),
        ] {
            let mut tail = Tail::of(numbers.len());
            assert_eq!(tail.size, 213); // 3 √5000 = 212.13
            numbers.iter().for_each(|&number| tail.push(number));
            let mut sorted = numbers;
            sorted.sort_by(|a, b| ascending(b, a));
            let bits = |numbers: &[f64]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&tail.descending()), bits(&sorted[..214]));
        }
    }
}
