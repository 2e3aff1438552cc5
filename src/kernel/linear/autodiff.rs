//! The backward pass.

use super::{LinearBackward, LinearOperations, Wanted};
use crate::kernel::{
    function::FunctionBackward,
    tape::{record, register},
};
use burn::backend::{
    autodiff::{
        Autodiff, NodeId,
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops},
    },
    tensor::FloatTensor,
};
use burn_bayes_cpu::{Precision, vector::Function};

#[derive(Debug)]
struct Linear(Precision);

/// The function that ends a layer, and the layer's output, from which the function's derivative is
/// computed.
pub(in crate::kernel) type After<T> = Option<(Function, T)>;

/// The gradient with respect to the function's input.
pub(in crate::kernel) fn before<B: FunctionBackward>(
    after: After<FloatTensor<B>>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    match after {
        Some((function, output)) => B::apply_backward(function, output, gradient),
        None => gradient,
    }
}

impl<B: LinearBackward + FunctionBackward> Backward<B, 3> for Linear {
    type State = (FloatTensor<B>, FloatTensor<B>, After<FloatTensor<B>>);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (input, weight, after) = ops.state;
        let gradient = before::<B>(after, grads.consume::<B>(&ops.node));
        let parents = ops.parents.map(|node| node.map(|node| node.id));
        let wanted = wanted(&parents);
        let gradients = B::linear_backward(input, weight, gradient, wanted, self.0);
        register::<B, 3>(grads, parents, gradients);
    }
}

/// The wanted gradients of a layer whose first parent is its input.
pub(in crate::kernel) fn wanted(parents: &[Option<NodeId>]) -> Wanted {
    Wanted {
        input: parents[0].is_some(),
        parameters: parents[1..].iter().any(Option::is_some),
    }
}

impl<B, C: CheckpointStrategy> LinearOperations for Autodiff<B, C>
where
    B: LinearOperations + LinearBackward + FunctionBackward,
{
    fn affine(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        function: Option<Function>,
        precision: Precision,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        record::<B, C, _, 3>(Linear(precision), nodes, || {
            let (input, weight) = (input.into_primitive(), weight.into_primitive());
            let bias = bias.into_primitive();
            let output = B::affine(input.clone(), weight.clone(), bias, function, precision);
            let after = function.map(|function| (function, output.clone()));
            (output, (input, weight, after))
        })
    }
}
