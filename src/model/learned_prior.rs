//! Priors that are learned with the model.

use super::prior::Prior;
use crate::{
    distribution::{Distribution, Normal, NormalMixture},
    noise::Noise,
};
use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};
use std::sync::Arc;

/// N(m, s²) with independent units and learned means and variances. It begins as N(0, I).
///
/// # Example
///
/// ```
/// use burn_bayes::{model::NormalPrior, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let encoder = GaussianEncoder::new(&MlpConfig::new(784, vec![100], 2), &device, &mut noise);
/// let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![100], 784), &device, &mut noise);
/// let model = Vae::from_parts(encoder, NormalPrior::new(2, &device), decoder);
/// assert_eq!(model.sample(5, &mut noise).dims(), [5, 784]);
/// ```
#[derive(Module, Debug)]
pub struct NormalPrior {
    /// m, `[units]`.
    pub loc: Param<Tensor<1>>,
    /// log s², `[units]`.
    pub log_variance: Param<Tensor<1>>,
}

impl NormalPrior {
    /// The prior of this number of latent variables, N(0, I) at first.
    pub fn new(num_units: usize, device: &Device) -> Self {
        let zeros = || Param::from_tensor(Tensor::zeros([num_units], device));
        Self {
            loc: zeros(),
            log_variance: zeros(),
        }
    }
}

impl Prior for NormalPrior {
    fn num_units(&self) -> usize {
        self.loc.val().dims()[0]
    }

    fn distribution(&self, batch: usize, _: &Device) -> Arc<dyn Distribution> {
        let shape = [1, batch, self.num_units()];
        let [loc, log_variance] =
            [&self.loc, &self.log_variance].map(|part| part.val().unsqueeze::<3>().expand(shape));
        Arc::new(Normal::from_log_variance(loc, log_variance))
    }
}

/// A learned mixture of normal distributions: see [`NormalMixture`].
///
/// It has no divergence in closed form, so [`bound::vae_analytic`](crate::bound::vae_analytic)
/// cannot be used with it.
///
/// # Example
///
/// ```
/// use burn_bayes::{model::MixturePrior, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let encoder = GaussianEncoder::new(&MlpConfig::new(784, vec![100], 2), &device, &mut noise);
/// let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![100], 784), &device, &mut noise);
/// let model = Vae::from_parts(encoder, MixturePrior::new(10, 2, &device, &mut noise), decoder);
/// assert_eq!(model.sample(5, &mut noise).dims(), [5, 784]);
/// ```
#[derive(Module, Debug)]
pub struct MixturePrior {
    /// The logits of the components' weights, `[components]`.
    pub logits: Param<Tensor<1>>,
    /// Their means, `[components, units]`.
    pub loc: Param<Tensor<2>>,
    /// Their log-variances, `[components, units]`.
    pub log_variance: Param<Tensor<2>>,
}

impl MixturePrior {
    /// A mixture with this number of components and latent variables. Its initial means are drawn
    /// from N(0, 1): equal components would stay equal in training.
    ///
    /// # Panics
    ///
    /// If there are no components.
    pub fn new(components: usize, num_units: usize, device: &Device, noise: &mut Noise) -> Self {
        assert!(components > 0, "a mixture has components");
        let shape = [components, num_units];
        Self {
            logits: Param::from_tensor(Tensor::zeros([components], device)),
            loc: Param::from_tensor(noise.normal_matrix(shape, device)),
            log_variance: Param::from_tensor(Tensor::zeros(shape, device)),
        }
    }
}

impl Prior for MixturePrior {
    fn num_units(&self) -> usize {
        self.loc.val().dims()[1]
    }

    fn distribution(&self, batch: usize, _: &Device) -> Arc<dyn Distribution> {
        let (logits, loc) = (self.logits.val(), self.loc.val());
        Arc::new(NormalMixture::new(
            logits,
            loc,
            self.log_variance.val(),
            batch,
        ))
    }
}
