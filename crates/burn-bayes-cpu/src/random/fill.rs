//! Filling host memory with noise, on all threads.

use super::{
    philox::philox_lanes,
    transform::{normal_pair, uniform as uniform_word},
};
use crate::threads::{part, share};
use multiversion::multiversion;

/// Features that share a counter.
const WORDS: usize = 4;
/// The number of counters whose words are computed at once.
const LANES: usize = 16;
/// The number of counters whose words are converted to numbers, and put in order, at once.
const COUNTERS: usize = 8 * LANES;
/// The cost of a random number, in units of reading and writing one number.
pub const COST: usize = 8;

/// The last three words of a row's counters; the first is the feature's, divided by four.
pub type Row = [u32; 3];

/// Makes the numbers of up to [`rows_at_once`] rows. Arguments: key, rows, features, output.
type Make = fn([u32; 2], &[Row], usize, &mut [f32]);

/// Standard normal numbers: `num_rows` rows of `features` features. Row i is at the counters
/// `row(i)`.
pub fn normal(
    key: [u32; 2],
    num_rows: usize,
    features: usize,
    row: impl Fn(usize) -> Row + Sync,
) -> Vec<f32> {
    fill(key, num_rows, features, row, normal_numbers)
}

/// Numbers uniform on the open interval (0, 1), with rows as in [`normal`].
pub fn uniform(
    key: [u32; 2],
    num_rows: usize,
    features: usize,
    row: impl Fn(usize) -> Row + Sync,
) -> Vec<f32> {
    fill(key, num_rows, features, row, uniform_numbers)
}

/// The number of rows whose numbers are made at once. Short rows are made together, so that no lane
/// is unused.
fn rows_at_once(features: usize) -> usize {
    (COUNTERS / features.div_ceil(WORDS).max(1)).max(1)
}

/// A feature's counter is a word of 32 bits.
fn check(features: usize) {
    assert!(
        features.div_ceil(WORDS) as u64 <= 1 << 32,
        "rows have up to 2^34 numbers, not {features}"
    );
}

/// Rows are independent, so they are divided among threads.
fn fill(
    key: [u32; 2],
    num_rows: usize,
    features: usize,
    row: impl Fn(usize) -> Row + Sync,
    make: Make,
) -> Vec<f32> {
    let len = num_rows.checked_mul(features);
    let mut values = vec![0.0; len.expect("capacity overflow")];
    check(features);
    if values.is_empty() {
        return values;
    }
    let at_once = rows_at_once(features);
    let rows = part(num_rows, COST * features).next_multiple_of(at_once);
    let tasks = values.chunks_mut(rows * features).enumerate();
    share(tasks, |(task, values)| {
        let mut counters = Vec::with_capacity(at_once);
        for (i, values) in values.chunks_mut(at_once * features).enumerate() {
            let first = task * rows + i * at_once;
            counters.clear();
            counters.extend((first..first + values.len() / features).map(&row));
            make(key, &counters, features, values);
        }
    });
    values
}

/// Rows of standard normal numbers, made one after the other.
pub struct NormalRows<I> {
    key: [u32; 2],
    features: usize,
    rows: I,
    counters: Vec<Row>,
    values: Vec<f32>,
    /// The position of the next row among the numbers that are made.
    next: usize,
}

impl<I: Iterator<Item = Row>> NormalRows<I> {
    /// Rows of `features` features, at the counters that the iterator gives.
    pub fn new(key: [u32; 2], features: usize, rows: I) -> Self {
        check(features);
        Self {
            key,
            features,
            rows,
            counters: Vec::new(),
            values: Vec::new(),
            next: 0,
        }
    }

    /// The next row. The caller may change it: it is not used again.
    ///
    /// # Panics
    ///
    /// If there is none, unless rows have no numbers.
    #[inline]
    pub fn next_row(&mut self) -> &mut [f32] {
        if self.next == self.values.len() && self.features > 0 {
            self.make();
        }
        let row = self.next..self.next + self.features;
        self.next = row.end;
        &mut self.values[row]
    }

    fn make(&mut self) {
        let rows = (&mut self.rows).take(rows_at_once(self.features));
        self.counters.clear();
        self.counters.extend(rows);
        (self.values).resize(self.counters.len() * self.features, 0.0);
        normal_numbers(self.key, &self.counters, self.features, &mut self.values);
        self.next = 0;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn normal_numbers(key: [u32; 2], rows: &[Row], features: usize, values: &mut [f32]) {
    numbers(key, rows, features, values, |radius, angle| {
        let (x, y) = normal_pair(radius, angle);
        [x, y]
    });
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn uniform_numbers(key: [u32; 2], rows: &[Row], features: usize, values: &mut [f32]) {
    numbers(key, rows, features, values, |first, second| {
        [first, second].map(uniform_word)
    });
}

/// Makes numbers in separate steps, each a loop over many counters. The first computes words from
/// counters, the second numbers from words in the same memory, and the third puts numbers in order.
/// Loop bodies are short, so a processor can overlap several rounds and does not wait for one long
/// chain of operations.
#[inline(always)]
fn numbers(
    key: [u32; 2],
    rows: &[Row],
    features: usize,
    values: &mut [f32],
    pair: impl Fn(u32, u32) -> [f32; 2],
) {
    let counters_of_row = features.div_ceil(WORDS);
    let mut words = [[0; COUNTERS]; WORDS];
    for first in (0..counters_of_row).step_by(COUNTERS) {
        // The number of counters of each row in this step.
        let count = (counters_of_row - first).min(COUNTERS);
        let counters = (rows.len() * count).next_multiple_of(LANES);
        if let &[row] = rows {
            // All lanes have the same words except the feature's, so counters need not be stored in
            // memory.
            let row = row.map(|word| [word; LANES]);
            for group in (0..counters).step_by(LANES) {
                let feature = std::array::from_fn(|lane| (first + group + lane) as u32);
                store(
                    philox_lanes(key, [feature, row[0], row[1], row[2]]),
                    group,
                    &mut words,
                );
            }
        } else {
            for (i, row) in rows.iter().enumerate() {
                let [feature, rest @ ..] = &mut words;
                let own = i * count..(i + 1) * count;
                for (next, feature) in feature[own.clone()].iter_mut().enumerate() {
                    *feature = (first + next) as u32;
                }
                for (words, &word) in rest.iter_mut().zip(row) {
                    words[own.clone()].fill(word);
                }
            }
            for group in (0..counters).step_by(LANES) {
                let mut lanes = [[0; LANES]; WORDS];
                for (lanes, words) in lanes.iter_mut().zip(&words) {
                    lanes.copy_from_slice(&words[group..group + LANES]);
                }
                store(philox_lanes(key, lanes), group, &mut words);
            }
        }
        let [a, b, c, d] = &mut words;
        for (first, second) in [(a, b), (c, d)] {
            let pairs = first[..counters].iter_mut().zip(&mut second[..counters]);
            for (first, second) in pairs {
                [*first, *second] = pair(*first, *second).map(f32::to_bits);
            }
        }
        for (i, values) in values.chunks_mut(features).enumerate() {
            let [a, b, c, d] = words
                .each_ref()
                .map(|words| &words[i * count..(i + 1) * count]);
            let values = &mut values[first * WORDS..];
            let len = values.len().min(count * WORDS);
            let (values, rest) = values[..len].as_chunks_mut();
            for ((((values, &a), &b), &c), &d) in values.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *values = [a, b, c, d].map(f32::from_bits);
            }
            for (word, value) in [a, b, c, d].into_iter().zip(rest) {
                *value = f32::from_bits(word[count - 1]);
            }
        }
    }
}

#[inline(always)]
fn store(lanes: [[u32; LANES]; WORDS], first: usize, words: &mut [[u32; COUNTERS]; WORDS]) {
    for (lanes, words) in lanes.iter().zip(words) {
        words[first..first + LANES].copy_from_slice(lanes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::philox::philox;

    /// Numbers are equal to the bit. Some rows are longer than the words that are made at once,
    /// some end within a group of lanes, and some are made together with others.
    #[test]
    fn rows_are_those_of_one_counter_after_the_other() {
        let key = [1, 2];
        for features in [1, 3, 40, 63, 65, 511, 512, 513, 784, 1039] {
            let at_once = rows_at_once(features);
            for num_rows in [1, at_once.div_ceil(2), at_once] {
                let rows: Vec<_> = (0..num_rows as u32)
                    .map(|i| [3 + i, 4 + i / 2, 5])
                    .collect();
                let [mut normal, mut uniform] =
                    [(); 2].map(|()| vec![f32::NAN; num_rows * features]);
                normal_numbers(key, &rows, features, &mut normal);
                uniform_numbers(key, &rows, features, &mut uniform);
                for (at, (normal, uniform)) in normal.iter().zip(uniform).enumerate() {
                    let (i, [datapoint, sample, draw]) = (at % features, rows[at / features]);
                    let words = philox(key, [(i / WORDS) as u32, datapoint, sample, draw]);
                    let (pair, second) = (i % WORDS / 2 * 2, i % 2 == 1);
                    let (x, y) = normal_pair(words[pair], words[pair + 1]);
                    let expected = if second { y } else { x };
                    assert_eq!(normal.to_bits(), expected.to_bits(), "{at} of {features}");
                    assert_eq!(
                        uniform,
                        uniform_word(words[i % WORDS]),
                        "{at} of {features}"
                    );
                }
            }
        }
    }

    /// For any rows, and any number of rows that are made at once.
    #[test]
    fn rows_come_in_any_order() {
        let key = [6, 7];
        let row = |i: usize| [i as u32 % 60, i as u32 / 60, 8];
        for features in [3, 40, 600] {
            let all = normal(key, 300, features, row);
            let order = (0..60).flat_map(|first| (0..5).map(move |sample| first + 60 * sample));
            let mut rows = NormalRows::new(key, features, order.clone().map(row));
            for i in order {
                assert_eq!(rows.next_row(), &all[i * features..][..features]);
            }
        }
    }

    /// Sizes whose product wraps around to 0, and rows that a counter cannot count.
    #[test]
    fn sizes_that_cannot_be_are_refused() {
        let row = |_| [0; 3];
        for (rows, features) in [(1 << 32, 1 << 32), (0, (1 << 34) + 1)] {
            assert!(std::panic::catch_unwind(|| uniform([0; 2], rows, features, row)).is_err());
        }
        let mut none = NormalRows::new([0; 2], 0, std::iter::empty());
        assert_eq!(none.next_row(), []);
    }
}
