//! p(z | u) where u was drawn from z.

use crate::{distribution::Distribution, noise::Noise};
use burn::tensor::Tensor;
use std::sync::Arc;

/// p(z | u) for a u that was drawn from z.
///
/// KL(q(z | x) ‖ p(z | u)) in closed form is no term of a bound here, since u depends on z. This
/// private type makes sure that there is none: no distribution has a closed form against it.
#[derive(Debug)]
pub(super) struct GivenDraws(pub Arc<dyn Distribution>);

impl Distribution for GivenDraws {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.0.log_prob(x)
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        self.0.log_prob_of_features(x)
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.0.sample(num_samples, noise)
    }

    fn mean(&self) -> Tensor<3> {
        self.0.mean()
    }

    fn variance(&self) -> Tensor<3> {
        self.0.variance()
    }
}
