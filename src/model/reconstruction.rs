//! What a model makes of rows that it has seen.

use super::{ConditionalVae, Ladder, LatentPrior, LatentVariableModel, ModelNoise, Vae};
use crate::{
    data::Rows,
    distribution::{Distribution, Reparameterized},
    network::{Conditional, Head, Network},
    noise::Noise,
};
use burn::tensor::Tensor;

/// A model that makes a row anew: z from q(z | x), then x' from p(x' | z).
///
/// [`evaluate::predictive_variance`](crate::evaluate::predictive_variance) asks for no more, of a
/// model of your own, too.
///
/// # Example
///
/// ```
/// use burn_bayes::{model::Reconstruct, prelude::*};
///
/// let model = VaeConfig::new(4, 2).init(&Device::default(), &mut Noise::seeded(0));
/// let x = Tensor::<2>::ones([3, 4], &Device::default());
/// let p = model.reconstruction(x, 10, &mut Noise::seeded(1));
/// assert_eq!(p.variance().dims(), [10, 3, 4]);
/// ```
pub trait Reconstruct<D: Rows = Tensor<2>>: LatentVariableModel<D> {
    /// p(x' | z) at `num_samples` draws of z from q(z | x), for each row of x.
    ///
    /// # Shapes
    ///
    /// Parameters are `[num_samples, batch, d_data]`.
    fn reconstruction(&self, x: D, num_samples: usize, noise: &mut Noise) -> Box<dyn Distribution>;
}

impl<EH, EN, P, DH, DN> Reconstruct for Vae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    fn reconstruction(
        &self,
        x: Tensor<2>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Box<dyn Distribution> {
        let q = self.encode(x, num_samples, noise);
        let z = q.sample(num_samples, noise);
        Box::new(self.decode(z, noise))
    }
}

/// The covariates are those of the row, in q(z | x, c) and in p(x' | z, c).
impl<EH, EN, P, DH, DN> Reconstruct<(Tensor<2>, Tensor<2>)>
    for ConditionalVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    fn reconstruction(
        &self,
        (c, x): (Tensor<2>, Tensor<2>),
        num_samples: usize,
        noise: &mut Noise,
    ) -> Box<dyn Distribution> {
        let q = self.encode((c.clone(), x), num_samples, noise);
        let z = q.sample(num_samples, noise);
        Box::new(self.decode(z, c, noise))
    }
}

/// The latents are drawn from the top layer down.
impl<H: Head, N: Network> Reconstruct for Ladder<Conditional<H, N>> {
    fn reconstruction(
        &self,
        x: Tensor<2>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Box<dyn Distribution> {
        let mut noise = ModelNoise::of(noise);
        let z = self.draw_lowest(x, num_samples, &mut noise);
        let decoder = &mut noise.decoder;
        Box::new(self.decoder.forward(z, num_samples, decoder))
    }
}

impl<EH, EN, P, DH, DN> Vae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// The mean of p(x | z) at `num_samples` draws of z from q(z | x).
    ///
    /// # Shapes
    ///
    /// `[batch, d_data]` → `[num_samples, batch, d_data]`.
    pub fn reconstruct(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.reconstruction(x, num_samples, noise).mean()
    }
}

impl<EH, EN, P, DH, DN> ConditionalVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// The mean of p(x | z, c) at `num_samples` draws of z from q(z | x, c).
    ///
    /// # Shapes
    ///
    /// `[num_samples, batch, d_data]`.
    pub fn reconstruct(
        &self,
        rows: (Tensor<2>, Tensor<2>),
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<3> {
        self.reconstruction(rows, num_samples, noise).mean()
    }
}

impl<H: Head, N: Network> Ladder<Conditional<H, N>> {
    /// The mean of p(x | z₁) at `num_samples` draws of the latents.
    ///
    /// # Shapes
    ///
    /// `[batch, d_data]` → `[num_samples, batch, d_data]`.
    pub fn reconstruct(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        self.reconstruction(x, num_samples, noise).mean()
    }
}
