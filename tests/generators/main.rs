//! Generators for the host, and samplers beside those of other crates.

mod two_samples;

use burn_bayes::prelude::*;
use rand_core::Rng;
use rand_philox::Philox;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn words(mut rng: impl Rng, count: usize) -> Vec<u32> {
    (0..count).map(|_| rng.next_u32()).collect()
}

/// The uniform number of a word: docs/design.md, "The noise".
fn uniform(word: u32) -> f32 {
    ((word >> 9) as f32 + 0.5) / 8_388_608.0
}

fn noise() -> Noise {
    Noise::seeded(0x0123_4567_89ab_cdef)
        .fork(5)
        .with_datapoints(&[17, 4, 4_000_000_000])
        .with_first_sample(10)
}

#[test]
fn words_are_those_of_tensors() {
    let mut noise = noise();
    let _ = noise.rngs();
    let rngs = noise.clone().rngs();
    let tensor = noise.uniform([2, 3, 9], &Device::default());
    let tensor: Vec<f32> = tensor.into_data().try_to_vec().unwrap();
    for (i, numbers) in tensor.chunks(9).enumerate() {
        let row = words(rngs.row(i / 3, i % 3), 9).into_iter().map(uniform);
        assert_eq!(row.collect::<Vec<_>>(), numbers, "row {i}");
    }
}

/// Another program for the same generator. Its counter is one number, the lowest word first.
#[test]
fn another_crate_has_the_same_words() {
    let root = Noise::seeded(0x0123_4567_89ab_cdef);
    let counter = |words: [u32; 4]| {
        let words = words.into_iter().rev();
        words.fold(0u128, |all, word| all << 32 | u128::from(word))
    };
    let seed = [0x89ab_cdef, 0x0123_4567];
    let forked = Philox::new(seed, counter([5, 0, 0, u32::MAX]));
    let split = Philox::new(seed, counter([1, 0, 1, u32::MAX]));
    let key = |mut block: Philox| [block.next_u32(), block.next_u32()];
    let [_, part] = root.clone().split();
    for (noise, key) in [
        (root.clone(), seed),
        (root.fork(5), key(forked)),
        (part, key(split)),
    ] {
        let mut noise = noise.with_datapoints(&[17, 4]).with_first_sample(10);
        for draw in 0..3 {
            let rngs = noise.rngs();
            for (row, datapoint) in [17, 4].into_iter().enumerate() {
                for sample in 0..2 {
                    let mut other = Philox::new(key, counter([0, datapoint, 10 + sample, draw]));
                    let expected: Vec<u32> = (0..50).map(|_| other.next_u32()).collect();
                    let found = words(rngs.row(sample as usize, row), 50);
                    assert_eq!(found, expected, "{key:?}, {sample}, {row}, {draw}");
                }
            }
        }
    }
}

#[test]
fn wider_numbers_are_made_of_the_same_words() {
    let rng = noise().rng();
    let words = words(rng.clone(), 8);
    let wide = |i: usize| u64::from(words[i + 1]) << 32 | u64::from(words[i]);
    let mut shifted = rng.clone();
    assert_eq!(shifted.next_u32(), words[0]);
    let found: Vec<u64> = (0..3).map(|_| shifted.next_u64()).collect();
    assert_eq!(found, [wide(1), wide(3), wide(5)]);

    let mut bytes = [0; 32];
    rng.clone().fill_bytes(&mut bytes);
    let expected: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(bytes[..], expected);
    // Any generator will do, also one behind a pointer.
    let mut boxed: Box<dyn Rng> = Box::new(rng.clone());
    let one = Noise::from_rng(&mut *boxed).permutation(20);
    assert_eq!(one, Noise::seeded(wide(0)).permutation(20));
}

#[test]
fn threads_and_order_change_nothing() {
    let rngs = noise().rngs();
    let forwards: Vec<_> = (0..6).map(|i| words(rngs.row(i / 3, i % 3), 100)).collect();
    let threads: Vec<_> = std::thread::scope(|scope| {
        let rngs = &rngs;
        let start = |i: usize| scope.spawn(move || words(rngs.row(i / 3, i % 3), 100));
        let backwards: Vec<_> = (0..6).rev().map(start).collect();
        let done = backwards.into_iter().rev();
        done.map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(forwards, threads);

    // Selected rows, and rows of a cut.
    let mut pairs = noise().with_pairs(&[(11, 4), (10, 17)]);
    let pairs = pairs.rngs();
    assert_eq!(words(pairs.row(0, 0), 100), forwards[4]);
    assert_eq!(words(pairs.row(0, 1), 100), forwards[0]);
}

#[test]
fn each_call_is_a_draw() {
    let mut noise = noise();
    assert_ne!(words(noise.rng(), 4), words(noise.rng(), 4));
    let _ = noise.rngs();
    assert_eq!(noise.num_draws(), 3);
}

#[test]
fn rows_that_are_none_are_refused() {
    let refused = |noise: &Noise, sample: usize, row: usize| {
        let rngs = noise.clone().rngs();
        let result = catch_unwind(AssertUnwindSafe(move || rngs.row(sample, row)));
        let message = result.unwrap_err();
        let message = message.downcast_ref::<String>().unwrap();
        let expected = format!("the noise has no row {row} of sample {sample}");
        assert_eq!(*message, expected);
    };
    refused(&noise(), 0, 3);
    refused(&noise(), u32::MAX as usize, 0);
    let last = Noise::seeded(1).with_first_datapoint(u32::MAX);
    let _ = last.clone().rngs().row(0, 0);
    refused(&last, 0, 1);
    refused(&last.with_pairs(&[(1, 2)]), 1, 0);
}
