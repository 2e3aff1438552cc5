//! p(y | input) from a network and a head.

use super::{Head, Network, head::check_outputs};
use crate::{
    distribution::Support,
    layer::{BayesianLinear, Mlp, MlpConfig, RandomWeights, WeightSample, Weights},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Device, Int, Tensor},
};

/// p(y | input): a network whose outputs a head turns into a distribution.
///
/// | name | head | distribution |
/// | --- | --- | --- |
/// | [`GaussianEncoder`](super::GaussianEncoder) | [`DiagonalNormal`](super::DiagonalNormal) | q(z \| x), normal, features independent |
/// | [`LowRankEncoder`](super::LowRankEncoder) | [`LowRankCovariance`](super::LowRankCovariance) | q(z \| x), normal, covariance diagonal plus low rank |
/// | [`FullCovarianceEncoder`](super::FullCovarianceEncoder) | [`FullCovariance`](super::FullCovariance) | q(z \| x), normal, full covariance |
/// | [`Decoder`](super::Decoder) | [`Family`](super::Family) | p(x \| z), one of the built-in families |
/// | [`ColumnsDecoder`](super::ColumnsDecoder) | [`Columns`](super::Columns) | p(x \| z) of a table, a family for each column |
/// | [`BernoulliDecoder`](super::BernoulliDecoder) | [`BernoulliHead`](super::BernoulliHead) | p(x \| z), binary |
/// | [`GaussianDecoder`](super::GaussianDecoder) | [`NormalHead`](super::NormalHead) | p(x \| z), normal |
#[derive(Module, Debug)]
pub struct Conditional<H: Head, N: Network = Mlp> {
    /// The network.
    pub network: N,
    /// The head, which turns the outputs into a distribution.
    #[module(skip)]
    pub head: H,
}

impl<H: Head, N: Network> Conditional<H, N> {
    /// From a network, which has as many outputs as the head needs, and a head.
    pub fn from_parts(network: N, head: H) -> Self {
        Self { network, head }
    }

    /// The distribution for each sample and row.
    ///
    /// # Shapes
    ///
    /// `[1 or num_samples, batch, features]` → parameters with `[1 or num_samples, batch, ..]`.
    pub fn forward(&self, input: Tensor<3>, num_samples: usize, noise: &mut Noise) -> H::Output {
        let outputs = self.network.forward(input, num_samples, noise);
        self.head.distribution(outputs)
    }

    /// The same, with a check that the distribution has this number of features.
    pub(crate) fn forward_of(
        &self,
        features: usize,
        input: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> H::Output {
        let outputs = self.network.forward(input, num_samples, noise);
        let ([.., found], needed) = (outputs.dims(), self.head.num_outputs(features));
        check_outputs(found, needed, features);
        self.head.distribution(outputs)
    }

    /// The distribution for chosen rows of the input, one sample each; see
    /// [`Network::forward_rows`].
    ///
    /// # Shapes
    ///
    /// `[1, batch, features]` → parameters with `[1, rows, ..]`.
    pub fn forward_rows(
        &self,
        input: Tensor<3>,
        rows: &Tensor<1, Int>,
        noise: &mut Noise,
    ) -> H::Output {
        let outputs = self.network.forward_rows(input, rows, noise);
        self.head.distribution(outputs)
    }

    /// log p(x | input) of each row, in nats. It equals log p(x) of [`forward`](Self::forward)'s
    /// distribution under the same noise. It may be faster, since the distribution's parameters
    /// need not be in memory.
    ///
    /// # Shapes
    ///
    /// Input and x `[1 or num_samples, batch, ..]` → `[1 or num_samples, batch]`.
    ///
    /// # Panics
    ///
    /// If shapes do not fit.
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
    /// let x = Tensor::zeros([1, 100, 784], &device);
    /// assert_eq!(decoder.log_prob(x, z, 25, &mut noise).dims(), [25, 100]);
    /// ```
    pub fn log_prob(
        &self,
        x: Tensor<3>,
        input: Tensor<3>,
        num_samples: usize,
        noise: &mut Noise,
    ) -> Tensor<2> {
        (self.head).log_prob(&self.network, input, x, num_samples, noise)
    }

    /// KL of all random weights to their priors, in nats, shape `[1]`; `None` if there are none.
    pub fn kl(&self) -> Option<Tensor<1>> {
        self.network.weight_kl()
    }

    /// The values that p(y | input) gives probability to.
    pub fn support(&self) -> Support {
        self.head.support()
    }

    /// The same with some features of y switched off: they are N(0, 1) for every input. `keep` is
    /// `[features]`, 1 to keep and 0 to switch off. `None` if it cannot be made.
    pub(crate) fn without_features(&self, keep: Tensor<1>) -> Option<Self> {
        let keep = self.head.outputs_to_keep(keep)?;
        let network = self.network.without_outputs(keep)?;
        Some(Self::from_parts(network, self.head.clone()))
    }

    /// The same with some features of the input switched off.
    pub(crate) fn without_inputs(&self, keep: Tensor<1>) -> Option<Self> {
        let network = self.network.without_inputs(keep)?;
        Some(Self::from_parts(network, self.head.clone()))
    }
}

impl<H: Head> Conditional<H> {
    /// With a multilayer perceptron. `d_output` is the number of features; the network gets the
    /// outputs that the head needs for them.
    pub(super) fn with_mlp(mlp: &MlpConfig, head: H, device: &Device, noise: &mut Noise) -> Self {
        let mut mlp = mlp.clone();
        mlp.d_output = head.num_outputs(mlp.d_output);
        Self::from_parts(mlp.init(device, noise), head)
    }
}

impl<H: Head, N: Network> RandomWeights for Conditional<H, N> {
    fn weight_kl(&self) -> Option<Tensor<1>> {
        self.network.weight_kl()
    }

    fn posterior_mean(&self) -> Self {
        Self::from_parts(self.network.posterior_mean(), self.head.clone())
    }

    fn with_weights(&self, weights: &mut dyn Iterator<Item = WeightSample>) -> Self {
        Self::from_parts(self.network.with_weights(weights), self.head.clone())
    }

    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        self.network.random_layers()
    }

    fn with_random_weights(&self, weights: Weights) -> Self {
        let network = self.network.with_random_weights(weights);
        Self::from_parts(network, self.head.clone())
    }

    fn with_centred_priors(&self) -> Self {
        let network = self.network.with_centred_priors();
        Self::from_parts(network, self.head.clone())
    }
}
