//! The backward pass.

use super::{Drawn, Kept, Layer, Parameters, RandomLinearBackward, RandomLinearOperations};
use crate::kernel::{
    linear::autodiff::wanted,
    tape::{record, register},
};
use burn::backend::{
    autodiff::{
        Autodiff,
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops},
    },
    tensor::FloatTensor,
};
use burn_bayes_cpu::Precision;

#[derive(Debug)]
struct BayesianLinear(Precision);

impl<B: RandomLinearBackward> Backward<B, 5> for BayesianLinear {
    type State = Kept<B>;

    fn backward(self, ops: Ops<Self::State, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let parents = ops.parents.map(|node| node.map(|node| node.id));
        let wanted = wanted(&parents);
        let gradients = B::bayesian_linear_backward(ops.state, gradient, wanted, self.0);
        register::<B, 5>(grads, parents, gradients);
    }
}

impl<B: RandomLinearOperations + RandomLinearBackward, C: CheckpointStrategy> RandomLinearOperations
    for Autodiff<B, C>
{
    /// Only the output is differentiable, not the other results.
    fn bayesian_linear(
        input: FloatTensor<Self>,
        parameters: Parameters<Self>,
        layer: Layer,
    ) -> Drawn<Self> {
        let nodes = [
            input.node(),
            parameters.weight_loc.node(),
            parameters.weight_log_variance.node(),
            parameters.bias_loc.node(),
            parameters.bias_variance.node(),
        ];
        let mut others = None;
        let output = record::<B, C, _, 5>(BayesianLinear(layer.precision), nodes, || {
            let input = input.into_primitive();
            let parameters = Parameters::<B> {
                weight_loc: parameters.weight_loc.into_primitive(),
                weight_log_variance: parameters.weight_log_variance.into_primitive(),
                bias_loc: parameters.bias_loc.into_primitive(),
                bias_variance: parameters.bias_variance.into_primitive(),
            };
            let (weight_loc, draw) = (parameters.weight_loc.clone(), layer.draw.clone());
            let function = layer.function;
            let layer = Layer {
                differentiable: true,
                ..layer
            };
            let drawn = B::bayesian_linear(input.clone(), parameters, layer);
            others = Some((drawn.weight_variance.clone(), drawn.known.clone()));
            let kept = Kept {
                input,
                weight_loc,
                weight_variance: drawn.weight_variance,
                known: drawn.known,
                draw,
                after: function.map(|function| (function, drawn.output.clone())),
            };
            (drawn.output, kept)
        });
        let (weight_variance, known) = others.expect("the operation has run");
        Drawn {
            output,
            weight_variance: FloatTensor::<Self>::new(weight_variance),
            known: FloatTensor::<Self>::new(known),
        }
    }
}
