//! Rows of Bernoulli distributions, given their logits l.

use super::{
    loops::{LANES, by_lanes, map2, total},
    scalar::{exp_minus_abs, log, sigmoid},
    vectorized::vectorized,
};

vectorized! {
    /// Σ x·l − softplus(l).
    ///
    /// softplus(l) is max(l, 0) + log(1 + e^−|l|). One logarithm of a product of many factors 1 +
    /// e^−|l| replaces many logarithms. No factor is above 2, so a product of dozens of them cannot
    /// overflow.
    fn bernoulli_row(logits: &[f32], x: &[f32]) -> f32 {
        const AT_ONCE: usize = 64 * LANES;
        let mut sum = 0.0;
        for (logits, x) in logits.chunks(AT_ONCE).zip(x.chunks(AT_ONCE)) {
            let (mut sums, mut products) = ([0.0f32; LANES], [1.0f32; LANES]);
            by_lanes(logits, x, x, |lane, logit, x, _| {
                let positive = if logit > 0.0 { logit } else { 0.0 };
                sums[lane] += x * logit - positive;
                products[lane] *= 1.0 + exp_minus_abs(logit);
            });
            for (sum, product) in sums.iter_mut().zip(products) {
                *sum -= log(product);
            }
            sum += total(sums);
        }
        sum
    }

    /// gradient · (x − sigmoid(l)), in place of the logits l.
    fn bernoulli_row_backward(logits: &mut [f32], x: &[f32], gradient: f32) {
        map2(logits, x, |logit, x| gradient * (x - sigmoid(logit)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::{Parameter, gaussian_row};

    /// Σ x·l − softplus(l) in f64, and the tolerance for rounding each factor 1 + e^−|l|, each term
    /// and the sum.
    fn exact(logits: &[f32], x: &[f32]) -> (f64, f64) {
        let (mut sum, mut size) = (0.0, 0.0);
        for (&logit, &x) in logits.iter().zip(x) {
            let (logit, x) = (f64::from(logit), f64::from(x));
            sum += x * logit - logit.max(0.0) - (-logit.abs()).exp().ln_1p();
            size += 1.0 + (x * logit).abs() + logit.abs();
        }
        (sum, 1.2e-7 * size)
    }

    /// Rows of all sizes, some with more factors than are multiplied at once. For logits of 0 all
    /// factors are 2.
    #[test]
    fn bernoulli_rows_agree_with_f64() {
        for len in [1, 7, 8, 15, 16, 40, 401, 784, 1023, 1024, 1039, 1040, 5000] {
            for scale in [0.0, 1e-3, 1.0, 5.0, 100.0, 1e30] {
                let logits: Vec<f32> = (0..len).map(|i| scale * (i as f32).sin()).collect();
                let x: Vec<f32> = (0..len).map(|i| (i % 3) as f32 / 2.0).collect();
                let (exact, tolerance) = exact(&logits, &x);
                let error = (f64::from(bernoulli_row(&logits, &x)) - exact).abs();
                assert!(error <= tolerance, "{len} logits of size {scale}: {error}");
            }
        }
    }

    #[test]
    fn a_bernoulli_row_with_a_nan_is_nan() {
        for at in [0, 17, 1038] {
            let mut logits = vec![1.0; 1039];
            logits[at] = f32::NAN;
            assert!(bernoulli_row(&logits, &vec![0.0; 1039]).is_nan());
        }
        assert_eq!(bernoulli_row(&[], &[]), 0.0);
    }

    /// Entries that have no partner are left out, wherever vectors end.
    #[test]
    fn the_ends_of_longer_slices_are_ignored() {
        let numbers: Vec<f32> = (0..40).map(|i| (i as f32).sin()).collect();
        let row = |len, other| bernoulli_row(&numbers[..len], &numbers[..other]);
        assert_eq!(row(24, 40).to_bits(), row(24, 24).to_bits());
        assert_eq!(row(40, 17).to_bits(), row(17, 17).to_bits());
        let row = |x, loc, spread| {
            let [x, loc, spread] = [x, loc, spread].map(|len| &numbers[..len]);
            gaussian_row(x, loc, Parameter::LogVariance, spread).to_bits()
        };
        assert_eq!(row(40, 24, 33), row(24, 24, 24));
    }
}
