//! The backward pass.

use super::{BernoulliBackward, BernoulliOperations};
use crate::kernel::tape::record;
use burn::{
    backend::{
        TensorMetadata,
        autodiff::{
            Autodiff,
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops},
        },
        tensor::FloatTensor,
    },
    tensor::Shape,
};

#[derive(Debug)]
struct LogProb;

impl<B: BernoulliBackward> Backward<B, 2> for LogProb {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (logits, x) = ops.state;
        let [to_logits, to_x] = ops.parents;
        if let Some(node) = to_x {
            let [samples, batch, _] = logits.shape().dims::<3>();
            let per_row = B::float_reshape(gradient.clone(), Shape::new([samples, batch, 1]));
            let per_feature = B::float_mul(logits.clone(), per_row);
            let per_x = if x.shape()[0] == 1 {
                B::float_sum_dim(per_feature, 0)
            } else {
                per_feature
            };
            grads.register::<B>(node.id, per_x);
        }
        if let Some(node) = to_logits {
            grads.register::<B>(node.id, B::bernoulli_log_prob_backward(logits, x, gradient));
        }
    }
}

impl<B: BernoulliOperations + BernoulliBackward, C: CheckpointStrategy> BernoulliOperations
    for Autodiff<B, C>
{
    fn bernoulli_log_prob(logits: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        record::<B, C, _, 2>(LogProb, [logits.node(), x.node()], || {
            let (logits, x) = (logits.into_primitive(), x.into_primitive());
            let output = B::bernoulli_log_prob(logits.clone(), x.clone());
            (output, (logits, x))
        })
    }
}
