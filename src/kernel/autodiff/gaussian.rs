//! Gaussian draws and densities.

use super::{Draw, Parameter, RowOperations, record};
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

#[derive(Debug)]
struct DrawBackward(Parameter);

impl<B: RowOperations> Backward<B, 2> for DrawBackward {
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

pub(super) fn draw<B: RowOperations, C: CheckpointStrategy>(
    loc: FloatTensor<Autodiff<B, C>>,
    parameter: Parameter,
    spread: FloatTensor<Autodiff<B, C>>,
    num_samples: usize,
    draw: Draw,
) -> FloatTensor<Autodiff<B, C>> {
    let nodes = [loc.node(), spread.node()];
    record::<B, C, _, 2>(DrawBackward(parameter), nodes, || {
        let (loc, spread) = (loc.into_primitive(), spread.into_primitive());
        let output = B::gaussian_draw(loc, parameter, spread.clone(), num_samples, draw.clone());
        (output, (spread, draw))
    })
}

#[derive(Debug)]
struct LogProbOfDraw(Parameter);

impl<B: RowOperations> Backward<B, 1> for LogProbOfDraw {
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

pub(super) fn log_prob_of_draw<B: RowOperations, C: CheckpointStrategy>(
    parameter: Parameter,
    spread: FloatTensor<Autodiff<B, C>>,
    num_samples: usize,
    draw: Draw,
) -> FloatTensor<Autodiff<B, C>> {
    record::<B, C, _, 1>(LogProbOfDraw(parameter), [spread.node()], || {
        let spread = spread.into_primitive();
        let output = B::log_prob_of_draw(parameter, spread.clone(), num_samples, draw);
        (output, spread)
    })
}

#[derive(Debug)]
struct LogProb(Parameter);

impl<B: RowOperations> Backward<B, 3> for LogProb {
    type State = [FloatTensor<B>; 3];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [x, loc, spread] = ops.state;
        let [to_x, to_loc, to_spread] = ops.parents;
        let first_order = |samples: usize| {
            B::gaussian_log_prob_to_loc(
                x.clone(),
                loc.clone(),
                self.0,
                spread.clone(),
                gradient.clone(),
                samples,
            )
        };
        if let Some(node) = to_x {
            grads.register::<B>(node.id, B::float_neg(first_order(x.shape()[0])));
        }
        if let Some(node) = to_loc {
            grads.register::<B>(node.id, first_order(loc.shape()[0]));
        }
        if let Some(node) = to_spread {
            let gradient = B::gaussian_log_prob_to_spread(x, loc, self.0, spread, gradient);
            grads.register::<B>(node.id, gradient);
        }
    }
}

pub(super) fn log_prob<B: RowOperations, C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<B, C>>,
    loc: FloatTensor<Autodiff<B, C>>,
    parameter: Parameter,
    spread: FloatTensor<Autodiff<B, C>>,
) -> FloatTensor<Autodiff<B, C>> {
    let nodes = [x.node(), loc.node(), spread.node()];
    record::<B, C, _, 3>(LogProb(parameter), nodes, || {
        let [x, loc, spread] = [x, loc, spread].map(|tensor| tensor.into_primitive());
        let output = B::gaussian_log_prob(x.clone(), loc.clone(), parameter, spread.clone());
        (output, [x, loc, spread])
    })
}
