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
/// Counters worked on at once.
const LANES: usize = 16;
/// Counters whose numbers are put in order at once.
const COUNTERS: usize = 4 * LANES;
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
    row(key, counter, values, |words, numbers| {
        for l in 0..LANES {
            (numbers[0][l], numbers[1][l]) = normal_pair(words[0][l], words[1][l]);
            (numbers[2][l], numbers[3][l]) = normal_pair(words[2][l], words[3][l]);
        }
    });
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn uniform_numbers(key: [u32; 2], counter: [u32; 3], values: &mut [f32]) {
    row(key, counter, values, |words, numbers| {
        // Not word by word, lane by lane: the compiler would take a lane of all words together.
        for (number, &word) in numbers
            .as_flattened_mut()
            .iter_mut()
            .zip(words.as_flattened())
        {
            *number = uniform_word(word);
        }
    });
}

/// Lanes are neighbouring counters, so each holds four neighbouring numbers: a transpose puts them in
/// order, of many at once in a loop that the compiler finds vector instructions for.
#[inline(always)]
fn row(
    key: [u32; 2],
    counter: [u32; 3],
    values: &mut [f32],
    transform: impl Fn(&[[u32; LANES]; WORDS], &mut [[f32; LANES]; WORDS]),
) {
    let [datapoint, sample, draw] = counter.map(|word| [word; LANES]);
    let mut numbers = [[0.0; COUNTERS]; WORDS];
    let mut group = [[0.0; LANES]; WORDS];
    let mut next = 0u32;
    for values in values.chunks_mut(COUNTERS * WORDS) {
        for first in (0..values.len().div_ceil(WORDS)).step_by(LANES) {
            let features: [u32; LANES] = std::array::from_fn(|l| next + l as u32);
            let words = philox_lanes(key, [features, datapoint, sample, draw]);
            transform(&words, &mut group);
            for (numbers, group) in numbers.iter_mut().zip(&group) {
                numbers[first..first + LANES].copy_from_slice(group);
            }
            next += LANES as u32;
        }
        let (values, rest) = values.as_chunks_mut();
        for (i, values) in values.iter_mut().enumerate() {
            *values = [numbers[0][i], numbers[1][i], numbers[2][i], numbers[3][i]];
        }
        for (word, value) in rest.iter_mut().enumerate() {
            *value = numbers[word][values.len()];
        }
    }
}
