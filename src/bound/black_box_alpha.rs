//! Black-box α energies for random weights.

use super::renyi;
use burn::tensor::Tensor;

/// The likelihood term of black-box α in its reparametrized form (Li and Gal 2017), in nats per
/// datapoint.
///
/// ```math
/// L = \frac{1}{\alpha} \log \frac{1}{k} \sum_{j=1}^{k} p(x \mid \theta_j)^\alpha,
/// ```
///
/// where each θⱼ is a draw of the weights. At α = 0 it is the mean of log p(x | θⱼ). It is
/// [`renyi`](super::renyi) of order 1 − α.
///
/// Training maximizes L − KL(q(θ) ‖ p(θ))/N. That is variational Bayes at α = 0, and an energy like
/// that of expectation propagation at α = 1.
///
/// For a model with latents, log-weights may take the place of log p(x | θⱼ): then each θⱼ has a z
/// of its own. Only at α = 1 is the mean inside the logarithm then unbiased for that of p(x | θ)^α.
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Panics
///
/// If α is not finite, or k is 0.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let log_probs = Tensor::<2>::from_floats([[0.0], [9.0f32.ln()]], &Device::default());
/// let half = bound::black_box_alpha(log_probs, 0.5).into_scalar::<f32>(); // 2 log (√1 + √9)/2
/// assert!((half - 2.0 * 2.0f32.ln()).abs() < 1e-6);
/// ```
pub fn black_box_alpha(log_likelihoods: Tensor<2>, alpha: f64) -> Tensor<1> {
    super::renyi(log_likelihoods, 1.0 - alpha)
}

/// Black-box α in its original form, in nats per datapoint, higher is better (J. M.
/// Hernández-Lobato, Li, Rowland, Bui, D. Hernández-Lobato, Turner 2016).
///
/// ```math
/// L = \frac{1}{N} (\log Z_q - \log Z_p) + \frac{1}{\alpha} \log \frac{1}{k} \sum_{j=1}^{k}
/// \left(\frac{p(x \mid \theta_j)}{f(\theta_j)}\right)^\alpha,
/// \qquad
/// q(\theta) \propto p(\theta) f(\theta)^N.
/// ```
///
/// See [`layer::Sites`](crate::layer::Sites) for f and the normalizers. L includes the weights'
/// divergence, so no weights are charged in addition. Where N is much larger than α, L agrees with
/// the reparametrized form. All datapoints share the draws θⱼ, since f is a function of the weights
/// themselves. `Objective::black_box_alpha_by_sites` trains models with latents by this energy.
///
/// # Shapes
///
/// `log_likelihoods` `[k, batch]`, `log_factors` `[k]`, `log_normalizer` `[1]` → `[batch]`.
///
/// # Panics
///
/// If α is not a positive number, k or N is 0, or shapes do not fit.
///
/// # Example
///
/// One draw of a layer's weights for a regression with unit variance.
///
/// ```
/// use burn_bayes::{layer::Sites, prelude::*};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let layer = BayesianLinearConfig::new(3, 1).init(&device, &mut noise);
/// let (x, y) = (Tensor::<2>::ones([5, 3], &device), Tensor::<3>::zeros([1, 5, 1], &device));
/// let sites = Sites::of(&layer, 1000);
///
/// let weights = layer.sample_weights(&mut noise);
/// let p = Normal::standard_like(&y);
/// let residuals = y - weights.forward(x).unsqueeze();
/// let bound = bound::black_box_alpha_by_sites(
///     p.log_prob(residuals),
///     sites.log_factor(&weights),
///     sites.log_normalizer(),
///     1000,
///     0.5,
/// );
/// assert_eq!(bound.dims(), [5]);
/// ```
pub fn black_box_alpha_by_sites(
    log_likelihoods: Tensor<2>,
    log_factors: Tensor<1>,
    log_normalizer: Tensor<1>,
    dataset_size: usize,
    alpha: f64,
) -> Tensor<1> {
    let ([k, _], [factors]) = (log_likelihoods.dims(), log_factors.dims());
    assert!(
        k == factors,
        "for {k} draws of the weights there are {factors} factors"
    );
    assert!(
        alpha > 0.0 && alpha.is_finite(),
        "the α of sites is a positive number, it is {alpha}: 0 is `bound::black_box_alpha`"
    );
    assert!(dataset_size > 0, "the data set has no datapoints");
    assert!(log_normalizer.dims() == [1], "the normalizer is one number");
    let ratios = log_likelihoods - log_factors.unsqueeze_dim::<2>(1);
    renyi(ratios, 1.0 - alpha) + log_normalizer.mul_scalar(1.0 / dataset_size as f64)
}
