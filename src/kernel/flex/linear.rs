//! Linear layers with fixed and with random weights.

use super::{
    Block, TRANSCENDENTAL, contiguous, gaussian,
    product::{Matrix, Result, multiply},
    rows::{for_each_row, for_each2},
};
use crate::kernel::{VARIANCE_GUARD, random::Draw, vector};
use burn::backend::{TensorMetadata, flex::FlexTensor};

/// Rows whose sum is a task of its own. Partial sums are added in order, so the number of threads does not
/// matter.
const ROWS_PER_SUM: usize = 128;

/// The parameters of a layer with random weights.
pub(super) struct Random {
    pub loc: FlexTensor,
    pub log_variance: FlexTensor,
    pub bias_loc: FlexTensor,
    pub bias_variance: FlexTensor,
}

/// The rows of a `[samples, batch, features]` tensor.
fn rows(tensor: &FlexTensor) -> Matrix<'_> {
    let [samples, batch, features] = tensor.shape().dims::<3>();
    Matrix::new(tensor.storage(), [samples * batch, features])
}

fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    Matrix::new(tensor.storage(), tensor.shape().dims::<2>())
}

/// input · weight + bias.
fn affine(input: Matrix, weight: Matrix, bias: &[f32], rows: usize) -> Block {
    let mut output = Block::new([rows, bias.len()]);
    for_each_row(&mut output, bias.len(), bias.len(), |_, row, _| {
        row.copy_from_slice(bias);
    });
    multiply(input, weight, &mut output, Result::Add);
    output
}

pub(super) fn forward(input: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> FlexTensor {
    let (input, weight, bias) = (contiguous(input), contiguous(weight), contiguous(bias));
    let [samples, batch, _] = input.shape().dims::<3>();
    let bias = bias.storage();
    affine(rows(&input), matrix(&weight), bias, samples * batch).into_tensor([
        samples,
        batch,
        bias.len(),
    ])
}

pub(super) fn to_input(weight: FlexTensor, gradient: FlexTensor) -> FlexTensor {
    let (weight, gradient) = (contiguous(weight), contiguous(gradient));
    let [samples, batch, _] = gradient.shape().dims::<3>();
    let [d_input, _] = weight.shape().dims::<2>();
    let mut output = Block::new([samples, batch, d_input]);
    let weight = matrix(&weight).transposed();
    multiply(rows(&gradient), weight, &mut output, Result::Set);
    output.into_tensor([samples, batch, d_input])
}

pub(super) fn to_weight(input: FlexTensor, gradient: FlexTensor) -> FlexTensor {
    let (input, gradient) = (contiguous(input), contiguous(gradient));
    let [.., d_input] = input.shape().dims::<3>();
    let [.., d_output] = gradient.shape().dims::<3>();
    let mut output = Block::new([d_input, d_output]);
    let input = rows(&input).transposed();
    multiply(input, rows(&gradient), &mut output, Result::Set);
    output.into_tensor([d_input, d_output])
}

pub(super) fn to_bias(gradient: FlexTensor) -> FlexTensor {
    let gradient = contiguous(gradient);
    let [.., d_output] = gradient.shape().dims::<3>();
    let mut sum = Block::zeros([d_output]);
    if d_output > 0 {
        let values = gradient.storage::<f32>();
        let parts = values.len().div_ceil(ROWS_PER_SUM * d_output);
        let mut sums = Block::zeros([parts, d_output]);
        let cost = ROWS_PER_SUM * d_output;
        for_each_row(&mut sums, d_output, cost, |part, sum, _| {
            let rows = values.chunks(d_output).skip(part * ROWS_PER_SUM);
            for row in rows.take(ROWS_PER_SUM) {
                vector::add_to(sum, row);
            }
        });
        for part in sums.chunks(d_output) {
            vector::add_to(&mut sum, part);
        }
    }
    sum.into_tensor([d_output])
}

fn square(input: &[f32]) -> Block {
    let mut square = Block::new([input.len()]);
    for_each2(&mut square, input, 1, |square, input| {
        vector::square_to(input, square);
    });
    square
}

/// The draw, the variance of the weights, and that of the output of each input row.
pub(super) fn random(
    input: FlexTensor,
    weights: Random,
    num_samples: usize,
    draw: &Draw,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let input = contiguous(input);
    let (loc, log_variance) = (contiguous(weights.loc), contiguous(weights.log_variance));
    let bias_loc = contiguous(weights.bias_loc);
    let mut bias_variance = contiguous(weights.bias_variance).storage::<f32>().to_vec();
    for variance in &mut bias_variance {
        *variance += VARIANCE_GUARD as f32;
    }
    let shape = log_variance.shape().dims::<2>();
    let mut weight_variance = Block::new([shape[0], shape[1]]);
    for_each2(
        &mut weight_variance,
        log_variance.storage(),
        TRANSCENDENTAL,
        |variance, log| vector::exp_to(log, variance),
    );
    let weight_variance = weight_variance.into_tensor(shape);

    let [samples, batch, d_input] = input.shape().dims::<3>();
    let num_rows = samples * batch;
    let [_, d_output] = shape;
    let mut variance = Block::new([num_rows, d_output]);
    {
        let square = square(input.storage());
        let square = Matrix::new(&square, [num_rows, d_input]);
        multiply(square, matrix(&weight_variance), &mut variance, Result::Set);
    }
    let mut loc_of_output = Block::new([num_rows, d_output]);
    multiply(rows(&input), matrix(&loc), &mut loc_of_output, Result::Set);
    let moments = gaussian::Moments {
        loc: loc_of_output,
        variance,
        bias_loc: bias_loc.storage(),
        bias_variance: &bias_variance,
    };
    let (output, variance) = moments.draw([samples, batch, d_output], num_samples, draw);
    (output, weight_variance, variance)
}

pub(super) fn random_to_input(
    input: FlexTensor,
    weight_loc: FlexTensor,
    weight_variance: FlexTensor,
    to_loc: FlexTensor,
    to_variance: FlexTensor,
) -> FlexTensor {
    let input = contiguous(input);
    let shape = input.shape().dims::<3>();
    let (weight_loc, weight_variance) = (contiguous(weight_loc), contiguous(weight_variance));
    let (to_loc, to_variance) = (contiguous(to_loc), contiguous(to_variance));
    let mut output = Block::new(shape);
    let transposed = matrix(&weight_variance).transposed();
    multiply(rows(&to_variance), transposed, &mut output, Result::Set);
    for_each2(&mut output, input.storage(), 1, |output, input| {
        vector::multiply_by(output, 2.0, input);
    });
    let transposed = matrix(&weight_loc).transposed();
    multiply(rows(&to_loc), transposed, &mut output, Result::Add);
    output.into_tensor(shape)
}

pub(super) fn random_to_log_variance(
    input: FlexTensor,
    weight_variance: FlexTensor,
    to_variance: FlexTensor,
) -> FlexTensor {
    let (input, to_variance) = (contiguous(input), contiguous(to_variance));
    let weight_variance = contiguous(weight_variance);
    let [samples, batch, d_input] = input.shape().dims::<3>();
    let shape = weight_variance.shape().dims::<2>();
    let mut output = Block::new([shape[0], shape[1]]);
    {
        let square = square(input.storage());
        let square = Matrix::new(&square, [samples * batch, d_input]).transposed();
        multiply(square, rows(&to_variance), &mut output, Result::Set);
    }
    for_each2(
        &mut output,
        weight_variance.storage(),
        1,
        |output, variance| vector::multiply_by(output, 1.0, variance),
    );
    output.into_tensor(shape)
}
