//! Filling host memory with noise, on all threads.

use super::{
    Draw,
    philox::philox_lanes,
    transform::{normal_pair, uniform as uniform_word},
};
use crate::kernel::threads::{part, share};
use multiversion::multiversion;

/// Features that share a counter.
const WORDS: usize = 4;
/// Counters whose words are made at once.
const LANES: usize = 16;
/// Counters whose words become numbers, and are put in order, at once.
const COUNTERS: usize = 8 * LANES;
/// What a random number costs, in numbers that are merely read and written.
#[cfg_attr(not(feature = "flex"), allow(dead_code))]
pub(crate) const COST: usize = 8;

/// Makes the numbers of a row: key, then the counter's last three words, then where to.
type Row = fn([u32; 2], [u32; 3], &mut [f32]);

/// The standard normal numbers of a draw.
pub(crate) fn normal(draw: &Draw, shape: [usize; 3]) -> Vec<f32> {
    fill(draw, shape, normal_numbers)
}

/// The uniform numbers of a draw.
pub(crate) fn uniform(draw: &Draw, shape: [usize; 3]) -> Vec<f32> {
    fill(draw, shape, uniform_numbers)
}

/// The standard normal numbers of one row of a draw.
#[cfg(feature = "flex")]
pub(crate) fn normal_row(draw: &Draw, sample: usize, row: usize, values: &mut [f32]) {
    normal_numbers(draw.key, draw.counter(sample, row), values);
}

/// Rows are independent, so they are shared out over threads.
fn fill(draw: &Draw, [samples, batch, features]: [usize; 3], numbers: Row) -> Vec<f32> {
    draw.address.check(samples, batch);
    let mut values = vec![0.0; samples * batch * features];
    if values.is_empty() {
        return values;
    }
    let rows = part(samples * batch, COST * features);
    let tasks = values.chunks_mut(rows * features).enumerate();
    share(tasks, |(task, values)| {
        for (i, values) in values.chunks_mut(features).enumerate() {
            let row = task * rows + i;
            numbers(draw.key, draw.counter(row / batch, row % batch), values);
        }
    });
    values
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn normal_numbers(key: [u32; 2], counter: [u32; 3], values: &mut [f32]) {
    row(key, counter, values, |radius, angle| {
        let (x, y) = normal_pair(radius, angle);
        [x, y]
    });
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn uniform_numbers(key: [u32; 2], counter: [u32; 3], values: &mut [f32]) {
    row(key, counter, values, |first, second| {
        [first, second].map(uniform_word)
    });
}

/// Three steps, each a loop of its own over many counters: their words, four of each; from these, in their place, the
/// numbers; and their order. Loops are short, so that a processor works on several rounds at once and does not wait for
/// the long chain of operations of one.
#[inline(always)]
fn row(key: [u32; 2], counter: [u32; 3], values: &mut [f32], pair: impl Fn(u32, u32) -> [f32; 2]) {
    let [datapoint, sample, draw] = counter.map(|word| [word; LANES]);
    let mut words = [[0; COUNTERS]; WORDS];
    let mut next = 0u32;
    for values in values.chunks_mut(COUNTERS * WORDS) {
        let counters = values.len().div_ceil(WORDS).next_multiple_of(LANES);
        for first in (0..counters).step_by(LANES) {
            let features: [u32; LANES] = std::array::from_fn(|l| next + l as u32);
            let group = philox_lanes(key, [features, datapoint, sample, draw]);
            for (words, group) in words.iter_mut().zip(&group) {
                words[first..first + LANES].copy_from_slice(group);
            }
            next += LANES as u32;
        }
        let [a, b, c, d] = &mut words;
        for (first, second) in [(a, b), (c, d)] {
            let pairs = first[..counters].iter_mut().zip(&mut second[..counters]);
            for (first, second) in pairs {
                [*first, *second] = pair(*first, *second).map(f32::to_bits);
            }
        }
        let (values, rest) = values.as_chunks_mut();
        for (i, values) in values.iter_mut().enumerate() {
            *values = [words[0][i], words[1][i], words[2][i], words[3][i]].map(f32::from_bits);
        }
        for (word, value) in rest.iter_mut().enumerate() {
            *value = f32::from_bits(words[word][values.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::random::philox;

    /// Bit by bit, also where a row goes on after the words that are made at once, and ends within a group of them.
    #[test]
    fn rows_are_those_of_one_counter_after_the_other() {
        let (key, [datapoint, sample, draw]) = ([1, 2], [3, 4, 5]);
        for len in [1, 63, 65, 511, 512, 513, 784, 1039] {
            let (mut normal, mut uniform) = (vec![f32::NAN; len], vec![f32::NAN; len]);
            normal_numbers(key, [datapoint, sample, draw], &mut normal);
            uniform_numbers(key, [datapoint, sample, draw], &mut uniform);
            for i in 0..len {
                let words = philox(key, [(i / WORDS) as u32, datapoint, sample, draw]);
                let (pair, second) = (i % WORDS / 2 * 2, i % 2 == 1);
                let (x, y) = normal_pair(words[pair], words[pair + 1]);
                let expected = if second { y } else { x };
                assert_eq!(normal[i].to_bits(), expected.to_bits(), "{i} of {len}");
                assert_eq!(uniform[i], uniform_word(words[i % WORDS]), "{i} of {len}");
            }
        }
    }
}
