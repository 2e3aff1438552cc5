//! Filling host memory with noise, on all threads.

use super::{
    address::Address,
    philox::philox_lanes,
    transform::{normal_pair, uniform as uniform_word},
};
use rayon::prelude::*;

/// Numbers of a `[samples, batch, features]` tensor under a key and a draw.
pub(super) type Fill = fn([u32; 2], u32, &Address, [usize; 3]) -> Vec<f32>;

/// Features that share a counter.
const WORDS: usize = 4;
/// Counters worked on at once.
const LANES: usize = 8;
/// A task smaller than this is not worth a thread.
const MIN_NUMBERS_PER_TASK: usize = 1 << 14;

pub(super) fn normal(key: [u32; 2], draw: u32, address: &Address, shape: [usize; 3]) -> Vec<f32> {
    fill(key, draw, address, shape, |words, out| {
        for l in 0..LANES {
            (out[0][l], out[1][l]) = normal_pair(words[0][l], words[1][l]);
            (out[2][l], out[3][l]) = normal_pair(words[2][l], words[3][l]);
        }
    })
}

pub(super) fn uniform(key: [u32; 2], draw: u32, address: &Address, shape: [usize; 3]) -> Vec<f32> {
    fill(key, draw, address, shape, |words, out| {
        for (word, out) in words.iter().zip(out) {
            for l in 0..LANES {
                out[l] = uniform_word(word[l]);
            }
        }
    })
}

/// Rows are independent, so they are shared out over threads; within a row, lanes are neighbouring
/// counters.
#[inline(always)]
fn fill(
    key: [u32; 2],
    draw: u32,
    address: &Address,
    [samples, batch, features]: [usize; 3],
    transform: impl Fn(&[[u32; LANES]; WORDS], &mut [[f32; LANES]; WORDS]) + Sync,
) -> Vec<f32> {
    let mut values = vec![0.0; samples * batch * features];
    if values.is_empty() {
        return values;
    }
    values
        .par_chunks_mut(features)
        .with_min_len(MIN_NUMBERS_PER_TASK.div_ceil(features))
        .enumerate()
        .for_each(|(row, values)| {
            let (sample, datapoint) = address.of(row / batch, row % batch);
            let mut numbers = [[0.0; LANES]; WORDS];
            for (group, values) in values.chunks_mut(LANES * WORDS).enumerate() {
                let first_counter = (group * LANES) as u32;
                let counters = std::array::from_fn(|l| first_counter + l as u32);
                let words = philox_lanes(
                    key,
                    [counters, [datapoint; LANES], [sample; LANES], [draw; LANES]],
                );
                transform(&words, &mut numbers);
                for (l, values) in values.chunks_mut(WORDS).enumerate() {
                    for (word, value) in values.iter_mut().enumerate() {
                        *value = numbers[word][l];
                    }
                }
            }
        });
    values
}
