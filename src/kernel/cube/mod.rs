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
    kernel::into_contiguous,
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

/// The tensor with its entries one after another and nothing behind them: the length of its buffer
/// is their number.
///
/// On CUDA and ROCm rows are padded. One row alone counts as contiguous, padding and all.
pub(super) fn dense(tensor: CubeTensor) -> CubeTensor {
    let mut tensor = into_contiguous(tensor);
    let used = tensor.meta.shape().num_elements() * tensor.dtype.size();
    let padding = tensor.handle.size_in_used().saturating_sub(used as u64);
    if padding > 0 {
        tensor.handle = tensor.handle.offset_end(padding);
    }
    tensor
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{
        Parameter,
        gaussian_draw::GaussianDrawOperations,
        log_mean_exp::LogMeanExpOperations,
        random::{Address, Draw},
    };
    use burn::{backend::DispatchDevice, tensor::Device};
    use burn_cubecl::CubeBackend;
    use skipped::skipped;

    /// A tensor with NaN behind its numbers, as a padded row has.
    fn padded(device: &CubeDevice, numbers: &[f32], shape: Shape) -> CubeTensor {
        let all = numbers.iter().chain(&[f32::NAN]);
        let bytes: Vec<u8> = all.flat_map(|number| number.to_ne_bytes()).collect();
        let client = device.client();
        let handle = client.create_from_slice(&bytes);
        CubeTensor::new_contiguous(client, device.clone(), shape, handle, DType::F32)
    }

    fn numbers(tensor: CubeTensor) -> Vec<f32> {
        let bytes = tensor.client.read_one(tensor.handle).unwrap();
        let numbers = bytes.chunks_exact(4).map(|bytes| bytes.try_into().unwrap());
        numbers.map(f32::from_ne_bytes).collect()
    }

    #[test]
    fn what_lies_behind_a_row_is_not_read() {
        let device = Device::default();
        let DispatchDevice::Cube(device) = device.as_dispatch() else {
            return skipped("gpu");
        };
        let shape = || Shape::new([1, 1, 3]);
        let loc = padded(device, &[1.0, 2.0, 3.0], shape());
        let scale = padded(device, &[0.0; 3], shape());
        let draw = Draw {
            key: [3, 4],
            number: 0,
            address: Address::ORIGIN,
        };
        let draws = CubeBackend::gaussian_draw(loc, Parameter::Scale, scale, 2, draw);
        assert_eq!(numbers(draws), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);

        // One sample of three rows is their bound.
        let log_weights = padded(device, &[-1.0, -2.0, -3.0], Shape::new([1, 3]));
        let bound = CubeBackend::log_mean_exp(log_weights, -80.0);
        assert_eq!(numbers(bound), [-1.0, -2.0, -3.0]);
    }
}
