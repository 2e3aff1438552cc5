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
/// A head has no parameters. Records and resumed runs compare heads by what they print.
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

    /// The number of outputs that the head needs for `num_features` features.
    fn num_outputs(&self, num_features: usize) -> usize;

    /// The distribution of these outputs.
    ///
    /// # Shapes
    ///
    /// `[1 or samples, batch, num_outputs]` → parameters `[1 or samples, batch, num_features]`.
    fn distribution(&self, outputs: Tensor<3>) -> Self::Output;

    /// The values that the distribution gives probability to.
    fn support(&self) -> Support;

    /// The log-probability of `x` under the distribution of a network's outputs, in nats.
    ///
    /// The default makes the distribution. A head may compute the number without it.
    ///
    /// # Shapes
    ///
    /// `input` is `[1 or num_samples, batch, inputs]`, `x` is `[1, batch, features]`, the result
    /// `[1 or num_samples, batch]`.
    ///
    /// # Panics
    ///
    /// If the network's number of outputs is not what the features of `x` need.
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

    /// Maps a mask of features to a mask of their outputs, `[num_features]` → `[num_outputs]`, 1 to
    /// keep and 0 to switch off.
    ///
    /// Features whose outputs are 0 must be N(0, 1). `None` if the head has no such outputs.
    fn outputs_to_keep(&self, _keep: Tensor<1>) -> Option<Tensor<1>> {
        None
    }
}

/// Refuses a network whose number of outputs is not what the head needs.
pub(super) fn check_outputs(found: usize, needed: usize, features: usize) {
    assert!(
        found == needed,
        "for the {features} features of x the network needs {needed} outputs, it has {found}"
    );
}
