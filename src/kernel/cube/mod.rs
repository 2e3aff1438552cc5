//! Shared parts of GPU kernels. CubeCL compiles them from one source for every GPU.
//!
//! In a kernel for entries each unit computes one number, or the four that share a counter. In a
//! kernel for rows each cube computes one row. All kernels are bounds-checked.

pub(super) mod generator;
pub(super) mod parameter;
pub(super) mod sum;

use burn::tensor::{DType, Shape};
use burn_cubecl::{
    CubeDevice,
    cubecl::{calculate_cube_count_elemwise, client::Client, prelude::*},
    ops::numeric::empty_device_contiguous_dtype,
    tensor::CubeTensor,
};

/// The largest number of units in a cube. Every WebGPU device supports it.
const UNITS: u32 = 256;
/// The smallest number of units for a row: most devices run units in groups of 32.
const MIN_UNITS: u32 = 32;

/// Whether a device has the features that the kernels need.
pub(super) fn can_run(device: &CubeDevice) -> bool {
    let client = device.client();
    let hardware = &client.properties().hardware;
    hardware.max_units_per_cube >= UNITS
        && hardware.max_cube_dim.0 >= UNITS
        && hardware.max_shared_memory_size >= 4 * size_of::<f32>() * UNITS as usize
        && hardware.max_bindings >= 6
}

/// A new tensor on the device of another one.
pub(super) fn new(like: &CubeTensor, shape: Shape) -> CubeTensor {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, shape, like.dtype)
}

/// Uploads numbers to the device of `like`.
fn upload(like: &CubeTensor, values: &[u32]) -> CubeTensor {
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_ne_bytes())
        .collect();
    let (client, device) = (like.client.clone(), like.device.clone());
    let handle = client.create_from_slice(&bytes);
    let shape = Shape::new([values.len()]);
    CubeTensor::new_contiguous(client, device, shape, handle, DType::U32)
}

/// The launch size with a unit for each of `len` items.
pub(super) fn entries(client: &Client, len: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new_1d(UNITS);
    (calculate_cube_count_elemwise(client, len, dim), dim)
}

/// The launch size with a cube for each of `rows` rows of `len` items, and the number of units of a
/// cube.
pub(super) fn rows(client: &Client, rows: usize, len: usize) -> (CubeCount, CubeDim, u32) {
    let units = (len.next_power_of_two() as u32).clamp(MIN_UNITS, UNITS);
    let dim = CubeDim::new_1d(units);
    let count = calculate_cube_count_elemwise(client, rows * units as usize, dim);
    (count, dim, units)
}
