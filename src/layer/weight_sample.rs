//! Draws of a layer's weights.

use burn::tensor::{Tensor, module::linear};

/// One draw of a layer's weights; see
/// [`BayesianLinear::sample_weights`](super::BayesianLinear::sample_weights).
#[derive(Clone, Debug)]
pub struct WeightSample {
    /// W, `[d_input, d_output]`.
    pub weight: Tensor<2>,
    /// b, `[d_output]`.
    pub bias: Option<Tensor<1>>,
}

impl WeightSample {
    /// x W + b.
    ///
    /// # Shapes
    ///
    /// `[.., d_input]` → `[.., d_output]`.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        linear(input, self.weight.clone(), self.bias.clone())
    }
}
