//! Linear layers with random weights.

use super::{
    TRANSCENDENTAL, contiguous, gaussian,
    linear::{if_wanted, matrix, rows},
    memory::IntoTensor,
    owned,
};
use crate::kernel::{VARIANCE_GUARD, operations::Wanted, random::Draw};
use burn::backend::{TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    Precision,
    memory::Block,
    product::{Epilogue, Matrix, Product, Start, chunks, multiply},
    random::COST,
    rows::{for_each_row_with, for_each2},
    threads::{part, share},
    vector::{self, Function, Parameter},
};
use std::ops::Range;

/// The parameters of a layer.
pub(super) struct Weights {
    pub loc: FlexTensor,
    pub log_variance: FlexTensor,
    pub bias_loc: FlexTensor,
    pub bias_variance: FlexTensor,
}

/// What a layer is apart from its parameters.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub function: Option<Function>,
    pub precision: Precision,
    pub differentiable: bool,
}

/// What makes an output of an input.
struct Layer {
    /// The weights' means.
    loc: FlexTensor,
    /// The weights' variances.
    variance: FlexTensor,
    bias_loc: FlexTensor,
    bias_variance: FlexTensor,
}

impl Layer {
    fn of(weights: Weights) -> Self {
        let log_variance = contiguous(weights.log_variance);
        let shape = log_variance.shape().dims::<2>();
        let mut variance = Block::new(shape);
        for_each2(
            &mut variance,
            log_variance.storage(),
            TRANSCENDENTAL,
            |variance, log| vector::exp_to(log, variance),
        );
        Self {
            loc: contiguous(weights.loc),
            variance: variance.into_tensor(shape),
            bias_loc: contiguous(weights.bias_loc),
            bias_variance: contiguous(weights.bias_variance),
        }
    }

    fn d_output(&self) -> usize {
        self.bias_loc.shape()[0]
    }

    /// Means and variances of the output's rows, biases left out.
    fn moments(&self, input: Matrix, loc: &mut [f32], variance: &mut [f32], precision: Precision) {
        let products = [
            Product::new(input.squared(), matrix(&self.variance), variance),
            Product::new(input, matrix(&self.loc), loc),
        ];
        multiply(products, precision);
    }

    /// The biases' variances, with the guard that no root is taken without.
    fn guarded_bias_variance(&self) -> Vec<f32> {
        let variances = self.bias_variance.storage::<f32>().iter();
        variances
            .map(|variance| variance + VARIANCE_GUARD as f32)
            .collect()
    }
}

/// The draw, the weights' variance, and what a draw's backward pass, if there will be one, needs to
/// know of the output's variance: see [`OutputGradient`].
pub(super) fn forward(
    input: FlexTensor,
    weights: Weights,
    num_samples: usize,
    draw: &Draw,
    kind: Kind,
) -> (FlexTensor, FlexTensor, FlexTensor) {
    let (input, layer) = (contiguous(input), Layer::of(weights));
    let [samples, batch, _] = input.shape().dims::<3>();
    let shape = [samples, batch, layer.d_output()];
    let (mut loc, mut variance) = (Block::new(shape), Block::new(shape));
    layer.moments(rows(&input), &mut loc, &mut variance, kind.precision);
    let own = (samples == num_samples).then_some(Own { draw, batch, kind });
    add_biases(&layer, &mut loc, &mut variance, &own);
    let (loc, known) = (loc.into_tensor(shape), variance.into_tensor(shape));
    let output = match own {
        Some(_) => loc,
        None => {
            let (parameter, variance) = (Parameter::Variance, known.clone());
            gaussian::draw(loc, parameter, variance, num_samples, draw, kind.function)
        }
    };
    (output, layer.variance, known)
}

/// Means, and as many variances, that are in memory at once until they are drawn: enough rows that
/// packing weights for them costs little, and less than a third-level cache holds.
const MEANS_AT_ONCE: usize = 3 << 19;

/// Σ x·l − softplus(l) of each row of draws l.
pub(super) fn bernoulli_log_prob(
    input: FlexTensor,
    weights: Weights,
    draw: &Draw,
    precision: Precision,
    x: FlexTensor,
) -> FlexTensor {
    let (input, x, layer) = (contiguous(input), contiguous(x), Layer::of(weights));
    let [samples, batch, d_input] = input.shape().dims::<3>();
    let features = layer.d_output();
    let mut sums = Block::zeros([samples, batch]);
    if !sums.is_empty() && features > 0 {
        let (input, x) = (input.storage::<f32>(), x.storage::<f32>());
        let (shift, more) = (layer.bias_loc.storage(), layer.guarded_bias_variance());
        let at_once = (MEANS_AT_ONCE / features).clamp(1, sums.len());
        let [mut loc, mut variance] = [(); 2].map(|()| Block::new([at_once, features]));
        for rows in chunks(sums.len(), at_once, 1) {
            let (first, shape) = (rows.start, [rows.len(), d_input]);
            let input = Matrix::new(&input[first * d_input..rows.end * d_input], shape);
            let [loc, variance] =
                [&mut loc, &mut variance].map(|all| &mut all[..rows.len() * features]);
            layer.moments(input, loc, variance, precision);
            let noise = |part: Range<usize>| {
                draw.normal_rows(batch, features, first + part.start..first + part.end)
            };
            let cost = (COST + TRANSCENDENTAL) * features;
            for_each_row_with(&mut sums[rows], 1, cost, noise, |row, sum, noise| {
                let [loc, variance] =
                    [&*loc, &*variance].map(|all| &all[row * features..][..features]);
                let x = &x[(first + row) * features % x.len()..][..features];
                let logits = noise.next_row();
                vector::draw_in_place(logits, loc, shift, variance, &more);
                sum[0] = vector::bernoulli_row(logits, x);
            });
        }
    }
    sums.into_tensor([samples, batch])
}

/// The draw of rows of which each has a mean and a variance of its own, `batch` a sample, and the
/// function after it.
struct Own<'a> {
    draw: &'a Draw,
    batch: usize,
    kind: Kind,
}

/// Adds the biases to means and variances. With a draw, also makes of the means the draw, and of
/// the variances its derivatives if they are asked for, else nothing: each number passes the
/// processor once.
fn add_biases(layer: &Layer, loc: &mut [f32], variance: &mut [f32], own: &Option<Own>) {
    let guarded = layer.guarded_bias_variance();
    let bias_loc = layer.bias_loc.storage::<f32>();
    let features = bias_loc.len();
    if loc.is_empty() {
        return;
    }
    let cost = if own.is_some() { COST } else { 1 };
    let rows = part(loc.len() / features, cost * features);
    let parts = (loc.chunks_mut(rows * features)).zip(variance.chunks_mut(rows * features));
    share(parts.enumerate(), |(task, (loc, variance))| {
        let rows = task * rows..task * rows + loc.len() / features;
        let mut noise = (own.as_ref()).map(|own| own.draw.normal_rows(own.batch, features, rows));
        let moments = loc.chunks_mut(features).zip(variance.chunks_mut(features));
        for (loc, variance) in moments {
            let (Some(own), Some(noise)) = (own, &mut noise) else {
                vector::add_to(loc, bias_loc);
                vector::add_to(variance, &guarded);
                continue;
            };
            let epsilon = noise.next_row();
            if own.kind.differentiable {
                vector::draw_and_derive(loc, bias_loc, variance, &guarded, epsilon);
            } else {
                vector::draw_only(loc, bias_loc, variance, &guarded, epsilon);
            }
            if let Some(function) = own.kind.function {
                vector::apply(function, loc);
            }
        }
    });
}

/// The gradients of input, weights' means and log-variances, and of the biases' means and
/// variances; what is not wanted has no entries.
pub(super) fn backward(
    input: FlexTensor,
    [weight_loc, weight_variance]: [FlexTensor; 2],
    gradient: OutputGradient,
    wanted: Wanted,
    precision: Precision,
) -> [FlexTensor; 5] {
    let [input, weight_loc, weight_variance] = [input, weight_loc, weight_variance].map(contiguous);
    let input_shape = if_wanted(wanted.input, input.shape().dims::<3>());
    let weight_shape = if_wanted(wanted.parameters, weight_loc.shape().dims::<2>());
    let [to_loc, to_variance] = gradient.into_moments();

    let mut to_input = Block::new(input_shape);
    let mut to_weight_loc = Block::new(weight_shape);
    let mut to_log_variance = Block::new(weight_shape);
    let bias_shape = [weight_shape[1]];
    let [mut to_bias_loc, mut to_bias_variance] = [(); 2].map(|()| Block::new(bias_shape));
    let (variance, inputs) = (matrix(&weight_variance), input.storage());
    let products = [
        wanted.parameters.then(|| Product {
            epilogue: Epilogue::Scale(1.0, weight_variance.storage()),
            sums: Some(&mut to_bias_variance),
            ..Product::new(
                rows(&input).squared().transposed(),
                rows(&to_variance),
                &mut to_log_variance,
            )
        }),
        wanted.parameters.then(|| Product {
            sums: Some(&mut to_bias_loc),
            ..Product::new(rows(&input).transposed(), rows(&to_loc), &mut to_weight_loc)
        }),
        wanted.input.then(|| Product {
            epilogue: Epilogue::Scale(2.0, inputs),
            ..Product::new(rows(&to_variance), variance.transposed(), &mut to_input)
        }),
    ];
    multiply(products.into_iter().flatten(), precision);
    if wanted.input {
        let weight = matrix(&weight_loc).transposed();
        let product = Product {
            start: Start::Result,
            ..Product::new(rows(&to_loc), weight, &mut to_input)
        };
        multiply([product], precision);
    }
    [
        to_input.into_tensor(input_shape),
        to_weight_loc.into_tensor(weight_shape),
        to_log_variance.into_tensor(weight_shape),
        to_bias_loc.into_tensor(bias_shape),
        to_bias_variance.into_tensor(bias_shape),
    ]
}

/// The gradient of a layer's output, and what leads it back to means and variances.
pub(super) struct OutputGradient<'a> {
    /// The derivative of the draw by the variance, ε / (2√variance), which takes the variance's
    /// place in memory. Where all samples share a variance, that would be more than the variance:
    /// there it is the variance, and ε is made again.
    pub known: FlexTensor,
    pub draw: &'a Draw,
    /// The function after the draw, and what is known of it.
    pub after: Option<(Function, FlexTensor)>,
    pub gradient: FlexTensor,
}

/// Numbers that stay in the first-level cache between two operations.
const AT_ONCE: usize = 1 << 10;

impl OutputGradient<'_> {
    /// The gradients of means and variances.
    fn into_moments(mut self) -> [FlexTensor; 2] {
        self.after = (self.after).map(|(function, known)| (function, contiguous(known)));
        if self.known.shape()[0] != self.gradient.shape()[0] {
            return self.into_shared_moments();
        }
        let mut to_variance = owned(self.known);
        let derivative = to_variance.storage_mut::<f32>();
        let Some((function, known)) = &self.after else {
            let to_loc = contiguous(self.gradient);
            for_each2(derivative, to_loc.storage(), 1, |derivative, gradient| {
                vector::multiply_by(derivative, 1.0, gradient);
            });
            return [to_loc, to_variance];
        };
        let mut to_loc = owned(self.gradient);
        let len = part(derivative.len(), 2).next_multiple_of(AT_ONCE);
        let tasks = (derivative.chunks_mut(len))
            .zip(to_loc.storage_mut::<f32>().chunks_mut(len))
            .zip(known.storage::<f32>().chunks(len));
        share(tasks, |((derivative, gradient), known)| {
            let blocks = (derivative.chunks_mut(AT_ONCE))
                .zip(gradient.chunks_mut(AT_ONCE))
                .zip(known.chunks(AT_ONCE));
            for ((derivative, gradient), known) in blocks {
                vector::apply_backward(*function, known, gradient);
                vector::multiply_by(derivative, 1.0, gradient);
            }
        });
        [to_loc, to_variance]
    }

    /// Of those that all samples share.
    fn into_shared_moments(self) -> [FlexTensor; 2] {
        let (variance, gradient) = (contiguous(self.known), contiguous(self.gradient));
        let [samples, batch, features] = gradient.shape().dims::<3>();
        let shape = [1, batch, features];
        let [mut to_loc, mut to_variance] = [(); 2].map(|()| Block::zeros(shape));
        if batch * features > 0 {
            let (variance, gradient) = (variance.storage::<f32>(), gradient.storage::<f32>());
            let after: Option<(Function, &[f32])> =
                (self.after.as_ref()).map(|(function, known)| (*function, known.storage()));
            let rows = part(batch, COST * features * samples);
            let len = rows * features;
            let samples_of = |row| (0..samples).map(move |sample| sample * batch + row);
            let tasks = to_loc.chunks_mut(len).zip(to_variance.chunks_mut(len));
            share(tasks.enumerate(), |(task, (to_loc, to_variance))| {
                let rows = task * rows..task * rows + to_loc.len() / features;
                let all = rows.clone().flat_map(samples_of);
                let mut noise = self.draw.normal_rows(batch, features, all);
                let mut before = vec![0.0; features];
                let sums = (to_loc.chunks_mut(features)).zip(to_variance.chunks_mut(features));
                for (row, (to_loc, to_variance)) in rows.zip(sums) {
                    for at in samples_of(row) {
                        let at = at * features;
                        let mut gradient = &gradient[at..][..features];
                        if let Some((function, known)) = after {
                            before.copy_from_slice(gradient);
                            vector::apply_backward(function, &known[at..][..features], &mut before);
                            gradient = &before;
                        }
                        vector::draw_backward_row(noise.next_row(), gradient, to_loc, to_variance);
                    }
                    let variance = &variance[row * features..][..features];
                    vector::scale_backward(Parameter::Variance, variance, to_variance);
                }
            });
        }
        [to_loc, to_variance].map(|gradient| gradient.into_tensor(shape))
    }
}
