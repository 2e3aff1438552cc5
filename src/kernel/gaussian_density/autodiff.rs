//! The backward pass.

use super::{GaussianDensityBackward, GaussianDensityOperations};
use crate::kernel::tape::record;
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
struct LogProb(Parameter);

impl<B: GaussianDensityBackward> Backward<B, 3> for LogProb {
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

impl<B: GaussianDensityOperations + GaussianDensityBackward, C: CheckpointStrategy>
    GaussianDensityOperations for Autodiff<B, C>
{
    fn gaussian_log_prob(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), loc.node(), spread.node()];
        record::<B, C, _, 3>(LogProb(parameter), nodes, || {
            let [x, loc, spread] = [x, loc, spread].map(|tensor| tensor.into_primitive());
            let output = B::gaussian_log_prob(x.clone(), loc.clone(), parameter, spread.clone());
            (output, [x, loc, spread])
        })
    }
}
