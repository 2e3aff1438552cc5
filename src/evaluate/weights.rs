//! The certainty of a layer's random weights.

use super::{
    numbers,
    sampling::read,
    statistics::{mean, quantile},
};
use crate::{error::Result, layer::BayesianLinear};
use serde::{Deserialize, Serialize};

/// The signal-to-noise ratio |μ|/σ of each random weight of a layer, then of each random bias.
///
/// Where it is small, zero is nearly as likely as the mean, and the weight can be pruned (Blundell,
/// Cornebise, Kavukcuoglu, Wierstra 2015, in decibels there).
///
/// # Errors
///
/// [`Error::Device`](crate::Error::Device) if numbers cannot be read back.
///
/// # Example
///
/// ```
/// use burn_bayes::{evaluate::signal_to_noise, prelude::*};
///
/// let config = BayesianLinearConfig::new(3, 2).with_initial_std(0.1);
/// let layer = config.init(&Device::default(), &mut Noise::seeded(0));
/// assert_eq!(signal_to_noise(&layer)?.len(), 3 * 2 + 2);
/// # Ok::<(), burn_bayes::Error>(())
/// ```
pub fn signal_to_noise(layer: &BayesianLinear) -> Result<Vec<f64>> {
    let weights = layer.weight_posterior();
    let mut ratios = read(weights.loc().abs() / weights.scale())?;
    if let Some(biases) = layer.bias_posterior() {
        ratios.extend(read(biases.loc().abs() / biases.scale())?);
    }
    Ok(ratios)
}

/// The signal-to-noise ratios |μ|/σ of a layer's random weights and biases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RandomLayer {
    /// The layer's path in the model.
    pub name: String,
    /// How many random weights and biases it has.
    pub num_weights: usize,
    /// The 5, 25, 50, 75 and 95 % quantiles of the ratios.
    #[serde(with = "numbers")]
    pub quantiles: [f64; 5],
    /// The share of ratios below 1. For these zero is within one standard deviation of the mean, so
    /// the weight could be pruned.
    #[serde(with = "numbers::one")]
    pub prunable: f64,
    /// The mean standard deviation of the weights, without biases.
    #[serde(with = "numbers::one")]
    pub mean_std: f64,
}

impl RandomLayer {
    pub(super) fn of(name: String, layer: &BayesianLinear) -> Result<Self> {
        let ratios = signal_to_noise(layer)?;
        let below = ratios.iter().filter(|&&ratio| ratio < 1.0).count();
        Ok(Self {
            name,
            num_weights: ratios.len(),
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| quantile(&ratios, share)),
            prunable: below as f64 / ratios.len() as f64,
            mean_std: mean(&read(layer.weight_posterior().scale())?),
        })
    }
}
