//! Means, errors and quantiles.

use std::cmp::Ordering;

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// sd/√n of the mean, with divisor n − 1; NaN for a single value.
pub(super) fn standard_error(values: &[f64]) -> f64 {
    let (mean, n) = (mean(values), values.len() as f64);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (n - 1.0) / n).sqrt()
}

/// The order of numbers. NaN counts as largest, whatever its sign bit; `total_cmp` alone would
/// depend on that bit.
pub(super) fn ascending(a: &f64, b: &f64) -> Ordering {
    a.is_nan().cmp(&b.is_nan()).then(a.total_cmp(b))
}

/// The quantile at `share`, with linear interpolation. NaN counts as largest. The result is NaN
/// without values, and between −∞ and ∞.
pub(super) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(ascending);
    let place = share * (sorted.len() as f64 - 1.0);
    let (low, part) = (place.floor() as usize, place.fract());
    match (sorted.get(low), sorted.get(low + 1)) {
        (Some(a), Some(b)) if part > 0.0 && a != b => (1.0 - part) * a + part * b,
        (Some(a), _) => *a,
        (None, _) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn quantiles_know_infinity_and_nan() {
        assert_eq!(quantile(&[INF, INF], 0.5), INF);
        assert_eq!(quantile(&[-INF, -INF, 1.0], 0.25), -INF);
        assert_eq!(quantile(&[-INF, 1.0], 0.5), -INF);
        assert_eq!(quantile(&[1.0, INF], 0.5), INF);
        assert!(quantile(&[-INF, INF], 0.5).is_nan());
        assert!((quantile(&[3.0, 1.0], 0.25) - 1.5).abs() < 1e-15);
        // NaN counts as largest, whatever its sign.
        for nan in [f64::NAN.copysign(1.0), f64::NAN.copysign(-1.0)] {
            assert_eq!(quantile(&[nan, 1.0, 2.0], 0.5), 2.0);
            assert!(quantile(&[1.0, nan, 2.0], 1.0).is_nan());
        }
    }
}
