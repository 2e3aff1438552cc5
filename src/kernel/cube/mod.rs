//! The row operations as CubeCL kernels, one source for every GPU.
//!
//! A kernel for entries gives each unit one number, or the four that share a counter; a kernel for
//! rows gives each cube a row. All are bounds-checked.

mod bernoulli;
mod draw;
mod gaussian;
mod log_mean_exp;
mod noise;
mod parameter;
mod sum;

use super::{Parameter, operations::RowOperations, random::Draw};
use burn::{
    backend::TensorMetadata,
    tensor::{DType, Shape},
};
use burn_cubecl::{
    CubeBackend, CubeDevice,
    cubecl::{calculate_cube_count_elemwise, client::Client, prelude::*},
    kernel::into_contiguous,
    ops::numeric::empty_device_contiguous_dtype,
    tensor::CubeTensor,
};

/// Units of a cube, at most; every device of WebGPU has as many.
const UNITS: u32 = 256;
/// And at least, for a row: those of most devices run 32 at a time.
const MIN_UNITS: u32 = 32;

/// Whether a device has what the kernels ask for.
pub(super) fn can_run(device: &CubeDevice) -> bool {
    let client = device.client();
    let hardware = &client.properties().hardware;
    hardware.max_units_per_cube >= UNITS
        && hardware.max_cube_dim.0 >= UNITS
        && hardware.max_shared_memory_size >= 4 * size_of::<f32>() * UNITS as usize
        && hardware.max_bindings >= 6
}

/// A new tensor where another one is.
fn new(like: &CubeTensor, shape: Shape) -> CubeTensor {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, shape, like.dtype)
}

/// Numbers from the host, where `like` is.
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

/// A unit for each of `len` things.
fn entries(client: &Client, len: usize) -> (CubeCount, CubeDim) {
    let dim = CubeDim::new_1d(UNITS);
    (calculate_cube_count_elemwise(client, len, dim), dim)
}

/// A cube for each of `rows` rows, each with `len` things to do; also its number of units.
fn rows(client: &Client, rows: usize, len: usize) -> (CubeCount, CubeDim, u32) {
    let units = (len.next_power_of_two() as u32).clamp(MIN_UNITS, UNITS);
    let dim = CubeDim::new_1d(units);
    let count = calculate_cube_count_elemwise(client, rows * units as usize, dim);
    (count, dim, units)
}

impl RowOperations for CubeBackend {
    fn normal(like: CubeTensor, draw: Draw, shape: [usize; 3]) -> CubeTensor {
        noise::make(like, &draw, shape, true)
    }

    fn uniform(like: CubeTensor, draw: Draw, shape: [usize; 3]) -> CubeTensor {
        noise::make(like, &draw, shape, false)
    }

    fn bernoulli_log_prob(logits: CubeTensor, x: CubeTensor) -> CubeTensor {
        bernoulli::log_prob(into_contiguous(logits), into_contiguous(x))
    }

    fn bernoulli_log_prob_backward(
        logits: CubeTensor,
        x: CubeTensor,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [logits, x, gradient] = [logits, x, gradient].map(into_contiguous);
        bernoulli::backward(logits, x, gradient)
    }

    fn gaussian_draw(
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
        num_samples: usize,
        draw: Draw,
    ) -> CubeTensor {
        let [loc, spread] = [loc, spread].map(into_contiguous);
        draw::draw(loc, parameter, spread, num_samples, &draw)
    }

    fn gaussian_draw_backward(
        parameter: Parameter,
        spread: CubeTensor,
        draw: Draw,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [spread, gradient] = [spread, gradient].map(into_contiguous);
        draw::draw_backward(parameter, spread, &draw, gradient)
    }

    fn log_prob_of_draw(
        parameter: Parameter,
        spread: CubeTensor,
        num_samples: usize,
        draw: Draw,
    ) -> CubeTensor {
        draw::log_prob_of_draw(parameter, into_contiguous(spread), num_samples, &draw)
    }

    fn log_prob_of_draw_backward(
        parameter: Parameter,
        spread: CubeTensor,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [spread, gradient] = [spread, gradient].map(into_contiguous);
        draw::log_prob_of_draw_backward(parameter, spread, gradient)
    }

    fn gaussian_log_prob(
        x: CubeTensor,
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
    ) -> CubeTensor {
        gaussian::log_prob([x, loc, spread].map(into_contiguous), parameter)
    }

    fn gaussian_log_prob_to_loc(
        x: CubeTensor,
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
        gradient: CubeTensor,
        samples: usize,
    ) -> CubeTensor {
        let tensors = [x, loc, spread].map(into_contiguous);
        gaussian::log_prob_backward(
            tensors,
            parameter,
            into_contiguous(gradient),
            samples,
            gaussian::Target::Loc,
        )
    }

    fn gaussian_log_prob_to_spread(
        x: CubeTensor,
        loc: CubeTensor,
        parameter: Parameter,
        spread: CubeTensor,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let samples = spread.shape()[0];
        let tensors = [x, loc, spread].map(into_contiguous);
        gaussian::log_prob_backward(
            tensors,
            parameter,
            into_contiguous(gradient),
            samples,
            gaussian::Target::Spread,
        )
    }

    fn log_mean_exp(values: CubeTensor, negligible: f32) -> CubeTensor {
        log_mean_exp::forward(into_contiguous(values), negligible)
    }

    fn log_mean_exp_backward(
        values: CubeTensor,
        negligible: f32,
        gradient: CubeTensor,
    ) -> CubeTensor {
        let [values, gradient] = [values, gradient].map(into_contiguous);
        log_mean_exp::backward(values, negligible, gradient)
    }
}
