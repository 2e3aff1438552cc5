//! One learned scale for all features and rows.

use super::{Conditional, GaussianDecoder, Network, NormalHead, Scale};
use crate::{
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

/// A network of means with one additional parameter: a log-variance that all features and rows
/// share. Its outputs are the means, then the log-variance of each feature, as [`NormalHead`] with
/// a learned scale needs them.
///
/// [`GaussianDecoder::with_shared_scale`] makes a decoder of it.
#[derive(Module, Debug)]
pub struct SharedScale<N: Network = Mlp> {
    /// The network of means.
    pub network: N,
    /// The log-variance before the head's floor, `[1]`.
    pub log_variance: Param<Tensor<1>>,
}

crate::random_weights!(SharedScale<N: Network> { network });

impl<N: Network> SharedScale<N> {
    fn with_network(&self, network: N) -> Self {
        let log_variance = self.log_variance.clone();
        Self {
            network,
            log_variance,
        }
    }
}

impl<N: Network> Network for SharedScale<N> {
    fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> Tensor<3> {
        let means = self.network.forward(input, num_samples, noise);
        let log_variance = self
            .log_variance
            .val()
            .unsqueeze::<3>()
            .expand(means.dims());
        Tensor::cat(vec![means, log_variance], 2)
    }

    fn uses_batch_statistics(&self) -> bool {
        self.network.uses_batch_statistics()
    }

    fn without_inputs(&self, keep: Tensor<1>) -> Option<Self> {
        let network = self.network.without_inputs(keep)?;
        Some(self.with_network(network))
    }
}

impl GaussianDecoder {
    /// Makes a decoder N(loc(z), s²) with one learned s for all features and rows (Rybkin et al.
    /// 2021, sigma-VAE).
    ///
    /// `std` is the initial s, and `mlp.d_output` the number of data features.
    ///
    /// s sets the weight of reconstruction errors relative to KL(q ‖ p). If it is learned, it
    /// follows from the data.
    ///
    /// # Panics
    ///
    /// If `std` is not above e⁻⁵ = 0.0067, the floor of [`Scale::default`], and where
    /// [`MlpConfig::init`] panics.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let device = Device::default();
    /// let mut noise = Noise::seeded(0);
    /// let encoder = GaussianEncoder::new(&MlpConfig::new(560, vec![50], 2), &device, &mut noise);
    /// let mlp = MlpConfig::new(2, vec![50], 560);
    /// let decoder = GaussianDecoder::with_shared_scale(&mlp, 0.5, &device, &mut noise);
    /// let p = decoder.forward(noise.normal([1, 10, 2], &device), 1, &mut noise);
    /// assert!((p.scale() - 0.5).abs().max().into_scalar::<f32>() < 1e-5);
    /// let model = Vae::from_parts(encoder, StandardNormal::new(2), decoder);
    /// ```
    pub fn with_shared_scale(
        mlp: &MlpConfig,
        std: f64,
        device: &Device,
        noise: &mut Noise,
    ) -> GaussianDecoder<SharedScale> {
        let scale = Scale::default();
        let floor = match scale {
            Scale::Learned { min_log_variance } => min_log_variance,
            Scale::Fixed { .. } => f64::NEG_INFINITY,
        };
        let above = 2.0 * std.ln() - floor;
        assert!(
            above > 0.0 && above.is_finite(),
            "the decoder's standard deviation must be above 0.0067 at first, it is {std}"
        );
        // The inverse of softplus at `above`.
        let raw = floor + above.exp_m1().ln();
        let network = SharedScale {
            network: mlp.init(device, noise),
            log_variance: Param::from_tensor(Tensor::full([1], raw, device)),
        };
        Conditional::from_parts(network, NormalHead::new(scale))
    }
}
