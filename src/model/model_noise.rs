//! The noise of a model's parts.

use crate::noise::Noise;

/// Separate noise for each part of a model, so that models with and without random weights share
/// the noise of z.
///
/// A model of your own that takes its noise from here has the same noise of z as
/// [`Vae`](super::Vae). So the two can be compared datapoint by datapoint.
///
/// # Example
///
/// ```
/// use burn_bayes::{model::ModelNoise, prelude::*};
///
/// let device = Device::default();
/// let z = |draws_of_weights: usize| {
///     let mut noise = ModelNoise::of(&mut Noise::seeded(0));
///     for _ in 0..draws_of_weights {
///         let _ = noise.encoder.normal([1, 2, 3], &device);
///     }
///     noise.latent.normal([1, 2, 1], &device).into_data()
/// };
/// assert_eq!(z(0), z(7));
/// ```
#[derive(Clone, Debug)]
pub struct ModelNoise {
    /// For the random weights of the encoder.
    pub encoder: Noise,
    /// For the latents.
    pub latent: Noise,
    /// For the random weights of the decoder.
    pub decoder: Noise,
    /// For the stochastic layers above, which split it in the same way again.
    pub above: Noise,
}

impl ModelNoise {
    /// Splits a model's noise, which takes one draw of it ([`Noise::split`]).
    pub fn of(noise: &mut Noise) -> Self {
        let [encoder, latent, decoder, above] = noise.split();
        Self {
            encoder,
            latent,
            decoder,
            above,
        }
    }
}
