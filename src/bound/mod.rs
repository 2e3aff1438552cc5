//! Bounds on log p(x): plain functions of log-weights.
//!
//! They know tensors, not models: `[k, batch]` log-weights log p(x, z) − log q(z | x) give
//! `[batch]` bounds, in nats per datapoint, higher is better. Any model's log-weights will do.
//!
//! | function | bound of log p(x), in expectation | k |
//! | --- | --- | --- |
//! | [`vae`], [`vae_analytic`] | the evidence lower bound (ELBO) | only averages |
//! | [`iwae`] | a lower bound, never looser with more samples | 1 is the ELBO, ∞ is log p(x) |
//! | [`iwaeu`] | depends on which weights are random and charged: see there | as above |
//! | [`renyi`] | a lower bound for α ≥ 0: the IWAE's bound at 0, the ELBO at 1, below it above 1; none for α < 0 | tightens it for α < 1 |
//! | [`black_box_alpha`] | none in general: an energy for random weights, see there | as above |
//! | [`vr_max`] | none: the largest log-weight | |
//! | [`jackknife`] | none: an estimate of log p(x) whose bias falls like 1/k² | from 2 on |
//!
//! A *bound* of a datapoint does not include any charge for random weights. [`iwaeu`] subtracts the
//! charge: its result is the *charged* bound. [`Bound`] is the choice of a bound as a value, for
//! settings. A bound of your own implements [`LogWeightBound`].

mod black_box_alpha;
mod jackknife;
mod kind;
mod own;
mod renyi;
#[cfg(feature = "autodiff")]
mod shares;
mod streaming;

pub use black_box_alpha::{black_box_alpha, black_box_alpha_by_sites};
pub use jackknife::jackknife;
pub use kind::Bound;
pub use own::{LogWeightBound, OwnBound};
pub use renyi::{renyi, vr_max};
pub use streaming::LogMeanExp;

use crate::kernel;
use burn::tensor::Tensor;

/// The evidence lower bound by Monte Carlo: the mean of the log-weights (Kingma and Welling 2014).
///
/// L = (1/k) Σᵢ log wᵢ. Unbiased for the ELBO for every k; more samples only lower its variance.
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let log_weights = Tensor::<2>::from_floats([[-3.0], [-5.0]], &Device::default());
/// assert_eq!(bound::vae(log_weights).into_scalar::<f32>(), -4.0);
/// ```
pub fn vae(log_weights: Tensor<2>) -> Tensor<1> {
    log_weights.mean_dim(0).squeeze_dim(0)
}

/// The evidence lower bound with the latent's divergence in closed form (Kingma and Welling 2014).
///
/// L = (1/k) Σᵢ log p(x | zᵢ) − KL(q(z | x) ‖ p(z)). Unbiased for the ELBO, usually with less noise
/// than [`vae`]. If the encoder has random weights, each sample has its own divergence, and these
/// are averaged.
///
/// # Shapes
///
/// `log_likelihood` `[k, batch]`, `kl` `[1 or k, batch]` → `[batch]`.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let log_likelihood = Tensor::<2>::from_floats([[-3.0], [-5.0]], &device);
/// let kl = Tensor::<2>::from_floats([[1.5]], &device);
/// assert_eq!(bound::vae_analytic(log_likelihood, kl).into_scalar::<f32>(), -5.5);
/// ```
pub fn vae_analytic(log_likelihood: Tensor<2>, kl: Tensor<2>) -> Tensor<1> {
    vae(log_likelihood) - vae(kl)
}

/// The importance weighted bound (Burda, Grosse, Salakhutdinov 2016).
///
/// L = log (1/k) Σᵢ wᵢ, see [`log_mean_exp`]. Its expectation does not decrease with k and stays
/// below log p(x). With k = 1 it is the ELBO.
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let log_weights = Tensor::<2>::from_floats([[0.0, 0.0], [3.0f32.ln(), 0.0]], &device);
/// let bound = bound::iwae(log_weights).into_data();
/// assert!((bound.as_slice::<f32>().unwrap()[0] - 2.0f32.ln()).abs() < 1e-6); // log (1 + 3)/2
/// ```
pub fn iwae(log_weights: Tensor<2>) -> Tensor<1> {
    log_mean_exp(log_weights)
}

/// The importance weighted bound of a model with random network weights (Hernández-Lobato, Bui, Li,
/// Hernández-Lobato, Turner 2016, IWAEU).
///
/// L = log (1/k) Σᵢ wᵢ − cost, where each wᵢ was computed under its own draw of the network
/// weights. What L is a bound of depends on the charge ([`WeightKl`]):
///
/// | encoder | decoder | charge | E\[L\] bounds from below |
/// | --- | --- | --- | --- |
/// | random | fixed | none | log p(x) (IWAEU_rec): the encoder's weights are part of the proposal |
/// | any | random | none | log E_q(θ) p(x \| θ): the evidence if each datapoint had its own draw of the weights |
/// | any | random, k = 1 | KL/N | (1/N) log p(D), for the mean of L over the data set: variational Bayes |
/// | any | random, k > 1 | KL/N | nothing in general: a black-box α energy at α = 1 |
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Panics
///
/// If k or the data set's size is 0.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let log_weights = Tensor::<2>::zeros([25, 100], &device);
/// let kl = Tensor::<1>::from_floats([6e4], &device); // of all random weights together
/// let bound = bound::iwaeu(log_weights, WeightKl::PerDatapoint { kl, dataset_size: 60_000 });
/// assert_eq!(bound.mean().into_scalar::<f32>(), -1.0);
/// ```
pub fn iwaeu(log_weights: Tensor<2>, weight_kl: WeightKl) -> Tensor<1> {
    let bound = log_mean_exp(log_weights);
    match weight_kl {
        WeightKl::None => bound,
        WeightKl::PerDatapoint { kl, dataset_size } => {
            assert!(dataset_size > 0, "the data set has no datapoints");
            bound - kl.mul_scalar(1.0 / dataset_size as f64)
        }
    }
}

/// The charge for random weights in [`iwaeu`].
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "a tensor is a handle, and few of these live at a time"
)]
#[non_exhaustive]
pub enum WeightKl {
    /// No charge: nothing is subtracted.
    None,
    /// KL/N for each datapoint.
    PerDatapoint {
        /// The weights' KL(q ‖ p), a sum over all charged weights, in nats. Shape `[1]`.
        kl: Tensor<1>,
        /// N, the number of training data: not the batch size, not the number of batches.
        dataset_size: usize,
    },
}

/// The logarithm of the share below which a share is set to 0.
const NEGLIGIBLE: f64 = -60.0;

/// log (1/k) Σᵢ exp aᵢ over the first axis.
///
/// The maximum is subtracted first, and is not part of the graph. So values of ±1e5 lose no
/// accuracy. The gradient with respect to aᵢ is the softmax share of aᵢ. Terms below e⁻⁶⁰ of the
/// largest are taken as 0: they are far below the rounding of the sum. In the backward pass they
/// would become subnormal numbers, which are slow on a CPU. A column of −∞ gives −∞, and no
/// gradient.
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
///
/// # Panics
///
/// If k is 0.
pub fn log_mean_exp(values: Tensor<2>) -> Tensor<1> {
    let [k, _] = values.dims();
    assert!(k > 0, "a bound needs at least one sample");
    kernel::log_mean_exp(values, NEGLIGIBLE)
}

/// The normalized weights w̃ᵢ = wᵢ / Σⱼ wⱼ, without a gradient: the softmax over the first axis.
///
/// # Shapes
///
/// `[k, batch]` → `[k, batch]`.
pub fn normalized_weights(log_weights: Tensor<2>) -> Tensor<2> {
    burn::tensor::activation::softmax(log_weights.without_autodiff(), 0)
}

/// The effective sample size (Σ w)² / Σ w², between 1 and k.
///
/// # Shapes
///
/// `[k, batch]` → `[batch]`.
pub fn effective_sample_size(log_weights: Tensor<2>) -> Tensor<1> {
    normalized_weights(log_weights)
        .square()
        .sum_dim(0)
        .recip()
        .squeeze_dim(0)
}
