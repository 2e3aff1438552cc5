//! From random words to uniform and normal numbers.
//!
//! There are only additions, multiplications, divisions and square roots, each rounded once and
//! none fused. IEEE 754 determines the result of each. So the numbers are equal to the bit on every
//! CPU, for any width of vectors. A GPU may fuse or approximate operations, and agrees up to
//! rounding.

use std::f32::consts::{FRAC_PI_2, LN_2};

/// A number of the open interval (0, 1) from a word: the middle of one of 2²³ equal cells.
///
/// It takes 23 bits, so that a cell and its middle are exact in `f32`. Neither 0 nor 1 can occur.
#[inline(always)]
pub(super) fn uniform(word: u32) -> f32 {
    ((word >> 9) as i32 as f32 + 0.5) * (1.0 / 8_388_608.0)
}

/// Two independent standard normals from two words (Box and Muller 1958).
///
/// The radius uses 31 bits of `radius`, so the tails reach 6.6 standard deviations. The top two
/// bits of `angle` choose the quarter turn, the others give a fraction of it.
#[inline(always)]
pub(super) fn normal_pair(radius: u32, angle: u32) -> (f32, f32) {
    let unit = (radius >> 1) as i32 as f32 * (1.0 / 2_147_483_648.0) + 1.0 / 4_294_967_296.0;
    let radius = (-2.0 * ln(unit)).sqrt();

    let turn = ((angle << 2) as i32 as f32) * (1.0 / 4_294_967_296.0);
    let (sin, cos) = sin_cos(turn * FRAC_PI_2);
    let quadrant = angle >> 30;
    let (x, y) = if quadrant & 1 == 0 {
        (cos, sin)
    } else {
        (sin, cos)
    };
    // Quadrants 1 and 2 have a negative cosine, 2 and 3 a negative sine.
    let flip_x = ((quadrant + 1) & 2) << 30;
    let flip_y = (quadrant & 2) << 30;
    (
        radius * f32::from_bits(x.to_bits() ^ flip_x),
        radius * f32::from_bits(y.to_bits() ^ flip_y),
    )
}

/// ln x for normal positive x. The logarithm of the mantissa m in [√½, √2) is the series of 2
/// artanh((m − 1)/(m + 1)), which is exact to rounding near 1.
#[inline(always)]
pub(crate) fn ln(x: f32) -> f32 {
    const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
    let exponent = (x.to_bits().wrapping_sub(SQRT_HALF_BITS) as i32) >> 23;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub((exponent << 23) as u32));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = 1.0
        + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0)))));
    exponent as f32 * LN_2 + 2.0 * s * series
}

/// Sine and cosine on [−π/4, π/4] by their Taylor series (truncation below 2e-9 for the sine, 3e-8
/// for the cosine).
#[inline(always)]
fn sin_cos(x: f32) -> (f32, f32) {
    let q = x * x;
    let sin = x
        * (1.0 - q * (1.0 / 6.0 - q * (1.0 / 120.0 - q * (1.0 / 5040.0 - q * (1.0 / 362_880.0)))));
    let cos = 1.0 - q * (0.5 - q * (1.0 / 24.0 - q * (1.0 / 720.0 - q * (1.0 / 40_320.0))));
    (sin, cos)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference is the standard library in f64. A sum of a handful of f32 roundings, relative
    /// to the largest term, stays below 4 units of 6e-8.
    #[test]
    fn elementary_functions_agree_with_f64() {
        for i in 1..200_000u32 {
            let x = i as f32 / 200_000.0;
            let exact = f64::from(x).ln();
            let error = (f64::from(ln(x)) - exact).abs();
            assert!(error <= 2.5e-7 * exact.abs(), "ln({x}) is off by {error}");

            let angle = (x - 0.5) * FRAC_PI_2;
            let (sin, cos) = sin_cos(angle);
            assert!((f64::from(sin) - f64::from(angle).sin()).abs() < 1.2e-7);
            assert!((f64::from(cos) - f64::from(angle).cos()).abs() < 1.2e-7);
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        assert_eq!(uniform(0), 0.5f32.powi(24));
        assert_eq!(uniform(u32::MAX), 1.0 - 0.5f32.powi(24));
    }

    #[test]
    fn normals_are_finite_at_extreme_words() {
        for radius in [0, 1, u32::MAX] {
            for angle in [0, 1, 1 << 30, (1 << 30) - 1, 1 << 31, u32::MAX] {
                let (x, y) = normal_pair(radius, angle);
                assert!(x.is_finite() && y.is_finite());
                assert!(x.hypot(y) < 6.67);
            }
        }
    }

    /// Angle 2π·word/2³², reference in f64.
    #[test]
    fn the_four_quadrants_join() {
        for step in 0..64u32 {
            let word = step << 26;
            let (x, y) = normal_pair(1 << 30, word);
            let angle = f64::from(word) / 4_294_967_296.0 * std::f64::consts::TAU;
            let expected = if word & (1 << 29) == 0 {
                angle
            } else {
                angle - std::f64::consts::FRAC_PI_2
            };
            let length = f64::from(x).hypot(f64::from(y));
            assert!(
                (f64::from(x) / length - expected.cos()).abs() < 1e-6,
                "{word:x}"
            );
            assert!(
                (f64::from(y) / length - expected.sin()).abs() < 1e-6,
                "{word:x}"
            );
        }
    }
}
