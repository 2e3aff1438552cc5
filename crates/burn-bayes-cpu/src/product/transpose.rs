//! The transpose of 16 vectors.

use std::arch::x86_64::*;

const LANES: usize = 16;

#[target_feature(enable = "avx512f")]
pub(super) fn transpose(mut a: [__m512; LANES]) -> [__m512; LANES] {
    let mut b = a;
    for i in (0..LANES).step_by(2) {
        b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
    }
    for i in (0..LANES).step_by(4) {
        let pairs: [__m512d; 4] = std::array::from_fn(|j| _mm512_castps_pd(b[i + j]));
        let columns = [
            _mm512_unpacklo_pd(pairs[0], pairs[2]),
            _mm512_unpackhi_pd(pairs[0], pairs[2]),
            _mm512_unpacklo_pd(pairs[1], pairs[3]),
            _mm512_unpackhi_pd(pairs[1], pairs[3]),
        ];
        // Quarter q of vector j holds rows i to i + 3 of column 4q + j.
        a[i..i + 4].copy_from_slice(&columns.map(|column| _mm512_castpd_ps(column)));
    }
    for j in 0..4 {
        let even = |x, y| _mm512_shuffle_f32x4::<0b10_00_10_00>(x, y);
        let odd = |x, y| _mm512_shuffle_f32x4::<0b11_01_11_01>(x, y);
        let quarters = [a[j], a[4 + j], a[8 + j], a[12 + j]];
        let evens = [
            even(quarters[0], quarters[1]),
            even(quarters[2], quarters[3]),
        ];
        let odds = [odd(quarters[0], quarters[1]), odd(quarters[2], quarters[3])];
        b[j] = even(evens[0], evens[1]);
        b[4 + j] = even(odds[0], odds[1]);
        b[8 + j] = odd(evens[0], evens[1]);
        b[12 + j] = odd(odds[0], odds[1]);
    }
    b
}
