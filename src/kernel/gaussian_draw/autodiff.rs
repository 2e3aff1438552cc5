//! The backward passes.

use super::{GaussianDrawBackward, GaussianDrawOperations};
use crate::kernel::{random::Draw, tape::record};
use burn::backend::{
    TensorMetadata,
    autodiff::{
        Autodiff,
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops},
    },
    tensor::FloatTensor,
};
use burn_bayes_cpu::vector::Parameter;

#[derive(Debug)]
struct DrawBackward(Parameter);

impl<B: GaussianDrawBackward> Backward<B, 2> for DrawBackward {
    type State = (FloatTensor<B>, Draw);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (spread, draw) = ops.state;
        let [to_loc, to_spread] = ops.parents;
        let broadcast = spread.shape()[0] != gradient.shape()[0];
        if let Some(node) = to_spread {
            let gradient = B::gaussian_draw_backward(self.0, spread, draw, gradient.clone());
            grads.register::<B>(node.id, gradient);
        }
        if let Some(node) = to_loc {
            let gradient = if broadcast {
                B::float_sum_dim(gradient, 0)
            } else {
                gradient
            };
            grads.register::<B>(node.id, gradient);
        }
    }
}

#[derive(Debug)]
struct LogProbOfDraw(Parameter);

impl<B: GaussianDrawBackward> Backward<B, 1> for LogProbOfDraw {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [to_spread] = ops.parents;
        if let Some(node) = to_spread {
            let gradient = B::log_prob_of_draw_backward(self.0, ops.state, gradient);
            grads.register::<B>(node.id, gradient);
        }
    }
}

impl<B: GaussianDrawOperations + GaussianDrawBackward, C: CheckpointStrategy> GaussianDrawOperations
    for Autodiff<B, C>
{
    fn gaussian_draw(
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self> {
        let nodes = [loc.node(), spread.node()];
        record::<B, C, _, 2>(DrawBackward(parameter), nodes, || {
            let (loc, spread) = (loc.into_primitive(), spread.into_primitive());
            let kept = (spread.clone(), draw.clone());
            (
                B::gaussian_draw(loc, parameter, spread, num_samples, draw),
                kept,
            )
        })
    }

    fn log_prob_of_draw(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self> {
        record::<B, C, _, 1>(LogProbOfDraw(parameter), [spread.node()], || {
            let spread = spread.into_primitive();
            let output = B::log_prob_of_draw(parameter, spread.clone(), num_samples, draw);
            (output, spread)
        })
    }
}
