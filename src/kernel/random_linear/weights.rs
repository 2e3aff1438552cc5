//! The parameters of a layer.

use crate::kernel::{
    body::has_layers,
    linear::{check, precision_of, zeros_like_columns},
};
use burn::{
    backend::{Backend, Dispatch, ExtensionType, tensor::FloatTensor},
    tensor::{DType, Tensor},
};
use burn_bayes_cpu::Precision;

/// The parameters of a layer as a fused body takes them.
#[derive(ExtensionType)]
pub struct Parameters<B: Backend> {
    pub weight_loc: FloatTensor<B>,
    pub weight_log_variance: FloatTensor<B>,
    pub bias_loc: FloatTensor<B>,
    pub bias_variance: FloatTensor<B>,
}

/// The parameters of a linear layer with random weights, and the number type of its products if it
/// is not that of the parameters.
pub(crate) struct RandomWeights {
    pub loc: Tensor<2>,
    pub log_variance: Tensor<2>,
    pub bias_loc: Option<Tensor<1>>,
    pub bias_variance: Option<Tensor<1>>,
    pub product: Option<DType>,
}

impl RandomWeights {
    /// The precision of a fused body's products; `None` if there is no fused body for these
    /// parameters and the input.
    pub(in crate::kernel) fn fused(&self, input: &Tensor<3>) -> Option<Precision> {
        let all = has_layers(input)
            && has_layers(&self.loc)
            && has_layers(&self.log_variance)
            && self.bias_loc.as_ref().is_none_or(has_layers)
            && self.bias_variance.as_ref().is_none_or(has_layers);
        precision_of(self.product).filter(|_| all)
    }

    /// Whether any of them is on a device with autodiff.
    pub(in crate::kernel) fn are_on_autodiff(&self) -> bool {
        let biases = [&self.bias_loc, &self.bias_variance].into_iter().flatten();
        self.loc.device().is_autodiff()
            || self.log_variance.device().is_autodiff()
            || biases.into_iter().any(|bias| bias.device().is_autodiff())
    }

    /// Replaces missing biases by zeros.
    ///
    /// # Panics
    ///
    /// If the parameters do not fit each other or the input.
    pub(in crate::kernel) fn into_dispatch(self, input: &Tensor<3>) -> Parameters<Dispatch> {
        let zeros = || zeros_like_columns(&self.loc);
        let bias_loc = self.bias_loc.unwrap_or_else(zeros);
        let bias_variance = self.bias_variance.unwrap_or_else(zeros);
        check(input, &self.loc, &bias_loc);
        check(input, &self.log_variance, &bias_variance);
        Parameters {
            weight_loc: self.loc.into_dispatch(),
            weight_log_variance: self.log_variance.into_dispatch(),
            bias_loc: bias_loc.into_dispatch(),
            bias_variance: bias_variance.into_dispatch(),
        }
    }
}
