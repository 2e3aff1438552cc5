//! The promises of `Noise`: a pure function of its coordinates, with the right law.

use burn_bayes::prelude::*;
use std::{
    f64::consts::SQRT_2,
    panic::{AssertUnwindSafe, catch_unwind},
};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn device() -> Device {
    Device::default()
}

/// Φ by the complementary error function of Numerical Recipes' rational form would be circular here
/// in f32, so: the series Φ(x) = ½ + φ(x) Σ x^(2n+1)/(1·3·…·(2n+1)) (Marsaglia 2004), exact in f64
/// on
/// |x| < 7.
fn normal_cdf(x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        n += 2.0;
        term *= x * x / n;
        sum += term;
        if n > 400.0 {
            break;
        }
    }
    0.5 + sum * (-0.5 * x * x).exp() / (SQRT_2 * std::f64::consts::PI.sqrt())
}

/// The Kolmogorov–Smirnov distance times √n; above 1.95 with probability 0.001 for the right law.
fn kolmogorov_smirnov(mut sample: Vec<f32>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_by(f32::total_cmp);
    let n = sample.len() as f64;
    let distance = sample.iter().enumerate().fold(0.0f64, |distance, (i, &x)| {
        let p = cdf(f64::from(x));
        distance.max((i as f64 + 1.0) / n - p).max(p - i as f64 / n)
    });
    distance * n.sqrt()
}

const CRITICAL: f64 = 1.95;

#[test]
fn normals_have_the_normal_law() {
    let sample = values(Noise::seeded(1).normal([10, 100, 1000], &device()));
    assert!(kolmogorov_smirnov(sample, normal_cdf) < CRITICAL);
}

#[test]
fn uniforms_have_the_uniform_law() {
    let sample = values(Noise::seeded(2).uniform([10, 100, 1000], &device()));
    assert!(kolmogorov_smirnov(sample, |x| x) < CRITICAL);
}

/// Along each coordinate alone the law must hold too, also across seeds, forks and draws.
#[test]
fn the_law_holds_along_every_coordinate() {
    const N: usize = 20_000;
    let device = device();
    let samples = values(Noise::seeded(3).normal([N, 1, 1], &device));
    let datapoints = values(Noise::seeded(3).normal([1, N, 1], &device));
    let features = values(Noise::seeded(3).normal([1, 1, N], &device));
    let mut noise = Noise::seeded(3);
    let draws = (0..N / 10)
        .map(|_| values(noise.normal([1, 1, 1], &device))[0])
        .collect();
    let first = |noise: Noise| values({ noise }.normal([1, 1, 1], &device))[0];
    let forks = (0..N as u64 / 10)
        .map(|i| first(Noise::seeded(3).fork(i)))
        .collect();
    let seeds = (0..N as u64 / 10)
        .map(|seed| first(Noise::seeded(seed)))
        .collect();
    for sample in [samples, datapoints, features, draws, forks, seeds] {
        assert!(kolmogorov_smirnov(sample, normal_cdf) < CRITICAL);
    }
}

/// Mean, variance, skewness and kurtosis within 4.5 standard errors (probability 7e-6 each).
#[test]
fn normals_have_the_right_moments() {
    let sample = values(Noise::seeded(4).normal([10, 100, 1000], &device()));
    let n = sample.len() as f64;
    let moment = |power: i32| {
        sample
            .iter()
            .map(|&x| f64::from(x).powi(power))
            .sum::<f64>()
            / n
    };
    // (power, expectation, variance of x^power for a standard normal).
    for (power, expected, variance) in
        [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
    {
        let error = (moment(power) - expected).abs() / (variance / n).sqrt();
        assert!(error < 4.5, "moment {power} is {error} standard errors off");
    }
}

/// Correlation of x and of x² between neighbours along every coordinate: within 4.5/√n of 0.
#[test]
fn neighbours_along_every_coordinate_are_uncorrelated() {
    let device = device();
    let shape = [32, 64, 128];
    let draw = |noise: Noise| values({ noise }.normal(shape, &device));
    let base = draw(Noise::seeded(5));
    let shifted = |sample: usize, row: usize, feature: usize| -> Vec<(f32, f32)> {
        let at = |i: usize, j: usize, l: usize| base[(i * 64 + j) * 128 + l];
        let mut pairs = Vec::new();
        for i in 0..32 - sample {
            for j in 0..64 - row {
                for l in 0..128 - feature {
                    pairs.push((at(i, j, l), at(i + sample, j + row, l + feature)));
                }
            }
        }
        pairs
    };
    let with = |other: Vec<f32>| base.iter().copied().zip(other).collect::<Vec<_>>();
    let mut noise = Noise::seeded(5);
    let _ = noise.normal(shape, &device);
    let cases = [
        ("samples", shifted(1, 0, 0)),
        ("datapoints", shifted(0, 1, 0)),
        ("features", shifted(0, 0, 1)),
        ("features of other pairs", shifted(0, 0, 2)),
        ("features of other counters", shifted(0, 0, 4)),
        ("draws", with(draw(noise))),
        ("seeds", with(draw(Noise::seeded(6)))),
        ("forks", with(draw(Noise::seeded(5).fork(0)))),
        (
            "sibling forks",
            draw(Noise::seeded(5).fork(1))
                .into_iter()
                .zip(draw(Noise::seeded(5).fork(2)))
                .collect(),
        ),
    ];
    for (name, pairs) in cases {
        let n = pairs.len() as f64;
        let mean = |f: &dyn Fn(f64, f64) -> f64| {
            pairs
                .iter()
                .map(|&(x, y)| f(f64::from(x), f64::from(y)))
                .sum::<f64>()
                / n
        };
        // E xy = 0 with variance 1; E (x² − 1)(y² − 1) = 0 with variance 4.
        let linear = mean(&|x, y| x * y) * n.sqrt();
        let square = mean(&|x, y| (x * x - 1.0) * (y * y - 1.0)) * n.sqrt() / 2.0;
        assert!(
            linear.abs() < 4.5 && square.abs() < 4.5,
            "{name}: {linear:.1}, {square:.1} standard errors"
        );
    }
}

#[test]
fn cutting_samples_or_rows_changes_nothing() {
    let device = device();
    let whole = Noise::seeded(7).normal([7, 10, 13], &device);
    for cut in [1, 2, 3, 7] {
        let parts = (0..7).step_by(cut).map(|first| {
            let samples = cut.min(7 - first);
            Noise::seeded(7)
                .with_first_sample(first as u32)
                .normal([samples, 10, 13], &device)
        });
        assert_eq!(
            values(Tensor::cat(parts.collect(), 0)),
            values(whole.clone())
        );
        let parts = (0..10).step_by(cut).map(|first| {
            let rows = cut.min(10 - first);
            Noise::seeded(7)
                .with_first_datapoint(first as u32)
                .normal([7, rows, 13], &device)
        });
        assert_eq!(
            values(Tensor::cat(parts.collect(), 1)),
            values(whole.clone())
        );
    }
    // Fewer features are the first ones.
    let narrow = Noise::seeded(7).normal([7, 10, 6], &device);
    assert_eq!(values(narrow), values(whole.narrow(2, 0, 6)));
}

#[test]
fn rows_keep_their_numbers_in_any_order() {
    let device = device();
    let whole = Noise::seeded(8).uniform([3, 50, 5], &device);
    let ids = [49, 0, 7, 7, 13];
    let picked = Noise::seeded(8)
        .with_datapoints(&ids)
        .uniform([3, 5, 5], &device);
    let expected = ids.map(|id| whole.clone().narrow(1, id as usize, 1));
    assert_eq!(values(picked), values(Tensor::cat(expected.to_vec(), 1)));
}

/// The parts of a split keep the rows, and none depends on what the others draw.
#[test]
fn split_parts_do_not_disturb_each_other() {
    let device = device();
    let root = || {
        Noise::seeded(13)
            .with_datapoints(&[8, 3])
            .with_first_sample(2)
    };
    let [mut first, mut second] = root().split();
    let _ = first.normal([2, 2, 4], &device);
    let after_one_draw = second.normal([2, 2, 4], &device);
    let [mut first, mut alone] = root().split();
    assert_eq!(
        values(after_one_draw.clone()),
        values(alone.normal([2, 2, 4], &device))
    );
    assert_ne!(
        values(after_one_draw.clone()),
        values(first.normal([2, 2, 4], &device))
    );

    // Rows and samples are those of the whole.
    let [_, mut whole] = Noise::seeded(13).split();
    let whole = whole.normal([4, 9, 4], &device).narrow(0, 2, 2);
    let rows = [8, 3].map(|row| whole.clone().narrow(1, row, 1));
    assert_eq!(
        values(after_one_draw),
        values(Tensor::cat(rows.to_vec(), 1))
    );

    // The next split is another one.
    let mut noise = root();
    let [a] = noise.split();
    let [b] = noise.split();
    let [a, b] = [a, b].map(|mut noise| values(noise.normal([2, 2, 4], &device)));
    assert_ne!(a, b);
}

#[test]
fn selected_pairs_are_replayed() {
    let device = device();
    let mut noise = Noise::seeded(9);
    let _ = noise.normal([25, 20, 9], &device);
    let second = noise.normal([25, 20, 9], &device);

    let pairs = [(24, 3), (0, 19), (11, 3)];
    let mut replay = Noise::seeded(9).with_pairs(&pairs);
    let _ = replay.normal([1, 3, 9], &device);
    let expected = pairs.map(|(sample, row)| {
        second
            .clone()
            .narrow(0, sample as usize, 1)
            .narrow(1, row as usize, 1)
    });
    assert_eq!(
        values(replay.normal([1, 3, 9], &device)),
        values(Tensor::cat(expected.to_vec(), 1))
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let shape = [25, 100, 401];
    let draw = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| values(Noise::seeded(10).normal(shape, &device())))
    };
    let one = draw(1);
    assert_eq!(one, draw(2));
    assert_eq!(one, draw(5));
}

#[test]
fn a_matrix_does_not_depend_on_the_batch() {
    let device = device();
    let matrix = Noise::seeded(11).normal_matrix([6, 4], &device);
    let with_rows = Noise::seeded(11)
        .with_datapoints(&[5, 6])
        .normal_matrix([6, 4], &device);
    assert_eq!(values(matrix), values(with_rows));
}

#[test]
fn a_permutation_is_one_and_all_are_equally_likely() {
    let mut noise = Noise::seeded(12);
    let mut sorted = noise.permutation(1000);
    assert_ne!(sorted[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    sorted.sort_unstable();
    assert!(sorted.iter().copied().eq(0..1000));

    // χ² over the 24 orders of 4 things, 23 degrees of freedom: above 49.7 with probability 0.001.
    let mut counts = std::collections::HashMap::new();
    for _ in 0..24_000 {
        *counts.entry(noise.permutation(4)).or_insert(0.0) += 1.0;
    }
    assert_eq!(counts.len(), 24);
    let chi_squared: f64 = counts
        .values()
        .map(|count: &f64| (count - 1000.0).powi(2) / 1000.0)
        .sum();
    assert!(chi_squared < 49.7, "{chi_squared}");
}

/// A change of these numbers changes every result that anyone has ever published with the crate:
/// such a release must say so. They agree to 7 digits with `docs/noise.py`, an independent program
/// in double precision; equality is to the bit because every CPU must give these.
#[test]
fn the_stream_is_stable() {
    let device = device();
    assert_eq!(
        values(Noise::seeded(0).normal([1, 1, 6], &device)),
        [
            -0.9246626,
            -0.9911377,
            -0.61760896,
            -0.4820686,
            -0.15363818,
            0.18082584
        ]
    );
    assert_eq!(
        values(Noise::seeded(0).uniform([1, 1, 6], &device)),
        [
            0.39904648, 0.88052016, 0.7357128, 0.6054818, 0.9722412, 0.36209112
        ]
    );
    let fork = Noise::seeded(0x0123_4567_89ab_cdef).fork(5);
    assert_eq!(
        values(fork.with_first_sample(3).normal([1, 2, 2], &device)),
        [-1.5321869, -1.5826291, -0.5464988, 0.29311308]
    );
    assert_eq!(Noise::seeded(1).permutation(8), [2, 1, 6, 3, 4, 5, 7, 0]);
}

#[test]
#[should_panic(expected = "the noise carries 3 datapoint ids, the batch has 2 rows")]
fn a_batch_of_another_length_than_its_ids_is_refused() {
    let _ = Noise::seeded(0)
        .with_datapoints(&[1, 2, 3])
        .normal([1, 2, 4], &device());
}

/// Also in a release build, where sums of words wrap around.
#[test]
fn rows_that_a_noise_does_not_have_are_refused() {
    let seeded = || Noise::seeded(0);
    for (noise, sample, row) in [
        (seeded().with_pairs(&[(3, 4)]), 7, 0),
        (seeded().with_pairs(&[(3, 4)]), 0, 1),
        (seeded(), 1 << 32, 0),
        (seeded().with_first_sample(u32::MAX), 1, 0),
        (seeded().with_first_datapoint(u32::MAX), 0, 1),
        (seeded().with_datapoints(&[1, 2]), 0, 2),
    ] {
        let found = catch_unwind(AssertUnwindSafe(|| noise.coordinates(sample, row)));
        let message = *found.unwrap_err().downcast::<String>().unwrap();
        assert_eq!(
            message,
            format!("the noise has no row {row} of sample {sample}")
        );
    }
}
