//! Log-mean-exp, column by column.

use super::{loops::map2, scalar::exp, vectorized::vectorized};

vectorized! {
    /// The larger number of each pair; the one of `values` if either is NaN.
    fn max_to(max: &mut [f32], values: &[f32]) {
        map2(max, values, |max, value| if value <= max { max } else { value });
    }

    /// shares = e^(values − max), or 0 where that is below e^`negligible`; adds them to `sums`.
    fn shares_to(values: &[f32], max: &[f32], negligible: f32, shares: &mut [f32], sums: &mut [f32]) {
        for (((&value, &max), share), sum) in values.iter().zip(max).zip(shares).zip(sums) {
            let relative = value - max;
            *share = if relative < negligible { 0.0 } else { exp(relative) };
            *sum += *share;
        }
    }
}
