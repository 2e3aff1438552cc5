//! From the gradient of an output to the gradients of its mean and variance, on the CPU.

use crate::kernel::{
    flex::{IntoTensor, contiguous, owned},
    random::Draw,
};
use burn::backend::{TensorMetadata, flex::FlexTensor};
use burn_bayes_cpu::{
    memory::Block,
    random::COST,
    rows::for_each2,
    threads::{part, share},
    vector::{self, Function, Parameter},
};

/// The gradient of a layer's output, and everything needed for the gradients of means and
/// variances.
pub(super) struct OutputGradient {
    /// See [`Drawn::known`](super::Drawn::known).
    pub known: FlexTensor,
    pub draw: Draw,
    /// The function after the draw, and its output.
    pub after: Option<(Function, FlexTensor)>,
    pub gradient: FlexTensor,
}

/// How many numbers are processed at once, so that they stay in the first-level cache between two
/// operations.
const AT_ONCE: usize = 1 << 10;

impl OutputGradient {
    /// The gradients of means and variances.
    pub fn into_moments(mut self) -> [FlexTensor; 2] {
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

    /// The gradients of moments that all samples share.
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
