//! The variance of reconstructions, and where it comes from.

use crate::{data::Rows, model::Reconstruct, noise::Noise};
use burn::tensor::Tensor;

/// The predictive variance of reconstructions, decomposed by the law of total variance. All tensors
/// are `[batch, d_data]`.
#[derive(Clone, Debug)]
#[must_use = "a variance is for looking at"]
#[non_exhaustive]
pub struct PredictiveVariance {
    /// The mean of the reconstruction, E(x' | x).
    pub mean: Tensor<2>,
    /// The part due to uncertain weights (epistemic): Var_θ E_z(E(x' | z, θ)). Zero for fixed
    /// weights.
    pub from_weights: Tensor<2>,
    /// The part due to uncertain latent variables: E_θ Var_z(E(x' | z, θ)).
    pub from_latents: Tensor<2>,
    /// The variance of p(x' | z, θ): E Var(x' | z, θ).
    pub from_likelihood: Tensor<2>,
}

impl PredictiveVariance {
    /// The whole variance, Var(x' | x): the sum of the three.
    pub fn total(&self) -> Tensor<2> {
        self.from_weights.clone() + self.from_latents.clone() + self.from_likelihood.clone()
    }
}

/// Reconstructs each row of `x` and decomposes the variance of the reconstruction x'. With
/// covariates rows are pairs (c, x), and encoder and decoder both get c.
///
/// Here z ~ q(z | x, φ) and x' ~ p(x' | z, θ). The weights (φ, θ) of encoder and decoder are drawn
/// `num_weight_draws` times, each time once for all rows. Under each draw, `num_latent_draws` z are
/// drawn for each row. The three parts are unbiased estimates from a two-level analysis of
/// variance. So `from_weights` may be slightly negative where its true value is near 0.
///
/// The rows and the first sample of the noise are those of z. The weights do not depend on them.
///
/// Sources: the law of total variance; Depeweg, Hernández-Lobato, Doshi-Velez, Udluft (2018) for
/// its use with random weights.
///
/// # Shapes
///
/// `x` is `[batch, d_data]`, and so are the parts.
///
/// # Panics
///
/// If a number of draws is below 2. Also for a model that normalizes over batches: give
/// `model.valid()`, which normalizes by running averages. Also if the model's `sample_weights`
/// leaves weights random.
///
/// # Example
///
/// ```
/// use burn_bayes::{evaluate::predictive_variance, prelude::*};
///
/// let device = Device::default();
/// let model = VaeConfig::new(4, 2)
///     .with_uncertainty(Uncertainty::EncoderAndDecoder)
///     .init(&device, &mut Noise::seeded(0));
/// let x = Tensor::<2>::ones([3, 4], &device);
/// let variance = predictive_variance(&model, x, 10, 10, &mut Noise::seeded(1));
/// assert_eq!(variance.from_weights.dims(), [3, 4]);
/// ```
pub fn predictive_variance<D: Rows, M: Reconstruct<D>>(
    model: &M,
    x: D,
    num_weight_draws: usize,
    num_latent_draws: usize,
    noise: &mut Noise,
) -> PredictiveVariance {
    assert!(
        num_weight_draws > 1 && num_latent_draws > 1,
        "a variance needs at least 2 draws; there are {num_weight_draws} of weights and {num_latent_draws} of latents"
    );
    let [weight_noise, latent_noise] = noise.split();
    let fixed = model.sample_weights(&mut weight_noise.clone()).is_none();

    let draws = if fixed { 1 } else { num_weight_draws };
    let mut means = Vec::with_capacity(draws);
    let (mut from_latents, mut from_likelihood) = (None, None);
    for draw in 0..draws {
        let sampled = model.sample_weights(&mut weight_noise.fork(draw as u64));
        let mut noise = latent_noise
            .clone()
            .later_samples((draw * num_latent_draws) as u32);
        let model = sampled.as_ref().unwrap_or(model);
        assert!(
            model.weight_kl().is_none(),
            "the model's `sample_weights` leaves weights random: implement it for all of them"
        );
        let likelihood = model.reconstruction(x.clone(), num_latent_draws, &mut noise);
        let mean = likelihood.mean();
        assert!(
            !(model.uses_batch_statistics() && mean.device().is_autodiff()),
            "the model normalizes over batches, as in training: give `model.valid()`"
        );
        let centre = mean.clone().mean_dim(0);
        let spread = (mean - centre.clone()).square().sum_dim(0);
        let spread = spread
            .squeeze_dim(0)
            .div_scalar((num_latent_draws - 1) as f64);
        from_latents = added(from_latents, spread);
        let variance = likelihood.variance().mean_dim(0).squeeze_dim(0);
        from_likelihood = added(from_likelihood, variance);
        means.push(centre);
    }

    let share = 1.0 / draws as f64;
    let [from_latents, from_likelihood] = [from_latents, from_likelihood].map(|sum| {
        let sum = sum.expect("there is one draw at least");
        sum.mul_scalar(share)
    });
    let means = Tensor::cat(means, 0);
    let mean = means.clone().mean_dim(0);
    let from_weights = if fixed {
        from_latents.zeros_like()
    } else {
        let between = (means - mean.clone()).square().sum_dim(0).squeeze_dim(0);
        // Means over a few latents differ even under the same weights. Their variance,
        // from_latents/num_latent_draws, is subtracted.
        between.div_scalar((draws - 1) as f64)
            - from_latents.clone().div_scalar(num_latent_draws as f64)
    };
    PredictiveVariance {
        mean: mean.squeeze_dim(0),
        from_weights,
        from_latents,
        from_likelihood,
    }
}

/// A sum with one more number.
fn added(sum: Option<Tensor<2>>, part: Tensor<2>) -> Option<Tensor<2>> {
    Some(match sum {
        Some(sum) => sum + part,
        None => part,
    })
}
