//! Noise made on the device.

use super::NoiseOperations;
use crate::kernel::{
    cube::{
        entries,
        generator::{Rows, Source, WORDS, normals, quad, source, uniforms},
        new,
    },
    random::Draw,
};
use burn::tensor::Shape;
use burn_cubecl::{
    CubeBackend,
    cubecl::{self, prelude::*},
    tensor::CubeTensor,
};

impl NoiseOperations for CubeBackend {
    fn normal(like: CubeTensor, draw: Draw, shape: [usize; 3]) -> CubeTensor {
        make(like, &draw, shape, true)
    }

    fn uniform(like: CubeTensor, draw: Draw, shape: [usize; 3]) -> CubeTensor {
        make(like, &draw, shape, false)
    }
}

/// A unit for each quad.
#[cube(launch)]
fn fill(
    output: &mut [f32],
    ids: &[u32],
    source: Source,
    features: u32,
    #[comptime] rows: Rows,
    #[comptime] normal: bool,
) {
    let quad = quad(ABSOLUTE_POS, features);
    if quad.first >= output.len() {
        terminate!();
    }
    let numbers = if comptime!(normal) {
        normals(&source, ids, &quad, rows)
    } else {
        uniforms(&source, ids, &quad, rows)
    };
    #[unroll]
    for i in 0..WORDS {
        if i < quad.len {
            output[quad.first + i] = numbers[i];
        }
    }
}

/// The numbers of a draw, on the device of `like`.
fn make(like: CubeTensor, draw: &Draw, shape: [usize; 3], normal: bool) -> CubeTensor {
    let [samples, batch, features] = shape;
    let output = new(&like, Shape::new(shape));
    let client = &output.client;
    let (count, dim) = entries(client, samples * batch * features.div_ceil(WORDS));
    let (ids, rows, source) = source(draw, batch, &output);
    fill::launch(
        client,
        count,
        dim,
        output.clone().into_buffer_arg(),
        ids,
        source,
        features as u32,
        rows,
        normal,
    );
    output
}
