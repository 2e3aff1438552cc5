//! The operations' backward passes.

mod bernoulli;
mod elementwise;
mod gaussian;
mod halves;
mod linear;
mod log_mean_exp;

use super::{
    AdamStep, Function, Parameter, Precision,
    operations::{LayerOperations, RowOperations, Wanted},
    random::Draw,
};
use burn::backend::{
    Backend,
    autodiff::{
        Autodiff,
        checkpoint::strategy::CheckpointStrategy,
        ops::{Backward, NodeGuard, OpsKind},
    },
    tensor::FloatTensor,
};

/// Runs an operation; if one of its inputs is tracked, `backward` will run on the state it leaves.
fn record<B: Backend, C: CheckpointStrategy, O: Backward<B, N>, const N: usize>(
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

/// There are no second derivatives.
const PLAIN: &str = "backward passes and optimizers run without autodiff";

impl<B: RowOperations, C: CheckpointStrategy> RowOperations for Autodiff<B, C> {
    /// Noise is a constant.
    fn normal(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::normal(like.into_primitive(), draw, shape))
    }

    fn uniform(like: FloatTensor<Self>, draw: Draw, shape: [usize; 3]) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::uniform(like.into_primitive(), draw, shape))
    }

    fn bernoulli_log_prob(logits: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        bernoulli::log_prob::<B, C>(logits, x)
    }

    fn gaussian_draw(
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self> {
        gaussian::draw::<B, C>(loc, parameter, spread, num_samples, draw)
    }

    fn log_prob_of_draw(
        parameter: Parameter,
        spread: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self> {
        gaussian::log_prob_of_draw::<B, C>(parameter, spread, num_samples, draw)
    }

    fn gaussian_log_prob(
        x: FloatTensor<Self>,
        loc: FloatTensor<Self>,
        parameter: Parameter,
        spread: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        gaussian::log_prob::<B, C>(x, loc, parameter, spread)
    }

    fn log_mean_exp(values: FloatTensor<Self>, negligible: f32) -> FloatTensor<Self> {
        log_mean_exp::forward::<B, C>(values, negligible)
    }

    fn bernoulli_log_prob_backward(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn gaussian_draw_backward(
        _: Parameter,
        _: FloatTensor<Self>,
        _: Draw,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn log_prob_of_draw_backward(
        _: Parameter,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn gaussian_log_prob_to_loc(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Parameter,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: usize,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn gaussian_log_prob_to_spread(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Parameter,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn log_mean_exp_backward(
        _: FloatTensor<Self>,
        _: f32,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }
}

impl<B: LayerOperations, C: CheckpointStrategy> LayerOperations for Autodiff<B, C> {
    fn apply(function: Function, input: FloatTensor<Self>) -> FloatTensor<Self> {
        elementwise::apply::<B, C>(function, input)
    }

    fn half(input: FloatTensor<Self>, half: usize) -> FloatTensor<Self> {
        halves::half::<B, C>(input, half)
    }

    fn affine(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        function: Option<Function>,
        precision: Precision,
    ) -> FloatTensor<Self> {
        linear::forward::<B, C>(input, weight, bias, function, precision)
    }

    /// The second and third result take no part in differentiation.
    fn bayesian_linear(
        input: FloatTensor<Self>,
        weight_loc: FloatTensor<Self>,
        weight_log_variance: FloatTensor<Self>,
        bias_loc: FloatTensor<Self>,
        bias_variance: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
        function: Option<Function>,
        precision: Precision,
        _: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let weights = [weight_loc, weight_log_variance];
        let biases = [bias_loc, bias_variance];
        linear::random::<B, C>(
            input,
            weights,
            biases,
            num_samples,
            draw,
            function,
            precision,
        )
    }

    fn apply_backward(
        _: Function,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn half_backward(_: usize, _: FloatTensor<Self>) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn affine_backward(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Wanted,
        _: Precision,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("{PLAIN}")
    }

    fn bayesian_bernoulli_log_prob(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Draw,
        _: Precision,
        _: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        unreachable!("{PLAIN}")
    }

    fn bayesian_linear_backward(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Draw,
        _: Option<Function>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: Wanted,
        _: Precision,
    ) -> (
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
        FloatTensor<Self>,
    ) {
        unreachable!("{PLAIN}")
    }

    fn adam(
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("{PLAIN}")
    }
}
