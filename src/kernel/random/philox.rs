//! Philox-4x32-10, a counter-based generator: a keyed bijection of 128-bit counters.
//!
//! Reference: Salmon, Moraes, Dror, Shaw 2011, *Parallel random numbers: as easy as 1, 2, 3*.
//! There is no state: the same key and counter give the same four words everywhere.

use std::array;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The four words of one counter.
pub(crate) fn philox(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    philox_lanes(key, counter.map(|word| [word])).map(|[word]| word)
}

/// The words of `LANES` counters at once; word `i` of lane `l` is at `[i][l]`.
#[inline(always)]
pub(crate) fn philox_lanes<const LANES: usize>(
    mut key: [u32; 2],
    mut words: [[u32; LANES]; 4],
) -> [[u32; LANES]; 4] {
    for _ in 0..ROUNDS {
        words = round(key, words);
        key = array::from_fn(|i| key[i].wrapping_add(KEY_INCREMENTS[i]));
    }
    words
}

/// Each word on its own over all lanes, and the two halves of a product as well: vector instructions that the
/// compiler finds twice as fast as those of one loop over lanes.
#[inline(always)]
fn round<const LANES: usize>(key: [u32; 2], words: [[u32; LANES]; 4]) -> [[u32; LANES]; 4] {
    let [a, b, c, d] = words;
    let product = |factor: u32, number: u32| u64::from(factor) * u64::from(number);
    let low = |factor, word: [u32; LANES]| lanes(|l| product(factor, word[l]) as u32);
    let high = |factor, word: [u32; LANES]| lanes(|l| (product(factor, word[l]) >> 32) as u32);
    let (first, second): ([u32; LANES], [u32; LANES]) =
        (high(MULTIPLIERS[0], a), high(MULTIPLIERS[1], c));
    [
        lanes(|l| second[l] ^ b[l] ^ key[0]),
        low(MULTIPLIERS[1], c),
        lanes(|l| first[l] ^ d[l] ^ key[1]),
        low(MULTIPLIERS[0], a),
    ]
}

/// The standard library's functions for it are now and then compiled on their own, without vectors.
#[inline(always)]
fn lanes<const LANES: usize>(word: impl Fn(usize) -> u32) -> [u32; LANES] {
    let mut words = [0; LANES];
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
