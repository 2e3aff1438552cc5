//! Gradients that reach a proposal along the path of its draws alone.

use burn::tensor::Tensor;

/// The factors, `[k, batch]`, of gradients that reach a proposal through its draws; without factors
/// the gradients are unchanged.
///
/// With factors, the densities of a proposal have constant parameters: see
/// [`log_weights_along_path`](super::LatentVariableModel::log_weights_along_path).
#[derive(Clone, Debug, Default)]
pub struct Path(Option<Tensor<2>>);

impl Path {
    /// No factors: gradients are unchanged.
    pub fn none() -> Self {
        Self(None)
    }

    /// Gradients along the path of draws only, multiplied by these factors.
    ///
    /// # Shapes
    ///
    /// `[k, batch]`.
    pub fn multiplied(factors: Tensor<2>) -> Self {
        Self(Some(factors))
    }

    /// Whether there are factors, so that densities of a proposal have constant parameters.
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// The draws z for use in densities: their gradients are multiplied by the factors.
    ///
    /// A layer above that draws from z must take z itself: otherwise its gradients would be
    /// multiplied twice.
    ///
    /// # Shapes
    ///
    /// `[k, batch, units]`.
    pub fn along(&self, z: &Tensor<3>) -> Tensor<3> {
        let Some(factors) = &self.0 else {
            return z.clone();
        };
        // The added term is exactly 0, so z keeps its value; only its gradient is scaled.
        let constant = z.clone().detach();
        constant.clone() + (z.clone() - constant) * factors.clone().unsqueeze_dim::<3>(2)
    }

    /// log q of the draws. Its value is `drawn`, which was computed with the draws. Its gradient is
    /// that of `along`, the same density with constant parameters.
    pub fn log_proposal(&self, drawn: Tensor<2>, along: impl FnOnce() -> Tensor<2>) -> Tensor<2> {
        if !self.is_some() {
            return drawn;
        }
        let along = along();
        drawn.detach() + (along.clone() - along.detach())
    }
}
