//! Draws of a layer's weights.

use burn::{
    module::Param,
    nn::Linear,
    tensor::{Tensor, module::linear},
};

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

    /// The same numbers, without gradients to means and variances.
    pub fn detach(self) -> Self {
        Self {
            weight: self.weight.detach(),
            bias: self.bias.map(Tensor::detach),
        }
    }

    /// The layer with these weights. Weights that are part of a graph stay in it, so gradients flow
    /// through them. Others become parameters to train.
    pub(super) fn into_linear(self) -> Linear {
        Linear {
            weight: parameter(self.weight),
            bias: self.bias.map(parameter),
        }
    }
}

fn parameter<const D: usize>(tensor: Tensor<D>) -> Param<Tensor<D>> {
    #[cfg(feature = "autodiff")]
    if tensor.is_tracked() {
        return Param::initialized(burn::module::ParamId::new(), tensor);
    }
    Param::from_tensor(tensor)
}
