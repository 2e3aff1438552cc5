//! log-mean-exp over samples.

use super::{RowOperations, record};
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

impl<B: RowOperations> Backward<B, 1> for LogMeanExp {
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

pub(super) fn forward<B: RowOperations, C: CheckpointStrategy>(
    values: FloatTensor<Autodiff<B, C>>,
    negligible: f32,
) -> FloatTensor<Autodiff<B, C>> {
    record::<B, C, _, 1>(LogMeanExp { negligible }, [values.node()], || {
        let values = values.into_primitive();
        (B::log_mean_exp(values.clone(), negligible), values)
    })
}
