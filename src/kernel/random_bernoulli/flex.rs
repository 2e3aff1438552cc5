//! The body on the CPU: each row of logits is drawn and summed, and not kept.

use super::RandomBernoulliOperations;
use crate::kernel::{
    flex::{IntoTensor, TRANSCENDENTAL, contiguous, row_of},
    random::Draw,
    random_linear::{Parameters, moments::Moments},
};
use burn::backend::{Flex, TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    Precision,
    memory::Block,
    product::{Matrix, chunks},
    random::COST,
    rows::for_each_row_with,
    vector,
};
use std::ops::Range;

/// How many means, and as many variances, are in memory at once. There must be enough rows that
/// packing the weights costs little, and few enough to stay in a third-level cache.
const MEANS_AT_ONCE: usize = 3 << 19;

impl RandomBernoulliOperations for Flex {
    fn bayesian_bernoulli_log_prob(
        input: FlexTensor,
        parameters: Parameters<Flex>,
        draw: Draw,
        precision: Precision,
        x: FlexTensor,
    ) -> FlexTensor {
        let (input, x, layer) = (contiguous(input), contiguous(x), Moments::of(parameters));
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
                layer.of_rows(input, loc, variance, precision);
                let noise = |part: Range<usize>| {
                    draw.normal_rows(batch, features, first + part.start..first + part.end)
                };
                let cost = (COST + TRANSCENDENTAL) * features;
                for_each_row_with(&mut sums[rows], 1, cost, noise, |row, sum, noise| {
                    let [loc, variance] =
                        [&*loc, &*variance].map(|all| &all[row * features..][..features]);
                    let x = row_of(x, first + row, features);
                    let logits = noise.next_row();
                    vector::draw_in_place(logits, loc, shift, variance, &more);
                    sum[0] = vector::bernoulli_row(logits, x);
                });
            }
        }
        sums.into_tensor([samples, batch])
    }
}
