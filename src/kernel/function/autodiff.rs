//! The backward pass.

use super::{FunctionBackward, FunctionOperations};
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
use burn_bayes_cpu::vector::Function;

#[derive(Debug)]
struct Apply(Function);

impl<B: FunctionBackward> Backward<B, 1> for Apply {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [to_input] = ops.parents;
        if let Some(node) = to_input {
            grads.register::<B>(node.id, B::apply_backward(self.0, ops.state, gradient));
        }
    }
}

impl<B: FunctionOperations + FunctionBackward, C: CheckpointStrategy> FunctionOperations
    for Autodiff<B, C>
{
    fn apply(function: Function, input: FloatTensor<Self>) -> FloatTensor<Self> {
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
}
