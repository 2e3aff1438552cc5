//! Which latent variables carry information.

use super::{numbers, statistics::ascending};
use serde::{Deserialize, Serialize};

/// The units of a stochastic layer: their activity, and the layer's KL.
///
/// Unit u is *active* if Var_x(E u) > 0.01, where E u is its posterior mean and the variance is
/// over data, with divisor n (Burda, Grosse, Salakhutdinov 2016). A unit that ignores x has
/// variance 0 and can be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StochasticLayer {
    /// The layer's term of KL(q ‖ p), in nats: the mean of log q − log p over draws and data.
    #[serde(with = "numbers::one")]
    pub kl: f64,
    /// The variance over data of each unit's posterior mean. The inner expectation runs over all
    /// samples of the layers drawn before it and of random weights, as in the paper.
    #[serde(with = "numbers")]
    pub variances: Vec<f64>,
    /// The same from one sample for each datapoint, as in the paper's program. On average it is
    /// never smaller. With fixed weights it is equal for the layer that is drawn first.
    #[serde(with = "numbers")]
    pub single_draw_variances: Vec<f64>,
}

impl StochasticLayer {
    /// The units with a variance above the threshold, in ascending order.
    pub fn active(&self, threshold: f64) -> Vec<usize> {
        self.select(|variance| variance > threshold)
    }

    /// The units with a variance not above the threshold, in ascending order. One that is NaN is
    /// neither active nor inactive.
    pub fn inactive(&self, threshold: f64) -> Vec<usize> {
        self.select(|variance| variance <= threshold)
    }

    /// All units, the most active first; NaN counts as largest.
    pub fn by_activity(&self) -> Vec<usize> {
        let mut units: Vec<usize> = (0..self.variances.len()).collect();
        units.sort_by(|&a, &b| ascending(&self.variances[b], &self.variances[a]));
        units
    }

    fn select(&self, keep: impl Fn(f64) -> bool) -> Vec<usize> {
        let units = 0..self.variances.len();
        units.filter(|&unit| keep(self.variances[unit])).collect()
    }
}

/// The running mean and variance of each feature over rows. Welford's (1962) algorithm does not
/// cancel where means are large.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Moments {
    count: u64,
    #[serde(with = "numbers")]
    mean: Vec<f64>,
    /// Σ (x − mean)².
    #[serde(with = "numbers")]
    squares: Vec<f64>,
}

impl Moments {
    pub fn push(&mut self, row: &[f64]) {
        self.mean.resize(row.len(), 0.0);
        self.squares.resize(row.len(), 0.0);
        self.count += 1;
        for ((&x, mean), squares) in row.iter().zip(&mut self.mean).zip(&mut self.squares) {
            let delta = x - *mean;
            *mean += delta / self.count as f64;
            *squares += delta * (x - *mean);
        }
    }

    /// Whether they are those of this many rows, with a sum for each mean.
    pub fn are_of(&self, rows: usize) -> bool {
        self.count == rows as u64 && self.mean.len() == self.squares.len()
    }

    /// With divisor n.
    pub fn variances(&self) -> Vec<f64> {
        let divided = self.squares.iter().map(|sum| sum / self.count as f64);
        divided.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variance_that_is_nan_comes_first_whatever_its_sign() {
        for nan in [f64::NAN.copysign(1.0), f64::NAN.copysign(-1.0)] {
            let layer = StochasticLayer {
                kl: 0.0,
                variances: vec![1.0, nan, 2.0],
                single_draw_variances: Vec::new(),
            };
            assert_eq!(layer.by_activity(), [1, 2, 0]);
        }
    }

    #[test]
    fn small_variances_survive_large_means() {
        let mut moments = Moments::default();
        for x in [1e8 + 1.0, 1e8 + 2.0, 1e8 + 6.0] {
            moments.push(&[x, -1.0]);
        }
        assert_eq!(moments.variances(), [14.0 / 3.0, 0.0]);
    }
}
