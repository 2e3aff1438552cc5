//! The backward pass.

use super::{LogMeanExpBackward, LogMeanExpOperations};
use crate::kernel::tape::record;
use burn::backend::{
    autodiff::{
        Autodiff,
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops},
    },
    tensor::FloatTensor,
};

#[derive(Debug)]
struct LogMeanExp {
    negligible: f32,
}

impl<B: LogMeanExpBackward> Backward<B, 1> for LogMeanExp {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [to_values] = ops.parents;
        if let Some(node) = to_values {
            let gradient = B::log_mean_exp_backward(ops.state, self.negligible, gradient);
            grads.register::<B>(node.id, gradient);
        }
    }
}

impl<B: LogMeanExpOperations + LogMeanExpBackward, C: CheckpointStrategy> LogMeanExpOperations
    for Autodiff<B, C>
{
    fn log_mean_exp(values: FloatTensor<Self>, negligible: f32) -> FloatTensor<Self> {
        record::<B, C, _, 1>(LogMeanExp { negligible }, [values.node()], || {
            let values = values.into_primitive();
            (B::log_mean_exp(values.clone(), negligible), values)
        })
    }
}
