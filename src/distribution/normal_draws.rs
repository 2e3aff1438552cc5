//! Draws of normal distributions, with gradients.

use super::{Distribution, Normal, Reparameterized};
use crate::{kernel, noise::Noise};
use burn::tensor::Tensor;
use std::any::Any;

impl Normal<3> {
    /// `num_samples` reparametrized samples of each row, independent in every entry.
    ///
    /// # Shapes
    ///
    /// Parameters `[1 or num_samples, batch, features]` → `[num_samples, batch, features]`.
    ///
    /// # Panics
    ///
    /// If the parameters' first axis is neither 1 nor `num_samples`.
    pub fn rsample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.check_samples(num_samples);
        let (parameter, spread) = self.parameter();
        kernel::gaussian_draw(self.loc(), parameter, spread, num_samples, noise.next())
    }

    /// [`rsample`](Self::rsample) and the log-density of each sample, from the same noise.
    ///
    /// # Shapes
    ///
    /// Samples `[num_samples, batch, features]`, log-densities `[num_samples, batch]`.
    ///
    /// # Panics
    ///
    /// If the parameters' first axis is neither 1 nor `num_samples`.
    pub fn rsample_with_log_prob(
        &self,
        num_samples: usize,
        noise: &mut Noise,
    ) -> (Tensor<3>, Tensor<2>) {
        self.check_samples(num_samples);
        let (draw, (parameter, spread)) = (noise.next(), self.parameter());
        (
            kernel::gaussian_draw(
                self.loc(),
                parameter,
                spread.clone(),
                num_samples,
                draw.clone(),
            ),
            kernel::log_prob_of_draw(parameter, spread, num_samples, draw),
        )
    }

    fn check_samples(&self, num_samples: usize) {
        let [samples, ..] = self.loc.dims();
        assert!(
            samples == 1 || samples == num_samples,
            "the parameters are those of {samples} samples, {num_samples} were asked for"
        );
    }
}

impl Normal<2> {
    /// One reparametrized sample that belongs to no datapoint, such as a weight matrix. Shape
    /// `[rows, columns]`, as the parameters.
    pub fn rsample_matrix(&self, noise: &mut Noise) -> Tensor<2> {
        let epsilon = noise.normal_matrix(self.loc.dims(), &self.loc.device());
        self.rsample_from_noise(epsilon)
    }
}

impl Distribution for Normal<3> {
    fn log_prob(&self, x: Tensor<3>) -> Tensor<2> {
        self.log_prob(x)
    }

    fn log_prob_of_features(&self, x: Tensor<3>) -> Option<Tensor<3>> {
        Some(self.log_prob_elementwise(x))
    }

    fn sample(&self, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.rsample(num_samples, noise)
    }

    fn mean(&self) -> Tensor<3> {
        self.mean()
    }

    fn variance(&self) -> Tensor<3> {
        self.variance()
    }
}

impl Reparameterized for Normal<3> {
    fn rsample_with_log_prob(
        &self,
        num_samples: usize,
        noise: &mut Noise,
    ) -> (Tensor<3>, Tensor<2>) {
        self.rsample_with_log_prob(num_samples, noise)
    }

    fn detached(&self) -> Box<dyn Reparameterized> {
        Box::new(self.map(Tensor::detach))
    }

    fn kl_divergence(&self, prior: &dyn Distribution) -> Option<Tensor<2>> {
        let prior = (prior as &dyn Any).downcast_ref::<Self>()?;
        Some(self.kl_divergence(prior))
    }
}
