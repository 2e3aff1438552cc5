//! Philox-4x32-10, a counter-based generator: a keyed bijection of 128-bit counters.
//!
//! Reference: Salmon, Moraes, Dror, Shaw 2011, *Parallel random numbers: as easy as 1, 2, 3*.
//! There is no state: the same key and counter give the same four words everywhere.

const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The four words of one counter.
pub fn philox(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    philox_lanes(key, counter.map(|word| [word])).map(|[word]| word)
}

/// The words of `LANES` counters at once; word `i` of lane `l` is at `[i][l]`.
///
/// A word is kept in the lower half of a number twice as wide; the upper half is arbitrary. So a
/// vector's products need not be combined from products of its halves.
#[inline(always)]
pub(super) fn philox_lanes<const LANES: usize>(
    mut key: [u32; 2],
    [a, b, c, d]: [[u32; LANES]; 4],
) -> [[u32; LANES]; 4] {
    let wide = |word: [u32; LANES]| lanes(|l| u64::from(word[l]));
    let narrow = |word: [u64; LANES]| lanes(|l| word[l] as u32);
    let [mut a, mut b, mut c, mut d] = [wide(a), wide(b), wide(c), wide(d)];
    for _ in 0..ROUNDS {
        let [key_b, key_d] = [u64::from(key[0]), u64::from(key[1])];
        for l in 0..LANES {
            let first = u64::from(a[l] as u32) * MULTIPLIERS[0];
            let second = u64::from(c[l] as u32) * MULTIPLIERS[1];
            (a[l], b[l]) = ((second >> 32) ^ b[l] ^ key_b, second);
            (c[l], d[l]) = ((first >> 32) ^ d[l] ^ key_d, first);
        }
        key = [
            key[0].wrapping_add(KEY_INCREMENTS[0]),
            key[1].wrapping_add(KEY_INCREMENTS[1]),
        ];
    }
    [narrow(a), narrow(b), narrow(c), narrow(d)]
}

/// Not `std::array::from_fn`: the compiler sometimes does not inline it, and then uses no vectors.
#[inline(always)]
fn lanes<T: Copy + Default, const LANES: usize>(word: impl Fn(usize) -> T) -> [T; LANES] {
    let mut words = [T::default(); LANES];
    for (l, out) in words.iter_mut().enumerate() {
        *out = word(l);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known-answer vectors published with the authors' Random123 library
    /// (`kat_vectors`, lines "philox4x32 10").
    #[test]
    fn agrees_with_the_published_vectors() {
        assert_eq!(
            philox([0, 0], [0; 4]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 2], [u32::MAX; 4]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0xa409_3822, 0x299f_31d0],
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn lanes_are_independent_counters() {
        let key = [1, 2];
        let words = [[3, 4], [5, 6], [7, 8], [9, 10]];
        let both = philox_lanes(key, words);
        for lane in 0..2 {
            assert_eq!(
                both.map(|word| word[lane]),
                philox(key, words.map(|word| word[lane]))
            );
        }
    }
}
