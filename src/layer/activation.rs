//! Non-linearities.

use crate::kernel::{self, Function};
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

/// The non-linearity between two layers, applied to each entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Activation {
    /// tanh x: what Burda et al. 2016 use.
    #[default]
    Tanh,
    /// max(x, 0).
    Relu,
    /// x for x > 0, x/100 below.
    LeakyRelu,
    /// log(1 + eˣ).
    Softplus,
    /// 1/(1 + e⁻ˣ).
    Sigmoid,
    /// x·Φ(x), with the normal distribution function Φ.
    Gelu,
    /// x·sigmoid(x).
    Silu,
    /// x: makes a network linear.
    Identity,
}

impl Activation {
    /// The function that a linear layer applies in the pass that adds its bias, and what remains to
    /// be applied afterwards.
    pub(super) fn within_layer(self) -> (Option<Function>, Self) {
        match self {
            Self::Tanh => (Some(Function::Tanh), Self::Identity),
            Self::Sigmoid => (Some(Function::Sigmoid), Self::Identity),
            Self::Relu => (Some(Function::Relu), Self::Identity),
            Self::LeakyRelu => (Some(Function::LeakyRelu), Self::Identity),
            other => (None, other),
        }
    }

    /// Applies the non-linearity to each entry.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Tanh => kernel::apply(Function::Tanh, input),
            Self::Relu => kernel::apply(Function::Relu, input),
            Self::LeakyRelu => kernel::apply(Function::LeakyRelu, input),
            Self::Softplus => kernel::apply(Function::Softplus, input),
            Self::Sigmoid => kernel::apply(Function::Sigmoid, input),
            Self::Gelu => activation::gelu(input),
            Self::Silu => kernel::apply(Function::Silu, input),
            Self::Identity => input,
        }
    }
}
