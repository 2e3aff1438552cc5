//! What turns a network's outputs into a distribution.

use super::Network;
use crate::{
    distribution::{Distribution, Support},
    noise::Noise,
};
use burn::tensor::Tensor;
use std::fmt::Debug;

/// Turns a network's outputs into a distribution.
///
/// A head has no parameters. What it prints is what tells it from others, in records and when runs
/// are resumed.
///
/// # Example
///
/// ```
/// use burn_bayes::{distribution::Support, prelude::*};
///
/// /// N(output, 1).
/// #[derive(Clone, Debug)]
/// struct UnitNormal;
///
/// impl Head for UnitNormal {
///     type Output = Normal<3>;
///
///     fn num_outputs(&self, num_features: usize) -> usize {
///         num_features
///     }
///
///     fn distribution(&self, outputs: Tensor<3>) -> Normal<3> {
///         Normal::new(outputs.clone(), outputs.ones_like())
///     }
///
///     fn support(&self) -> Support {
///         Support::Real
///     }
/// }
/// # let device = Device::default();
/// # let mlp = MlpConfig::new(2, vec![5], 3).init(&device, &mut Noise::seeded(0));
/// let decoder = Conditional::from_parts(mlp, UnitNormal);
/// # let z = Tensor::zeros([1, 4, 2], &device);
/// # assert_eq!(decoder.forward(z, 1, &mut Noise::seeded(0)).mean().dims(), [1, 4, 3]);
/// ```
pub trait Head: Clone + Debug + Send + Sync + 'static {
    /// The distribution.
    type Output: Distribution;

    /// How many outputs it needs for so many features.
    fn num_outputs(&self, num_features: usize) -> usize;

    /// The distribution of these outputs.
    ///
    /// # Shapes
    ///
    /// `[1 or samples, batch, num_outputs]` → parameters `[1 or samples, batch, num_features]`.
    fn distribution(&self, outputs: Tensor<3>) -> Self::Output;

    /// The values that the distribution gives probability to.
    fn support(&self) -> Support;

    /// The log-probability of `x` under the distribution of a network's outputs. A head may say how
    /// it is found without the distribution.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch]`.
    ///
    /// # Panics
    ///
    /// If the network has not the outputs that the features of `x` need.
    fn log_prob<N: Network>(
        &self,
        network: &N,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        let outputs = network.forward(input, num_samples, noise);
        let ([.., found], [.., features]) = (outputs.dims(), x.dims());
        check_outputs(found, self.num_outputs(features), features);
        self.distribution(outputs).log_prob(x)
    }

    /// The outputs that belong to the features in `keep`, 1 to keep and 0 not, where the others are
    /// standard normal if their outputs are 0: `[num_features]` → `[num_outputs]`. `None` where
    /// there are no such.
    fn outputs_to_keep(&self, _keep: Tensor<1>) -> Option<Tensor<1>> {
        None
    }
}

/// Refuses a network of other outputs than a head needs.
pub(super) fn check_outputs(found: usize, needed: usize, features: usize) {
    assert!(
        found == needed,
        "for the {features} features of x the network needs {needed} outputs, it has {found}"
    );
}
