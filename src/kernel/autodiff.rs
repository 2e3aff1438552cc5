//! The operations' backward passes.

use super::{operations::Operations, random::Draw};
use burn::{
    backend::{
        TensorMetadata,
        autodiff::{
            Autodiff,
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        tensor::FloatTensor,
    },
    tensor::Shape,
};

#[derive(Debug)]
struct BernoulliBackward;

impl<B: Operations> Backward<B, 2> for BernoulliBackward {
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

#[derive(Debug)]
struct TanhBackward;

impl<B: Operations> Backward<B, 1> for TanhBackward {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [to_input] = ops.parents;
        if let Some(node) = to_input {
            grads.register::<B>(node.id, B::fast_tanh_backward(ops.state, gradient));
        }
    }
}

#[derive(Debug)]
struct GaussianDrawBackward;

impl<B: Operations> Backward<B, 2> for GaussianDrawBackward {
    type State = (FloatTensor<B>, Draw);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (variance, draw) = ops.state;
        let [to_loc, to_variance] = ops.parents;
        let broadcast = variance.shape()[0] != gradient.shape()[0];
        if let Some(node) = to_variance {
            let gradient = B::gaussian_draw_backward(variance, draw, gradient.clone());
            grads.register::<B>(node.id, gradient);
        }
        if let Some(node) = to_loc {
            let gradient = if broadcast {
                B::float_sum_dim(gradient, 0)
            } else {
                gradient
            };
            grads.register::<B>(node.id, gradient);
        }
    }
}

impl<B: Operations, C: CheckpointStrategy> Operations for Autodiff<B, C> {
    fn bernoulli_log_prob(logits: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [logits.node(), x.node()];
        match BernoulliBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let state = (logits.primitive().clone(), x.primitive().clone());
                let output = B::bernoulli_log_prob(logits.into_primitive(), x.into_primitive());
                prep.finish(state, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::bernoulli_log_prob(
                logits.into_primitive(),
                x.into_primitive(),
            )),
        }
    }

    fn fast_tanh(input: FloatTensor<Self>) -> FloatTensor<Self> {
        match TanhBackward
            .prepare::<C>([input.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let output = B::fast_tanh(input.into_primitive());
                prep.finish(output.clone(), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::fast_tanh(input.into_primitive())),
        }
    }

    fn gaussian_draw(
        loc: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self> {
        let nodes = [loc.node(), variance.node()];
        match GaussianDrawBackward
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let state = (variance.primitive().clone(), draw.clone());
                let (loc, variance) = (loc.into_primitive(), variance.into_primitive());
                prep.finish(state, B::gaussian_draw(loc, variance, num_samples, draw))
            }
            OpsKind::UnTracked(prep) => {
                let (loc, variance) = (loc.into_primitive(), variance.into_primitive());
                prep.finish(B::gaussian_draw(loc, variance, num_samples, draw))
            }
        }
    }

    // There are no second derivatives: a backward pass runs on plain tensors.

    fn bernoulli_log_prob_backward(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("backward passes run without autodiff")
    }

    fn fast_tanh_backward(_: FloatTensor<Self>, _: FloatTensor<Self>) -> FloatTensor<Self> {
        unreachable!("backward passes run without autodiff")
    }

    fn gaussian_draw_backward(
        _: FloatTensor<Self>,
        _: Draw,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("backward passes run without autodiff")
    }
}
