//! The backward pass.

use super::{HalfBackward, HalfOperations};
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
struct Half(usize);

impl<B: HalfBackward> Backward<B, 1> for Half {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [to_input] = ops.parents;
        if let Some(node) = to_input {
            grads.register::<B>(node.id, B::half_backward(self.0, gradient));
        }
    }
}

impl<B: HalfOperations + HalfBackward, C: CheckpointStrategy> HalfOperations for Autodiff<B, C> {
    fn half(input: FloatTensor<Self>, half: usize) -> FloatTensor<Self> {
        record::<B, C, _, 1>(Half(half), [input.node()], || {
            (B::half(input.into_primitive(), half), ())
        })
    }
}
