//! Numbers rounded to `bf16`, alone and in pairs.

use super::{
    loops::{map, map2, map3},
    vectorized::vectorized,
};

/// The nearest `bf16`; ties go to the even one. NaN stays NaN.
#[inline(always)]
pub(crate) fn to_bf16(x: f32) -> f32 {
    let bits = x.to_bits();
    let nearest = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    let quiet = bits | 0x0040_0000;
    let is_number = bits & 0x7fff_ffff <= f32::INFINITY.to_bits();
    f32::from_bits(if is_number { nearest } else { quiet } & 0xffff_0000)
}

/// Packs the nearest `bf16` of two numbers into one `f32`, the first in the lower half.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
#[inline(always)]
fn bf16_pair(first: f32, second: f32) -> f32 {
    f32::from_bits(to_bf16(first).to_bits() >> 16 | to_bf16(second).to_bits())
}

vectorized! {
    /// Rounds each number to the nearest `bf16`.
    fn round_to_bf16(values: &mut [f32]) {
        map(values, to_bf16);
    }

    /// Makes pairs of `bf16`, with the number from `first` in the lower half. A missing second
    /// number is 0.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    fn pair(first: &[f32], second: &[f32], squared: bool, pairs: &mut [f32]) {
        let value = |x: f32| if squared { x * x } else { x };
        let (whole, rest) = pairs.split_at_mut(second.len());
        map3(whole, first, second, |_, a, b| bf16_pair(value(a), value(b)));
        map2(rest, &first[second.len()..], |_, a| bf16_pair(value(a), 0.0));
    }

    /// Makes pairs of neighbouring numbers. The last number may have no partner.
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
