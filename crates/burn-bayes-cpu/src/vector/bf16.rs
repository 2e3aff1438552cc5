//! Numbers rounded to `bf16`, alone and in pairs.

use super::{
    loops::{map, map2, map3},
    scalar::{bf16_pair, to_bf16},
    vectorized::vectorized,
};

vectorized! {
    /// Rounds each number to the nearest `bf16`.
    fn round_to_bf16(values: &mut [f32]) {
        map(values, to_bf16);
    }

    /// Pairs of `bf16`, the first one's in the lower half; where there is no second number it is 0.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    fn pair(first: &[f32], second: &[f32], squared: bool, pairs: &mut [f32]) {
        let value = |x: f32| if squared { x * x } else { x };
        let (whole, rest) = pairs.split_at_mut(second.len());
        map3(whole, first, second, |_, a, b| bf16_pair(value(a), value(b)));
        map2(rest, &first[second.len()..], |_, a| bf16_pair(value(a), 0.0));
    }

    /// The same of neighbours; the last one may be alone.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    fn pair_neighbours(values: &[f32], squared: bool, pairs: &mut [f32]) {
        let value = |x: f32| if squared { x * x } else { x };
        let (values, last) = values.as_chunks::<2>();
        let (pairs, rest) = pairs.split_at_mut(values.len());
        for (pair, &[a, b]) in pairs.iter_mut().zip(values) {
            *pair = bf16_pair(value(a), value(b));
        }
        map2(rest, last, |_, a| bf16_pair(value(a), 0.0));
    }
}
