//! The body on the CPU.
//!
//! A tensor with one sample is shared by all samples. Its gradient is the sum over samples.

use super::{GaussianDrawBackward, GaussianDrawOperations};
use crate::kernel::{
    flex::{IntoTensor, contiguous, row_of},
    random::Draw,
};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    memory::Block,
    random::COST,
    rows::{for_each_row, for_each_row_with},
    vector::{self, Function, Parameter},
};
use std::ops::Range;

impl GaussianDrawOperations for Flex {
    fn gaussian_draw(
        loc: FlexTensor,
        parameter: Parameter,
        spread: FlexTensor,
        num_samples: usize,
        noise: Draw,
    ) -> FlexTensor {
        draw(loc, parameter, spread, num_samples, &noise, None)
    }

    fn log_prob_of_draw(
        parameter: Parameter,
        spread: FlexTensor,
        num_samples: usize,
        draw: Draw,
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
}

impl GaussianDrawBackward for Flex {
    fn gaussian_draw_backward(
        parameter: Parameter,
        spread: FlexTensor,
        draw: Draw,
        gradient: FlexTensor,
    ) -> FlexTensor {
        let (spread, gradient) = (contiguous(spread), contiguous(gradient));
        let [samples, batch, features] = gradient.shape().dims::<3>();
        let [spreads, ..] = spread.shape().dims::<3>();
        let samples_per_row = if spreads == 1 { samples } else { 1 };
        let mut output = Block::zeros([spreads, batch, features]);
        let (spread, gradient) = (spread.storage::<f32>(), gradient.storage::<f32>());
        let samples_of = |row| (0..samples_per_row).map(move |i| row + i * batch);
        let noise =
            |rows: Range<usize>| draw.normal_rows(batch, features, rows.flat_map(samples_of));
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

    fn log_prob_of_draw_backward(
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
}

/// The draw, followed by the function if there is one.
pub(in crate::kernel) fn draw(
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
