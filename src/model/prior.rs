//! p(z).

use crate::distribution::{Distribution, Normal};
use burn::{
    module::{Module, ModuleDisplay},
    tensor::{Device, Tensor},
};
use std::sync::Arc;

/// The prior p(z) of a stochastic layer. It is a part of the model: if it has parameters, they are
/// learned with the others.
///
/// # Example
///
/// A normal distribution with unit variance and a learned mean.
///
/// ```
/// use burn::module::Param;
/// use burn_bayes::{model::Prior, prelude::*};
/// use std::sync::Arc;
///
/// #[derive(Module, Debug)]
/// struct Shifted {
///     mean: Param<Tensor<1>>,
/// }
///
/// impl Prior for Shifted {
///     fn num_units(&self) -> usize {
///         self.mean.val().dims()[0]
///     }
///
///     fn distribution(&self, batch: usize, _: &Device) -> Arc<dyn Distribution> {
///         let mean = self.mean.val().unsqueeze::<3>().expand([1, batch, self.num_units()]);
///         Arc::new(Normal::new(mean.clone(), mean.ones_like()))
///     }
/// }
/// # let prior = Shifted { mean: Param::from_tensor(Tensor::zeros([2], &Device::default())) };
/// # assert_eq!(prior.distribution(3, &Device::default()).mean().dims(), [1, 3, 2]);
/// ```
pub trait Prior: Module + ModuleDisplay {
    /// The number of latent variables.
    fn num_units(&self) -> usize;

    /// p(z) for each row of a batch.
    ///
    /// # Shapes
    ///
    /// Parameters `[1, batch, num_units]`.
    fn distribution(&self, batch: usize, device: &Device) -> Arc<dyn Distribution>;

    /// Whether this is N(0, I). Then a unit with q(u | x) = N(0, 1) adds nothing to a log-weight.
    fn is_standard_normal(&self) -> bool {
        false
    }
}

/// N(0, I).
#[derive(Module, Debug)]
pub struct StandardNormal {
    num_units: usize,
}

impl StandardNormal {
    /// The prior of this number of latent variables.
    pub fn new(num_units: usize) -> Self {
        Self { num_units }
    }
}

impl Prior for StandardNormal {
    fn num_units(&self) -> usize {
        self.num_units
    }

    fn distribution(&self, batch: usize, device: &Device) -> Arc<dyn Distribution> {
        let shape = [1, batch, self.num_units];
        Arc::new(Normal::new(
            Tensor::zeros(shape, device),
            Tensor::ones(shape, device),
        ))
    }

    fn is_standard_normal(&self) -> bool {
        true
    }
}
