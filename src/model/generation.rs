//! New data, and the latents that they are made of.

use super::{ConditionalVae, IncompleteVae, Ladder, LatentPrior, Vae};
use crate::{
    distribution::{Distribution, Reparameterized},
    network::{Conditional, Head, Network},
    noise::Noise,
};
use burn::{module::Module, tensor::Tensor};

impl<EH, EN, P, DH, DN> Vae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// `num` draws of z from its prior, whatever that is; [`decode`](Self::decode) takes them.
    ///
    /// Of several stochastic layers z is the lowest: those above are drawn first, from the top
    /// down.
    ///
    /// # Shapes
    ///
    /// `[1, num, d_latent]`.
    ///
    /// # Example
    ///
    /// The means of new data, as pictures usually show them.
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let model = VaeConfig::new(784, 20).init(&Device::default(), &mut Noise::seeded(0));
    /// let mut noise = Noise::seeded(1);
    /// let z = model.sample_latents(5, &mut noise);
    /// let pictures = model.decode(z, &mut noise).mean();
    /// assert_eq!(pictures.dims(), [1, 5, 784]);
    /// ```
    pub fn sample_latents(&self, num: usize, noise: &mut Noise) -> Tensor<3> {
        let device = self.devices().swap_remove(0);
        self.prior.draw(num, &self.encoder, &device, noise)
    }

    /// `num` data drawn from the model: z [from its prior](Self::sample_latents), then x from
    /// p(x | z).
    ///
    /// # Shapes
    ///
    /// `[num, d_data]`.
    ///
    /// # Panics
    ///
    /// If `num` is 0: burn 0.22 has no tensors without rows.
    pub fn sample(&self, num: usize, noise: &mut Noise) -> Tensor<2> {
        let z = self.sample_latents(num, noise);
        self.decode(z, noise).sample(1, noise).squeeze_dim(0)
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
    /// `num` draws of z from its prior, which does not know c; [`decode`](Self::decode) takes
    /// them, with a row of covariates for each.
    ///
    /// # Shapes
    ///
    /// `[1, num, d_latent]`.
    ///
    /// # Example
    ///
    /// The mean of x for each of two groups, at the same five z.
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let model = VaeConfig::new(3, 2).init_conditional(1, &device, &mut noise);
    /// let z = model.sample_latents(5, &mut noise);
    /// let [first, second] = [0.0, 1.0].map(|group| {
    ///     let c = Tensor::<2>::full([5, 1], group, &device);
    ///     model.decode(z.clone(), c, &mut noise).mean()
    /// });
    /// assert_eq!((first - second).dims(), [1, 5, 3]);
    /// ```
    pub fn sample_latents(&self, num: usize, noise: &mut Noise) -> Tensor<3> {
        self.vae.sample_latents(num, noise)
    }

    /// A draw of x for each row of `c`: z from its prior, then x from p(x | z, c).
    ///
    /// # Shapes
    ///
    /// `[batch, num_covariates]` → `[batch, d_data]`.
    ///
    /// # Panics
    ///
    /// If `c` has no rows: burn 0.22 has no tensors without them.
    pub fn sample(&self, c: Tensor<2>, noise: &mut Noise) -> Tensor<2> {
        let [batch, _] = c.dims();
        let z = self.sample_latents(batch, noise);
        self.decode(z, c, noise).sample(1, noise).squeeze_dim(0)
    }
}

impl<EH, EN, P, DH, DN> IncompleteVae<Conditional<EH, EN>, P, Conditional<DH, DN>>
where
    EH: Head<Output: Reparameterized>,
    EN: Network,
    P: LatentPrior,
    DH: Head,
    DN: Network,
{
    /// `num` draws of z from its prior; [`decode`](Self::decode) takes them.
    ///
    /// # Shapes
    ///
    /// `[1, num, d_latent]`.
    pub fn sample_latents(&self, num: usize, noise: &mut Noise) -> Tensor<3> {
        self.vae.sample_latents(num, noise)
    }

    /// `num` whole rows drawn from the model: z from its prior, then x from p(x | z).
    ///
    /// # Shapes
    ///
    /// `[num, d_data]`.
    ///
    /// # Panics
    ///
    /// If `num` is 0: burn 0.22 has no tensors without rows.
    pub fn sample(&self, num: usize, noise: &mut Noise) -> Tensor<2> {
        self.vae.sample(num, noise)
    }
}

impl<H: Head, N: Network> Ladder<Conditional<H, N>> {
    /// `num` draws of z₁ from the model, from the top layer down; [`decode`](Self::decode) takes
    /// them.
    ///
    /// # Shapes
    ///
    /// `[1, num, d_latent]`, the units being those of the lowest layer.
    pub fn sample_latents(&self, num: usize, noise: &mut Noise) -> Tensor<3> {
        let top = &self.up[self.up.len() - 1].proposal.network;
        let device = self.devices().swap_remove(0);
        let z = noise.normal([1, num, top.widths()[1] / 2], &device);
        self.down.iter().rev().fold(z, |above, descent| {
            descent.prior.forward(above, 1, noise).sample(1, noise)
        })
    }

    /// `num` data drawn from the model.
    ///
    /// # Shapes
    ///
    /// `[num, d_data]`.
    ///
    /// # Panics
    ///
    /// If `num` is 0: burn 0.22 has no tensors without rows.
    pub fn sample(&self, num: usize, noise: &mut Noise) -> Tensor<2> {
        let z = self.sample_latents(num, noise);
        self.decode(z, noise).sample(1, noise).squeeze_dim(0)
    }
}
