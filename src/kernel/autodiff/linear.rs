//! Linear layers with fixed and with random weights.

use super::{Draw, LayerOperations, record};
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
struct Linear;

impl<B: LayerOperations> Backward<B, 3> for Linear {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (input, weight) = ops.state;
        let [to_input, to_weight, to_bias] = ops.parents;
        if let Some(node) = to_input {
            grads.register::<B>(node.id, B::affine_to_input(weight, gradient.clone()));
        }
        if let Some(node) = to_bias {
            grads.register::<B>(node.id, B::affine_to_bias(gradient.clone()));
        }
        if let Some(node) = to_weight {
            grads.register::<B>(node.id, B::affine_to_weight(input, gradient));
        }
    }
}

pub(super) fn forward<B: LayerOperations, C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<B, C>>,
    weight: FloatTensor<Autodiff<B, C>>,
    bias: FloatTensor<Autodiff<B, C>>,
) -> FloatTensor<Autodiff<B, C>> {
    let nodes = [input.node(), weight.node(), bias.node()];
    record::<B, C, _, 3>(Linear, nodes, || {
        let (input, weight) = (input.into_primitive(), weight.into_primitive());
        let output = B::affine(input.clone(), weight.clone(), bias.into_primitive());
        (output, (input, weight))
    })
}

/// An output and what its backward pass needs.
type Three<T> = (T, T, T);

#[derive(Debug)]
struct BayesianLinear;

#[derive(Clone, Debug)]
struct Random<B: LayerOperations> {
    input: FloatTensor<B>,
    weight_loc: FloatTensor<B>,
    weight_variance: FloatTensor<B>,
    variance: FloatTensor<B>,
    draw: Draw,
}

impl<B: LayerOperations> Backward<B, 5> for BayesianLinear {
    type State = Random<B>;

    fn backward(self, ops: Ops<Self::State, 5>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let Random {
            input,
            weight_loc,
            weight_variance,
            variance,
            draw,
        } = ops.state;
        let [
            input_node,
            loc_node,
            log_variance_node,
            bias_loc_node,
            bias_variance_node,
        ] = ops.parents;
        let (to_loc, to_variance) = B::gaussian_draw_to_loc_and_variance(variance, draw, gradient);
        if let Some(node) = bias_loc_node {
            grads.register::<B>(node.id, B::affine_to_bias(to_loc.clone()));
        }
        if let Some(node) = bias_variance_node {
            grads.register::<B>(node.id, B::affine_to_bias(to_variance.clone()));
        }
        if let Some(node) = loc_node {
            grads.register::<B>(node.id, B::affine_to_weight(input.clone(), to_loc.clone()));
        }
        if let Some(node) = log_variance_node {
            let gradient = B::bayesian_linear_to_log_variance(
                input.clone(),
                weight_variance.clone(),
                to_variance.clone(),
            );
            grads.register::<B>(node.id, gradient);
        }
        if let Some(node) = input_node {
            let gradient = B::bayesian_linear_to_input(
                input,
                weight_loc,
                weight_variance,
                to_loc,
                to_variance,
            );
            grads.register::<B>(node.id, gradient);
        }
    }
}

pub(super) fn random<B: LayerOperations, C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<B, C>>,
    [weight_loc, weight_log_variance]: [FloatTensor<Autodiff<B, C>>; 2],
    [bias_loc, bias_variance]: [FloatTensor<Autodiff<B, C>>; 2],
    num_samples: usize,
    draw: Draw,
) -> Three<FloatTensor<Autodiff<B, C>>> {
    let nodes = [
        input.node(),
        weight_loc.node(),
        weight_log_variance.node(),
        bias_loc.node(),
        bias_variance.node(),
    ];
    let mut kept = None;
    let output = record::<B, C, _, 5>(BayesianLinear, nodes, || {
        let (input, weight_loc) = (input.into_primitive(), weight_loc.into_primitive());
        let (output, weight_variance, variance) = B::bayesian_linear(
            input.clone(),
            weight_loc.clone(),
            weight_log_variance.into_primitive(),
            bias_loc.into_primitive(),
            bias_variance.into_primitive(),
            num_samples,
            draw.clone(),
        );
        kept = Some((weight_variance.clone(), variance.clone()));
        let state = Random {
            input,
            weight_loc,
            weight_variance,
            variance,
            draw,
        };
        (output, state)
    });
    let (weight_variance, variance) = kept.expect("the operation has run");
    let constant = FloatTensor::<Autodiff<B, C>>::new;
    (output, constant(weight_variance), constant(variance))
}
