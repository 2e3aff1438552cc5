//! Functions of each entry.

use super::{Function, LayerOperations, record};
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
struct Apply(Function);

impl<B: LayerOperations> Backward<B, 1> for Apply {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [to_input] = ops.parents;
        if let Some(node) = to_input {
            grads.register::<B>(node.id, B::apply_backward(self.0, ops.state, gradient));
        }
    }
}

pub(super) fn apply<B: LayerOperations, C: CheckpointStrategy>(
    function: Function,
    input: FloatTensor<Autodiff<B, C>>,
) -> FloatTensor<Autodiff<B, C>> {
    record::<B, C, _, 1>(Apply(function), [input.node()], || {
        let input = input.into_primitive();
        if function.keeps_output() {
            let output = B::apply(function, input);
            (output.clone(), output)
        } else {
            (B::apply(function, input.clone()), input)
        }
    })
}
