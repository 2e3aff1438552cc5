//! A prior made from the encoder.

use super::{
    latent_prior::{Encoder, LatentPrior, PriorWeights},
    path::Path,
};
use crate::{
    distribution::{Distribution, Normal, NormalMixture},
    noise::Noise,
};
use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor, activation::sigmoid},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The range of the pseudo-inputs of a [`VampPrior`]: that of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PseudoInputs {
    /// Between 0 and 1, by a sigmoid: for binary data and grey levels.
    #[default]
    UnitInterval,
    /// Real numbers.
    Real,
}

/// The variational mixture of posteriors (Tomczak and Welling 2018).
///
/// p(z) = (1/C) Σ_c q(z | u_c), with C learned pseudo-inputs u_c. q is the model's own encoder. Its
/// random weights are at their means here: otherwise the prior itself would be random. On top of a
/// [`Hierarchy`](super::Hierarchy) q is the encoder of the last layer. The prior has no divergence
/// in closed form, so [`bound::vae_analytic`](crate::bound::vae_analytic) cannot be used with it.
///
/// Pseudo-inputs are inputs of the encoder: they include covariates or a mask of cells, if there
/// are any. On top of a hierarchy they are latents of the layer below, so use
/// [`PseudoInputs::Real`].
///
/// # Panics
///
/// A model with this prior panics if its encoder is not a
/// [`GaussianEncoder`](crate::network::GaussianEncoder), or has batch normalization: pseudo-inputs
/// would enter the running averages of the data.
///
/// # Example
///
/// ```
/// use burn_bayes::{model::{PseudoInputs, VampPrior}, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let encoder = GaussianEncoder::new(&MlpConfig::new(784, vec![100], 2), &device, &mut noise);
/// let decoder = BernoulliDecoder::new(&MlpConfig::new(2, vec![100], 784), &device, &mut noise);
/// let prior = VampPrior::new([50, 784], 2, PseudoInputs::UnitInterval, &device, &mut noise);
/// let model = Vae::from_parts(encoder, prior, decoder);
/// assert_eq!(model.sample(5, &mut noise).dims(), [5, 784]);
/// ```
#[derive(Module, Debug)]
pub struct VampPrior {
    /// The pseudo-inputs, before the sigmoid if there is one, `[C, d_input]`.
    pub inputs: Param<Tensor<2>>,
    #[module(skip)]
    range: PseudoInputs,
    num_units: usize,
    /// Means and log-variances of the components, once they no longer come from the encoder.
    fixed: Option<Fixed>,
}

/// The components of a prior whose encoder has been replaced by a draw of it.
#[derive(Module, Debug)]
struct Fixed {
    loc: Param<Tensor<2>>,
    log_variance: Param<Tensor<2>>,
}

impl VampPrior {
    /// A prior with `[C, d_input]` pseudo-inputs and this number of latent variables. Their initial
    /// values, before the sigmoid, are drawn from N(0, 1): equal ones would stay equal in training.
    ///
    /// # Panics
    ///
    /// If there are no pseudo-inputs.
    pub fn new(
        [count, d_input]: [usize; 2],
        num_units: usize,
        range: PseudoInputs,
        device: &Device,
        noise: &mut Noise,
    ) -> Self {
        assert!(count > 0, "a mixture has components");
        let inputs = noise.normal_matrix([count, d_input], device);
        Self {
            inputs: Param::from_tensor(inputs),
            range,
            num_units,
            fixed: None,
        }
    }

    /// The pseudo-inputs as the encoder sees them, after the sigmoid if there is one, `[C,
    /// d_input]`.
    pub fn pseudo_inputs(&self) -> Tensor<2> {
        match self.range {
            PseudoInputs::UnitInterval => sigmoid(self.inputs.val()),
            PseudoInputs::Real => self.inputs.val(),
        }
    }

    /// Means and log-variances of the components, `[C, units]`.
    fn components(&self, encoder: &dyn Encoder) -> [Tensor<2>; 2] {
        if let Some(Fixed { loc, log_variance }) = &self.fixed {
            return [loc.val(), log_variance.val()];
        }
        assert!(
            !encoder.uses_batch_statistics(),
            "a VampPrior needs an encoder without batch normalization"
        );
        let inputs = self.pseudo_inputs();
        let q = encoder.proposal_at_mean(inputs.unsqueeze());
        let q: &dyn std::any::Any = q.as_ref();
        let Some(q) = q.downcast_ref::<Normal<3>>() else {
            panic!("a VampPrior is a mixture of normal distributions: give a `GaussianEncoder`")
        };
        [q.loc(), q.log_variance()].map(|part| part.squeeze_dim(0))
    }

    fn distribution(&self, batch: usize, encoder: &dyn Encoder) -> NormalMixture {
        let [loc, log_variance] = self.components(encoder);
        let [count, _] = loc.dims();
        let logits = Tensor::zeros([count], &loc.device());
        NormalMixture::new(logits, loc, log_variance, batch)
    }
}

impl LatentPrior for VampPrior {
    fn num_units(&self) -> usize {
        self.num_units
    }

    fn draw(&self, num: usize, encoder: &dyn Encoder, _: &Device, noise: &mut Noise) -> Tensor<3> {
        self.distribution(num, encoder).sample(1, noise)
    }

    fn weigh(
        &self,
        z: &Tensor<3>,
        encoder: &dyn Encoder,
        path: &Path,
        _: &mut Noise,
    ) -> PriorWeights {
        let [_, batch, _] = z.dims();
        let prior = self.distribution(batch, encoder);
        PriorWeights {
            log_prior: prior.log_prob(path.along(z)),
            prior: Arc::new(prior),
            log_proposal: None,
            latents: Vec::new(),
        }
    }

    /// The prior does not change: it is made from the means of the weights, not from the draw.
    fn with_sampled_weights(&self, encoder: &dyn Encoder, _: &mut Noise) -> Self {
        let frozen = |part: Tensor<2>| Param::from_tensor(part.detach()).set_require_grad(false);
        let [loc, log_variance] = self.components(encoder).map(frozen);
        Self {
            fixed: Some(Fixed { loc, log_variance }),
            ..self.clone()
        }
    }

    fn without_units_of(&self, units: &[Vec<usize>]) -> Option<Self> {
        matches!(units, [units] if units.is_empty()).then(|| self.clone())
    }
}
