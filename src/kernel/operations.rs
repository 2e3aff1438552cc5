//! The operations as an extension of burn's backends.

use super::random::Draw;
use burn::backend::{Backend, backend_extension, tensor::FloatTensor};

/// Operations of backends with fused bodies. Those of other backends are never called: see
/// `is_fused`.
#[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
pub trait Operations: Backend {
    /// See [`super::bernoulli_log_prob`].
    fn bernoulli_log_prob(logits: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// gradient · (x − sigmoid(logits)), the gradient being `[samples, batch]`.
    fn bernoulli_log_prob_backward(
        logits: FloatTensor<Self>,
        x: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::tanh`].
    fn fast_tanh(input: FloatTensor<Self>) -> FloatTensor<Self>;

    /// gradient · (1 − output²).
    fn fast_tanh_backward(
        output: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// See [`super::gaussian_draw`].
    fn gaussian_draw(
        loc: FloatTensor<Self>,
        variance: FloatTensor<Self>,
        num_samples: usize,
        draw: Draw,
    ) -> FloatTensor<Self>;

    /// gradient · ε / (2√variance), summed over samples if there is one variance for all.
    fn gaussian_draw_backward(
        variance: FloatTensor<Self>,
        draw: Draw,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}
