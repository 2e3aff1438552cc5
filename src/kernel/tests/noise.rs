//! Random numbers, compared with a second implementation of their generator's definition.
//!
//! `docs/noise.py` is the same in Python.

use super::*;
use std::f64::consts::FRAC_PI_2;

const KEY: [u32; 2] = [0xDEAD_BEEF, 0xFFFF_FFFF];
const NUMBER: u32 = 0x8000_0001;

/// Philox-4x32-10 (Salmon et al. 2011).
fn philox(mut key: [u32; 2], mut words: [u32; 4]) -> [u32; 4] {
    for _ in 0..10 {
        let first = 0xD251_1F53 * u64::from(words[0]);
        let second = 0xCD9E_8D57 * u64::from(words[2]);
        words = [
            (second >> 32) as u32 ^ words[1] ^ key[0],
            second as u32,
            (first >> 32) as u32 ^ words[3] ^ key[1],
            first as u32,
        ];
        key[0] = key[0].wrapping_add(0x9E37_79B9);
        key[1] = key[1].wrapping_add(0xBB67_AE85);
    }
    words
}

/// The middle of one of 2²³ cells: 24 bits, so exact.
fn uniform_number(word: u32) -> f32 {
    ((f64::from(word >> 9) + 0.5) / 2f64.powi(23)) as f32
}

/// Box and Muller 1958 in `f64`. The logarithm's argument is rounded to `f32`, which matters near
/// 1.
fn normal_pair(radius: u32, angle: u32) -> [f64; 2] {
    let unit = (radius >> 1) as f32 / 2f32.powi(31) + 0.5f32.powi(32);
    let radius = (-2.0 * f64::from(unit).ln()).sqrt();
    // Two bits choose the quarter turn. The others, as a signed number, are a fraction of a quarter
    // turn.
    let fraction = f64::from((angle << 2) as i32) / 2f64.powi(32);
    let turn = (f64::from(angle >> 30) + fraction) * FRAC_PI_2;
    [radius * turn.cos(), radius * turn.sin()]
}

/// Addresses, and the sample and the datapoint of each row by hand.
fn addresses() -> [(Address, Vec<(u32, u32)>); 3] {
    let ids: [u32; 5] = [7, 0, u32::MAX, 3, 3];
    let pairs: [(u32, u32); 5] = [(0, 1), (9, 9), (u32::MAX, 0), (2, 5), (2, 5)];
    let grid = |datapoints| Address::Grid {
        first_sample: 6,
        datapoints,
    };
    let rows = |datapoints: [u32; 5]| {
        let samples = [6, 7, 8].into_iter();
        let rows = samples.flat_map(|sample| datapoints.map(|datapoint| (sample, datapoint)));
        rows.collect::<Vec<_>>()
    };
    [
        (grid(Datapoints::From(11)), rows([11, 12, 13, 14, 15])),
        (grid(Datapoints::Ids(Shared::new(&ids))), rows(ids)),
        (Address::Pairs(Shared::new(&pairs)), pairs.to_vec()),
    ]
}

/// Uniform numbers are equal to the bit. Normal ones differ by at most 4e-7 of a radius, which is
/// below 5 for so few numbers. That is the joint rounding of logarithm, root, sine and angle in
/// `f32`. A GPU may fuse products and sums and round roots and quotients differently, which adds as
/// much again.
#[test]
fn noise_is_that_of_the_definition() {
    let on_host = body(&Tensor::<1>::ones([1], &device())) == Body::Flex;
    let tolerance = if on_host { 2e-6 } else { 4e-6 };
    for (address, rows) in addresses() {
        for features in [1, 3, 4, 6, 401] {
            let draw = Draw {
                key: KEY,
                number: NUMBER,
                address: address.clone(),
            };
            let shape = [rows.len() / 5, 5, features];
            let uniforms = values(uniform(&draw, shape, &device()));
            let normals = values(normal(&draw, shape, &device()));
            assert_eq!(
                [uniforms.len(), normals.len()],
                [rows.len() * features; 2],
                "{shape:?}"
            );
            for (i, (on_device, normal)) in uniforms.into_iter().zip(normals).enumerate() {
                let ((sample, datapoint), feature) = (rows[i / features], i % features);
                let what = format!("{sample} {datapoint} {feature} of {address:?}");
                let words = philox(KEY, [feature as u32 / 4, datapoint, sample, NUMBER]);
                assert_eq!(on_device, uniform_number(words[feature % 4]), "{what}");
                let pair = &words[feature % 4 / 2 * 2..];
                let expected = normal_pair(pair[0], pair[1])[feature % 2];
                assert!(
                    (f64::from(normal) - expected).abs() <= tolerance,
                    "{what}: {normal}, expected {expected}"
                );
            }
        }
    }
}
