//! Linear layers with fixed and with random weights.

use super::{Draw, Function, LayerOperations, Precision, Wanted, record};
use burn::backend::{
    Backend,
    autodiff::{
        Autodiff, NodeId,
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops},
    },
    tensor::FloatTensor,
};

#[derive(Debug)]
struct Linear(Precision);

/// A function at a layer's end, and the layer's output, from which the function is differentiated.
type After<T> = Option<(Function, T)>;

/// The gradient of what the function was applied to.
fn before<B: LayerOperations>(
    after: After<FloatTensor<B>>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    match after {
        Some((function, output)) => B::apply_backward(function, output, gradient),
        None => gradient,
    }
}

impl<B: LayerOperations> Backward<B, 3> for Linear {
    type State = (FloatTensor<B>, FloatTensor<B>, After<FloatTensor<B>>);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (input, weight, after) = ops.state;
        let gradient = before::<B>(after, grads.consume::<B>(&ops.node));
        let parents = ops.parents.map(|node| node.map(|node| node.id));
        let wanted = wanted(&parents);
        let (to_input, to_weight, to_bias) =
            B::affine_backward(input, weight, gradient, wanted, self.0);
        register::<B, 3>(grads, parents, [to_input, to_weight, to_bias]);
    }
}

/// What is asked for of a layer whose first parent is its input.
fn wanted(parents: &[Option<NodeId>]) -> Wanted {
    Wanted {
        input: parents[0].is_some(),
        parameters: parents[1..].iter().any(Option::is_some),
    }
}

fn register<B: Backend, const N: usize>(
    grads: &mut Gradients,
    parents: [Option<NodeId>; N],
    gradients: [FloatTensor<B>; N],
) {
    for (node, gradient) in parents.into_iter().zip(gradients) {
        if let Some(node) = node {
            grads.register::<B>(node, gradient);
        }
    }
}

pub(super) fn forward<B: LayerOperations, C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<B, C>>,
    weight: FloatTensor<Autodiff<B, C>>,
    bias: FloatTensor<Autodiff<B, C>>,
    function: Option<Function>,
    precision: Precision,
) -> FloatTensor<Autodiff<B, C>> {
    let nodes = [input.node(), weight.node(), bias.node()];
    record::<B, C, _, 3>(Linear(precision), nodes, || {
        let (input, weight) = (input.into_primitive(), weight.into_primitive());
        let bias = bias.into_primitive();
        let output = B::affine(input.clone(), weight.clone(), bias, function, precision);
        let after = function.map(|function| (function, output.clone()));
        (output, (input, weight, after))
    })
}

/// An output and what its backward pass needs.
type Three<T> = (T, T, T);

#[derive(Debug)]
struct BayesianLinear(Precision);

#[derive(Clone, Debug)]
struct Random<B: LayerOperations> {
    input: FloatTensor<B>,
    weight_loc: FloatTensor<B>,
    weight_variance: FloatTensor<B>,
    /// Of the output's variance.
    known: FloatTensor<B>,
    draw: Draw,
    after: After<FloatTensor<B>>,
}

impl<B: LayerOperations> Backward<B, 5> for BayesianLinear {
    type State = Random<B>;

    fn backward(self, ops: Ops<Self::State, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Random {
            input,
            weight_loc,
            weight_variance,
            known,
            draw,
            after,
        } = ops.state;
        let gradient = grads.consume::<B>(&ops.node);
        let parents = ops.parents.map(|node| node.map(|node| node.id));
        let wanted = wanted(&parents);
        let (function, after) = match after {
            Some((function, known)) => (Some(function), known),
            None => (None, input.clone()),
        };
        let gradients = B::bayesian_linear_backward(
            input,
            weight_loc,
            weight_variance,
            known,
            draw,
            function,
            after,
            gradient,
            wanted,
            self.0,
        );
        register::<B, 5>(grads, parents, gradients.into());
    }
}

pub(super) fn random<B: LayerOperations, C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<B, C>>,
    [weight_loc, weight_log_variance]: [FloatTensor<Autodiff<B, C>>; 2],
    [bias_loc, bias_variance]: [FloatTensor<Autodiff<B, C>>; 2],
    num_samples: usize,
    draw: Draw,
    function: Option<Function>,
    precision: Precision,
) -> Three<FloatTensor<Autodiff<B, C>>> {
    let nodes = [
        input.node(),
        weight_loc.node(),
        weight_log_variance.node(),
        bias_loc.node(),
        bias_variance.node(),
    ];
    let mut kept = None;
    let output = record::<B, C, _, 5>(BayesianLinear(precision), nodes, || {
        let (input, weight_loc) = (input.into_primitive(), weight_loc.into_primitive());
        let (output, weight_variance, known) = B::bayesian_linear(
            input.clone(),
            weight_loc.clone(),
            weight_log_variance.into_primitive(),
            bias_loc.into_primitive(),
            bias_variance.into_primitive(),
            num_samples,
            draw.clone(),
            function,
            precision,
            true,
        );
        kept = Some((weight_variance.clone(), known.clone()));
        let state = Random {
            input,
            weight_loc,
            weight_variance,
            known,
            draw,
            after: function.map(|function| (function, output.clone())),
        };
        (output, state)
    });
    let (weight_variance, known) = kept.expect("the operation has run");
    let constant = FloatTensor::<Autodiff<B, C>>::new;
    (output, constant(weight_variance), constant(known))
}
