//! Recording of operations with a hand-written backward pass.

use burn::backend::{
    Backend,
    autodiff::{
        Autodiff, NodeId,
        checkpoint::strategy::CheckpointStrategy,
        grads::Gradients,
        ops::{Backward, NodeGuard, OpsKind},
    },
    tensor::FloatTensor,
};

/// Runs an operation. If an input is tracked, `backward` is recorded with the state that the
/// operation returns.
pub(super) fn record<B: Backend, C: CheckpointStrategy, O: Backward<B, N>, const N: usize>(
    backward: O,
    inputs: [NodeGuard; N],
    forward: impl FnOnce() -> (FloatTensor<B>, O::State),
) -> FloatTensor<Autodiff<B, C>> {
    match backward.prepare::<C>(inputs).compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let (output, state) = forward();
            prep.finish(state, output)
        }
        OpsKind::UnTracked(prep) => prep.finish(forward().0),
    }
}

/// Registers the gradient of each tracked parent.
pub(super) fn register<B: Backend, const N: usize>(
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
