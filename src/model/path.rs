//! Gradients that reach a proposal along the path of its draws alone.

use burn::tensor::Tensor;

/// What gradients are multiplied by that reach a proposal through its draws, `[k, batch]`; or
/// nothing, for the gradients as they are.
///
/// With it, densities of a proposal have constant parameters: see
/// [`log_weights_along_path`](super::LatentVariableModel::log_weights_along_path).
#[derive(Clone, Debug, Default)]
pub struct Path(Option<Tensor<2>>);

impl Path {
    /// Gradients as they are.
    pub fn none() -> Self {
        Self(None)
    }

    /// Gradients along the path of draws alone, multiplied.
    ///
    /// # Shapes
    ///
    /// `[k, batch]`.
    pub fn multiplied(factors: Tensor<2>) -> Self {
        Self(Some(factors))
    }

    /// Whether densities of a proposal have constant parameters.
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// The draws, where they are weighed: their gradients are multiplied. What is drawn from them
    /// in turn takes the draws themselves, else it would be multiplied twice.
    ///
    /// # Shapes
    ///
    /// `[k, batch, units]`.
    pub fn along(&self, z: &Tensor<3>) -> Tensor<3> {
        let Some(factors) = &self.0 else {
            return z.clone();
        };
        // Keeps its value: what is added is 0, and has a gradient.
        let constant = z.clone().detach();
        constant.clone() + (z.clone() - constant) * factors.clone().unsqueeze_dim::<3>(2)
    }

    /// log q of the draws: the value as it was found with them, the gradient of `along`, that of
    /// the same density with constant parameters.
    pub fn log_proposal(&self, drawn: Tensor<2>, along: impl FnOnce() -> Tensor<2>) -> Tensor<2> {
        if !self.is_some() {
            return drawn;
        }
        let along = along();
        drawn.detach() + (along.clone() - along.detach())
    }
}
