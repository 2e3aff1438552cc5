//! Noise on the device, with the same addresses and the same algorithm as on the host: see
//! [`random`](crate::kernel::random).
//!
//! Integers and uniform numbers are equal to the bit. Normal numbers agree only up to rounding:
//! they need a division, a square root and sums, which GPUs round or fuse differently.

use super::upload;
use crate::kernel::random::{Address, Datapoints, Draw, Shared};
use burn_cubecl::{
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};
use std::f32::consts::{FRAC_PI_2, LN_2};

/// Features that share a counter.
pub(in crate::kernel) const WORDS: usize = 4;

/// How a kernel computes the (sample, datapoint) of a row.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Rows {
    From,
    Ids,
    Pairs,
}

/// Everything that a draw's numbers depend on, except the rows' ids.
#[derive(CubeLaunch, CubeType)]
pub struct Source {
    key_0: u32,
    key_1: u32,
    number: u32,
    first_sample: u32,
    first_datapoint: u32,
    batch: u32,
}

/// A kernel's arguments for a draw: the ids of rows, the kind of these ids, and everything else.
pub(in crate::kernel) fn source(
    draw: &Draw,
    batch: usize,
    like: &CubeTensor,
) -> (BufferArg, Rows, SourceLaunch) {
    let (first_sample, first_datapoint, rows, ids) = match &draw.address {
        Address::Grid {
            first_sample,
            datapoints,
        } => match datapoints {
            Datapoints::From(first) => (*first_sample, *first, Rows::From, upload(like, &[0])),
            Datapoints::Ids(ids) => (*first_sample, 0, Rows::Ids, once(ids, like, |&id| [id])),
        },
        Address::Pairs(pairs) => (0, 0, Rows::Pairs, once(pairs, like, |&(s, d)| [s, d])),
    };
    let [key_0, key_1] = draw.key;
    let source = SourceLaunch::new(
        key_0,
        key_1,
        draw.number,
        first_sample,
        first_datapoint,
        batch as u32,
    );
    (ids.into_buffer_arg(), rows, source)
}

/// Data that all draws of a batch share. The first draw uploads them.
fn once<T, const N: usize>(
    shared: &Shared<T>,
    like: &CubeTensor,
    words: impl Fn(&T) -> [u32; N],
) -> CubeTensor {
    let bring = || upload(like, &shared.iter().flat_map(&words).collect::<Vec<_>>());
    let there = shared.on_device.get_or_init(&bring);
    if there.device == like.device {
        there.clone()
    } else {
        bring()
    }
}

/// The words of a counter.
#[derive(CubeType)]
struct Words {
    a: u32,
    b: u32,
    c: u32,
    d: u32,
}

/// Four neighbouring features of a row, which share a counter; fewer at the row's end.
#[derive(CubeType)]
pub(in crate::kernel) struct Quad {
    /// The row, counted over all samples.
    pub row: usize,
    /// The index of the quad within its row.
    pub index: usize,
    /// The position of its first number in a tensor of all rows.
    pub first: usize,
    pub len: usize,
}

/// The quad with this number, counted over all rows.
#[cube]
pub(in crate::kernel) fn quad(position: usize, features: u32) -> Quad {
    let features = features as usize;
    let quads = features.div_ceil(WORDS);
    let row = position / quads;
    let index = position % quads;
    let left = features - index * WORDS;
    Quad {
        row,
        index,
        first: row * features + index * WORDS,
        len: left.min(WORDS),
    }
}

/// The words of a quad.
#[cube]
fn words(source: &Source, ids: &[u32], quad: &Quad, #[comptime] rows: Rows) -> Words {
    let sample = quad.row as u32 / source.batch;
    let row = quad.row as u32 % source.batch;
    let feature = quad.index as u32;
    match comptime!(rows) {
        Rows::From => philox(
            source,
            feature,
            source.first_datapoint + row,
            source.first_sample + sample,
        ),
        Rows::Ids => philox(
            source,
            feature,
            ids[row as usize],
            source.first_sample + sample,
        ),
        Rows::Pairs => philox(
            source,
            feature,
            ids[2 * row as usize + 1],
            ids[2 * row as usize],
        ),
    }
}

/// Philox-4x32-10.
#[cube]
fn philox(source: &Source, feature: u32, datapoint: u32, sample: u32) -> Words {
    let mut a = feature;
    let mut b = datapoint;
    let mut c = sample;
    let mut d = source.number;
    let mut key_0 = source.key_0;
    let mut key_1 = source.key_1;
    #[unroll]
    for _ in 0..10 {
        let first_high = a.mul_hi(0xD251_1F53u32);
        let first_low = a * 0xD251_1F53u32;
        let second_high = c.mul_hi(0xCD9E_8D57u32);
        let second_low = c * 0xCD9E_8D57u32;
        a = second_high ^ b ^ key_0;
        b = second_low;
        c = first_high ^ d ^ key_1;
        d = first_low;
        key_0 += 0x9E37_79B9u32;
        key_1 += 0xBB67_AE85u32;
    }
    Words { a, b, c, d }
}

/// The standard normal numbers of a quad.
#[cube]
pub(in crate::kernel) fn normals(
    source: &Source,
    ids: &[u32],
    quad: &Quad,
    #[comptime] rows: Rows,
) -> Array<f32> {
    let words = words(source, ids, quad, rows);
    let (a, b) = normal_pair(words.a, words.b);
    let (c, d) = normal_pair(words.c, words.d);
    four(a, b, c, d)
}

#[cube]
pub(in crate::kernel) fn uniforms(
    source: &Source,
    ids: &[u32],
    quad: &Quad,
    #[comptime] rows: Rows,
) -> Array<f32> {
    let words = words(source, ids, quad, rows);
    four(
        uniform(words.a),
        uniform(words.b),
        uniform(words.c),
        uniform(words.d),
    )
}

#[cube]
fn four(a: f32, b: f32, c: f32, d: f32) -> Array<f32> {
    let mut four = Array::<f32>::new(WORDS);
    four[0] = a;
    four[1] = b;
    four[2] = c;
    four[3] = d;
    four
}

#[cube]
fn uniform(word: u32) -> f32 {
    (f32::cast_from(word >> 9) + 0.5f32) * (1.0f32 / 8_388_608.0f32)
}

#[cube]
fn normal_pair(radius: u32, angle: u32) -> (f32, f32) {
    let unit =
        f32::cast_from(radius >> 1) * (1.0f32 / 2_147_483_648.0f32) + 1.0f32 / 4_294_967_296.0f32;
    let radius = (-2.0f32 * ln(unit)).sqrt();
    let turn = f32::cast_from(i32::reinterpret(angle << 2)) * (1.0f32 / 4_294_967_296.0f32);
    let angle_in_quadrant = turn * FRAC_PI_2;
    let sin = sin(angle_in_quadrant);
    let cos = cos(angle_in_quadrant);
    let quadrant = angle >> 30;
    let odd = (quadrant & 1) == 1;
    let x = select(odd, sin, cos);
    let y = select(odd, cos, sin);
    let flip_x = ((quadrant + 1) & 2) << 30;
    let flip_y = (quadrant & 2) << 30;
    (
        radius * f32::reinterpret(u32::reinterpret(x) ^ flip_x),
        radius * f32::reinterpret(u32::reinterpret(y) ^ flip_y),
    )
}

/// The same algorithm as on the host: the device's own logarithm may be inaccurate near 1.
#[cube]
fn ln(x: f32) -> f32 {
    let bits = u32::reinterpret(x);
    let exponent = i32::reinterpret(bits - 0x3f35_04f3u32) >> 23;
    let mantissa = f32::reinterpret(bits - u32::reinterpret(exponent << 23));
    let s = (mantissa - 1.0f32) / (mantissa + 1.0f32);
    let q = s * s;
    let series = 1.0f32
        + q * (1.0f32 / 3.0f32
            + q * (1.0f32 / 5.0f32
                + q * (1.0f32 / 7.0f32 + q * (1.0f32 / 9.0f32 + q * (1.0f32 / 11.0f32)))));
    f32::cast_from(exponent) * LN_2 + 2.0f32 * s * series
}

#[cube]
fn sin(x: f32) -> f32 {
    let q = x * x;
    x * (1.0f32
        - q * (1.0f32 / 6.0f32
            - q * (1.0f32 / 120.0f32 - q * (1.0f32 / 5040.0f32 - q * (1.0f32 / 362_880.0f32)))))
}

#[cube]
fn cos(x: f32) -> f32 {
    let q = x * x;
    1.0f32
        - q * (0.5f32
            - q * (1.0f32 / 24.0f32 - q * (1.0f32 / 720.0f32 - q * (1.0f32 / 40_320.0f32))))
}
