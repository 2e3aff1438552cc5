//! Halves of a head's features.

use super::{LayerOperations, record};
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

impl<B: LayerOperations> Backward<B, 1> for Half {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [to_input] = ops.parents;
        if let Some(node) = to_input {
            grads.register::<B>(node.id, B::half_backward(self.0, gradient));
        }
    }
}

pub(super) fn half<B: LayerOperations, C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<B, C>>,
    half: usize,
) -> FloatTensor<Autodiff<B, C>> {
    record::<B, C, _, 1>(Half(half), [input.node()], || {
        (B::half(input.into_primitive(), half), ())
    })
}
