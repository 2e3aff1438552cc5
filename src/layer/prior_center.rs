//! The centre of a prior of weights.

use crate::distribution::Normal;
use burn::{
    module::{Module, Param},
    tensor::Tensor,
};

/// The means of a layer's prior, which are not trained.
#[derive(Module, Debug)]
pub struct PriorCenter {
    weight: Param<Tensor<2>>,
    bias: Option<Param<Tensor<1>>>,
}

impl PriorCenter {
    pub fn new(weight: Tensor<2>, bias: Option<Tensor<1>>) -> Self {
        Self {
            weight: Param::from_tensor(weight.detach()).set_require_grad(false),
            bias: bias.map(|bias| Param::from_tensor(bias.detach()).set_require_grad(false)),
        }
    }

    /// The posterior of weights relative to the centre.
    pub fn weight_from(center: Option<&Self>, posterior: Normal<2>) -> Normal<2> {
        moved(posterior, center.map(|center| center.weight.val()))
    }

    /// The same of biases.
    pub fn bias_from(center: Option<&Self>, posterior: Normal<1>) -> Normal<1> {
        let bias = center.and_then(|center| center.bias.as_ref());
        moved(posterior, bias.map(Param::val))
    }
}

fn moved<const D: usize>(posterior: Normal<D>, center: Option<Tensor<D>>) -> Normal<D> {
    match center {
        Some(center) => {
            Normal::from_log_variance(posterior.loc() - center, posterior.log_variance())
        }
        None => posterior,
    }
}
