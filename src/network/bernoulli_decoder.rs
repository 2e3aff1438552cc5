//! p(x | z) for binary data.

use super::{Conditional, Head, network::Network};
use crate::{
    distribution::{Bernoulli, Support},
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor};

/// A network for p(x | z) = Bernoulli(sigmoid(logits(z))), with independent features.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let decoder = BernoulliDecoder::new(&MlpConfig::new(40, vec![400], 784), &device, &mut noise);
/// let z = noise.normal([25, 100, 40], &device);
/// let p = decoder.forward(z, 25, &mut noise);
/// assert_eq!(p.log_prob(Tensor::zeros([1, 100, 784], &device)).dims(), [25, 100]);
/// ```
pub type BernoulliDecoder<N = Mlp> = Conditional<BernoulliHead, N>;

/// The head of a [`BernoulliDecoder`]: the outputs are logits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BernoulliHead;

impl Head for BernoulliHead {
    type Output = Bernoulli<3>;

    fn num_outputs(&self, num_features: usize) -> usize {
        num_features
    }

    fn distribution(&self, outputs: Tensor<3>) -> Bernoulli<3> {
        Bernoulli::new(outputs)
    }

    fn support(&self) -> Support {
        Support::Binary
    }

    fn log_prob<N: Network>(
        &self,
        network: &N,
        input: Tensor<3>,
        x: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        network.bernoulli_log_prob(input, x, num_samples, noise)
    }
}

impl BernoulliHead {
    /// The logits of probabilities, which are clipped to [0.001, 0.999].
    pub(super) fn logits_of(mean: Tensor<1>) -> Tensor<1> {
        // A column whose cells are all missing has the mean NaN.
        let unknown = mean.clone().is_nan();
        let mean = mean.mask_fill(unknown, 0.5).clamp(0.001, 0.999);
        mean.clone().log() - mean.neg().add_scalar(1.0).log()
    }
}

impl BernoulliDecoder {
    /// Makes the decoder.
    ///
    /// # Panics
    ///
    /// Where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, device: &Device, noise: &mut Noise) -> Self {
        Self::with_mlp(mlp, BernoulliHead, device, noise)
    }

    /// Sets the output bias to the logit of the data's mean, clipped to [0.001, 0.999] (Burda et
    /// al. 2016). Otherwise training spends its first epochs on the pixels' marginals.
    ///
    /// # Shapes
    ///
    /// `mean` is `[d_output]`.
    ///
    /// # Panics
    ///
    /// If `mean` has another length.
    pub fn with_data_mean(self, mean: Tensor<1>) -> Self {
        let network = (self.network).with_output_bias(BernoulliHead::logits_of(mean));
        Self::from_parts(network, self.head)
    }
}
