//! A posterior of weights as the product of its prior and equal factors, one for each datapoint.

use super::{BayesianLinear, WeightPrior, WeightSample};
use crate::{distribution::Normal, kernel};
use burn::tensor::Tensor;

/// A layer's posterior as q(θ) ∝ p(θ) f(θ)^N: its prior times N equal Gaussian sites, one for each
/// datapoint.
///
/// [`bound::black_box_alpha_by_sites`](crate::bound::black_box_alpha_by_sites) needs this form (J.
/// M. Hernández-Lobato, Li, Rowland, Bui, D. Hernández-Lobato, Turner 2016).
///
/// For a weight with prior N(0, v₀) and posterior N(m, v), log f(θ) = (θ m/v − ½ θ² (1/v −
/// 1/v₀))/N. Fixed weights add nothing.
///
/// # Example
///
/// ```
/// use burn_bayes::{layer::Sites, prelude::*};
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let layer = BayesianLinearConfig::new(3, 2).init(&device, &mut noise);
/// let sites = Sites::of(&layer, 1000);
/// let weights = layer.sample_weights(&mut noise);
/// assert_eq!(sites.log_factor(&weights).dims(), [1]);
/// ```
#[derive(Clone, Debug)]
pub struct Sites {
    weight: Normal<2>,
    bias: Option<Normal<1>>,
    prior_variance: f64,
    dataset_size: usize,
}

impl Sites {
    /// The sites of a layer. `dataset_size` is N, the number of training data.
    ///
    /// # Panics
    ///
    /// If N is 0, or the layer's prior is not [`WeightPrior::Normal`] around 0.
    pub fn of(layer: &BayesianLinear, dataset_size: usize) -> Self {
        assert!(dataset_size > 0, "the data set has no datapoints");
        let WeightPrior::Normal { std } = layer.prior() else {
            panic!("sites are for weights with a normal prior: give `WeightPrior::Normal`")
        };
        assert!(
            !layer.has_centred_prior(),
            "sites are for weights with a prior around 0"
        );
        Self {
            weight: layer.weight_posterior(),
            bias: layer.bias_posterior(),
            prior_variance: std * std,
            dataset_size,
        }
    }

    /// log f(θ) at a draw of the weights, summed over weights, shape `[1]`.
    ///
    /// A constant is left out. [`log_normalizer`](Self::log_normalizer) is for f without that
    /// constant.
    ///
    /// # Panics
    ///
    /// If the draw is from a layer of another shape, or lacks a random bias.
    pub fn log_factor(&self, weights: &WeightSample) -> Tensor<1> {
        let (found, expected) = (weights.weight.dims(), self.weight.loc().dims());
        let biases = weights.bias.is_some() || self.bias.is_none();
        assert!(
            found == expected && biases,
            "the sites are of a layer {expected:?}, the draw is of a layer {found:?}, or has no bias"
        );
        let weight = self.factor(&self.weight, weights.weight.clone());
        let bias = self.bias.as_ref().zip(weights.bias.clone());
        match bias {
            Some((posterior, bias)) => weight + self.factor(posterior, bias),
            None => weight,
        }
    }

    fn factor<const D: usize>(&self, posterior: &Normal<D>, theta: Tensor<D>) -> Tensor<1> {
        let precision = posterior.log_variance().neg().exp();
        let linear = theta.clone() * posterior.loc() * precision.clone();
        let curvature = precision.sub_scalar(1.0 / self.prior_variance);
        let sum = kernel::sum(linear - theta.square() * curvature.mul_scalar(0.5));
        sum.mul_scalar(1.0 / self.dataset_size as f64)
    }

    /// log Z_q − log Z_p, shape `[1]`: the log-normalizers of posterior and prior as exponential
    /// families, log Z = Σ (½ log 2πv + ½ m²/v).
    pub fn log_normalizer(&self) -> Tensor<1> {
        let weight = self.normalizer(&self.weight);
        match &self.bias {
            Some(bias) => weight + self.normalizer(bias),
            None => weight,
        }
    }

    fn normalizer<const D: usize>(&self, posterior: &Normal<D>) -> Tensor<1> {
        let log_variance = posterior.log_variance();
        let distance = posterior.loc().square() * log_variance.clone().neg().exp();
        let relative = log_variance.sub_scalar(self.prior_variance.ln());
        kernel::sum(relative + distance).mul_scalar(0.5)
    }
}
