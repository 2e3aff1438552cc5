//! Gaussian draws and densities.
//!
//! A tensor with one sample stands for all samples; its gradient is the sum of theirs.

use super::{TRANSCENDENTAL, contiguous, memory::IntoTensor};
use crate::kernel::random::Draw;
use burn::backend::{TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    memory::Block,
    random::COST,
    rows::{for_each_row, for_each_row_with},
    vector::{self, Function, Parameter},
};
use std::ops::Range;

/// The row of a tensor with this many numbers that belongs to a row of all samples.
fn row_of(values: &[f32], row: usize, features: usize) -> &[f32] {
    &values[row * features % values.len()..][..features]
}

/// The draw, and a function of it if there is one.
pub(super) fn draw(
    loc: FlexTensor,
    parameter: Parameter,
    spread: FlexTensor,
    num_samples: usize,
    draw: &Draw,
    function: Option<Function>,
) -> FlexTensor {
    let (loc, spread) = (contiguous(loc), contiguous(spread));
    let [_, batch, features] = loc.shape().dims::<3>();
    let mut output = Block::new([num_samples, batch, features]);
    let (loc, spread) = (loc.storage::<f32>(), spread.storage::<f32>());
    let noise = |rows| draw.normal_rows(batch, features, rows);
    let cost = COST * features;
    for_each_row_with(&mut output, features, cost, noise, |row, values, noise| {
        let [loc, spread] = [loc, spread].map(|all| row_of(all, row, features));
        vector::draw_row(loc, parameter, spread, noise.next_row(), values);
        if let Some(function) = function {
            vector::apply(function, values);
        }
    });
    output.into_tensor([num_samples, batch, features])
}

pub(super) fn draw_backward(
    parameter: Parameter,
    spread: FlexTensor,
    draw: &Draw,
    gradient: FlexTensor,
) -> FlexTensor {
    let (spread, gradient) = (contiguous(spread), contiguous(gradient));
    let [samples, batch, features] = gradient.shape().dims::<3>();
    let [spreads, ..] = spread.shape().dims::<3>();
    let samples_per_row = if spreads == 1 { samples } else { 1 };
    let mut output = Block::zeros([spreads, batch, features]);
    let (spread, gradient) = (spread.storage::<f32>(), gradient.storage::<f32>());
    let samples_of = |row| (0..samples_per_row).map(move |i| row + i * batch);
    let noise = |rows: Range<usize>| draw.normal_rows(batch, features, rows.flat_map(samples_of));
    let cost = COST * features * samples_per_row;
    for_each_row_with(&mut output, features, cost, noise, |row, sum, noise| {
        for row in samples_of(row) {
            vector::add_product(
                sum,
                noise.next_row(),
                &gradient[row * features..][..features],
            );
        }
        vector::scale_backward(parameter, &spread[row * features..][..features], sum);
    });
    output.into_tensor([spreads, batch, features])
}

pub(super) fn log_prob_of_draw(
    parameter: Parameter,
    spread: FlexTensor,
    num_samples: usize,
    draw: &Draw,
) -> FlexTensor {
    let spread = contiguous(spread);
    let [_, batch, features] = spread.shape().dims::<3>();
    let mut sums = Block::zeros([num_samples, batch]);
    if features > 0 {
        let spread = spread.storage::<f32>();
        let noise = |rows| draw.normal_rows(batch, features, rows);
        for_each_row_with(&mut sums, 1, COST * features, noise, |row, sum, noise| {
            let spread = row_of(spread, row, features);
            sum[0] = vector::log_prob_of_noise_row(noise.next_row(), parameter, spread);
        });
    }
    sums.into_tensor([num_samples, batch])
}

pub(super) fn log_prob_of_draw_backward(
    parameter: Parameter,
    spread: FlexTensor,
    gradient: FlexTensor,
) -> FlexTensor {
    let (spread, gradient) = (contiguous(spread), contiguous(gradient));
    let [samples, batch] = gradient.shape().dims::<2>();
    let [spreads, _, features] = spread.shape().dims::<3>();
    let samples_per_row = if spreads == 1 { samples } else { 1 };
    let mut output = Block::zeros([spreads, batch, features]);
    let (spread, gradient) = (spread.storage::<f32>(), gradient.storage::<f32>());
    for_each_row(&mut output, features, features, |row, sum| {
        let gradient: f32 = (0..samples_per_row)
            .map(|i| gradient[row + i * batch])
            .sum();
        let spread = &spread[row * features..][..features];
        vector::add_log_variance_derivative(sum, parameter, spread, -0.5 * gradient);
    });
    output.into_tensor([spreads, batch, features])
}

pub(super) fn log_prob(
    x: FlexTensor,
    loc: FlexTensor,
    parameter: Parameter,
    spread: FlexTensor,
) -> FlexTensor {
    let tensors = [x, loc, spread].map(contiguous);
    let [_, batch, features] = tensors[0].shape().dims::<3>();
    let samples = num_samples(&tensors);
    let [x, loc, spread] = tensors.each_ref().map(|tensor| tensor.storage::<f32>());
    let mut sums = Block::zeros([samples, batch]);
    if features > 0 {
        for_each_row(&mut sums, 1, TRANSCENDENTAL * features, |row, sum| {
            let [x, loc, spread] = [x, loc, spread].map(|all| row_of(all, row, features));
            sum[0] = vector::gaussian_row(x, loc, parameter, spread);
        });
    }
    sums.into_tensor([samples, batch])
}

fn num_samples(tensors: &[FlexTensor; 3]) -> usize {
    let samples = tensors
        .each_ref()
        .map(|tensor| tensor.shape().dims::<3>()[0]);
    if samples.contains(&0) {
        return 0;
    }
    samples.into_iter().max().unwrap_or(1)
}

/// What a row of a density adds to a gradient: x, loc, spread, the row's gradient, the sum.
type RowBackward = fn(&[f32], &[f32], Parameter, &[f32], f32, &mut [f32]);

/// A gradient with `samples` samples, 1 or all.
fn log_prob_backward(
    tensors: [FlexTensor; 3],
    parameter: Parameter,
    gradient: FlexTensor,
    samples: usize,
    add: RowBackward,
) -> FlexTensor {
    let (tensors, gradient) = (tensors.map(contiguous), contiguous(gradient));
    let [_, batch, features] = tensors[0].shape().dims::<3>();
    let samples_per_row = if samples == 1 {
        num_samples(&tensors)
    } else {
        1
    };
    let mut output = Block::zeros([samples, batch, features]);
    let [x, loc, spread] = tensors.each_ref().map(|tensor| tensor.storage::<f32>());
    let gradient = gradient.storage::<f32>();
    let cost = TRANSCENDENTAL * features * samples_per_row;
    for_each_row(&mut output, features, cost, |row, sum| {
        for i in 0..samples_per_row {
            let row = row + i * batch;
            let [x, loc, spread] = [x, loc, spread].map(|all| row_of(all, row, features));
            add(x, loc, parameter, spread, gradient[row], sum);
        }
    });
    output.into_tensor([samples, batch, features])
}

pub(super) fn log_prob_to_loc(
    x: FlexTensor,
    loc: FlexTensor,
    parameter: Parameter,
    spread: FlexTensor,
    gradient: FlexTensor,
    samples: usize,
) -> FlexTensor {
    let add = vector::gaussian_row_to_loc;
    log_prob_backward([x, loc, spread], parameter, gradient, samples, add)
}

pub(super) fn log_prob_to_spread(
    x: FlexTensor,
    loc: FlexTensor,
    parameter: Parameter,
    spread: FlexTensor,
    gradient: FlexTensor,
) -> FlexTensor {
    let [samples, ..] = spread.shape().dims::<3>();
    let add = vector::gaussian_row_to_spread;
    log_prob_backward([x, loc, spread], parameter, gradient, samples, add)
}
