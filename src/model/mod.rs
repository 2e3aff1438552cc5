//! Latent variable models: the trait that training and evaluation need, and the built-in models.

mod cells;
mod conditional_vae;
mod config;
mod generation;
mod given_draws;
mod half_record;
mod hierarchy;
mod imputation;
mod incomplete;
mod incomplete_config;
mod ladder;
mod latent_prior;
mod latents;
mod learned_prior;
mod log_weights;
mod model_noise;
mod path;
mod prior;
mod reconstruction;
mod record;
#[cfg(feature = "safetensors")]
mod safetensors;
mod uncertainty;
mod units;
mod vae;
mod vamp_prior;
mod weigh;
mod weights;
mod which;

pub use conditional_vae::ConditionalVae;
pub use config::VaeConfig;
pub use hierarchy::{Hierarchy, UpperLayer};
pub use imputation::Imputation;
pub use incomplete::IncompleteVae;
pub use incomplete_config::IncompleteVaeConfig;
pub use ladder::{Descent, Ladder, LadderConfig, Rung};
pub use latent_prior::{Encoder, LatentPrior, PriorWeights};
pub use latents::Latents;
pub use learned_prior::{MixturePrior, NormalPrior};
pub use log_weights::{Latent, LogWeights};
pub use model_noise::ModelNoise;
pub use path::Path;
pub use prior::{Prior, StandardNormal};
pub use reconstruction::Reconstruct;
#[cfg(feature = "safetensors")]
pub use safetensors::{load_safetensors, safetensors_config, save_safetensors};
pub use uncertainty::Uncertainty;
pub use vae::Vae;
pub use vamp_prior::{PseudoInputs, VampPrior};
pub use weights::{load_weights, save_weights};

use crate::{
    data::Rows,
    distribution::Support,
    layer::{BayesianLinear, WeightSample},
    noise::Noise,
};
use burn::{
    module::Module,
    tensor::{Device, Int, Tensor, TensorData},
};

/// A model p(x, z) with a proposal q(z | x), as training and evaluation need it.
///
/// `D` is the type of a batch: rows x, or pairs of rows ([`Rows`]), (c, x) for p(x, z | c).
///
/// [`Vae`] implements it, and so does [`IncompleteVae`], for rows with missing cells. A model of
/// your own only needs [`log_weights`](Self::log_weights) and [`support`](Self::support).
///
/// # Example
///
/// A model with a fixed proposal, whose evidence is known: p(z) = q(z | x) = N(0, 1) and
/// p(x | z) = N(x; 0, 1), so log p(x) = log N(x; 0, 1).
///
/// ```
/// use burn_bayes::prelude::*;
///
/// struct Useless;
///
/// impl LatentVariableModel for Useless {
///     fn log_weights(&self, x: Tensor<2>, num_samples: usize, noise: &mut Noise) -> LogWeights {
///         let [batch, _] = x.dims();
///         let x = x.unsqueeze_dim::<3>(0);
///         let prior = Normal::standard_like(&Tensor::<3>::zeros([1, batch, 1], &x.device()));
///         let (z, log_proposal) = prior.rsample_with_log_prob(num_samples, noise);
///         let likelihood = Normal::standard_like(&x).log_prob(x);
///         LogWeights::new(likelihood, prior.log_prob(z), log_proposal)
///     }
///
///     fn support(&self) -> Support {
///         Support::Real
///     }
/// }
///
/// let x = Tensor::<2>::zeros([3, 1], &Device::default());
/// let bound = bound::iwae(Useless.log_weights(x, 10, &mut Noise::seeded(0)).total());
/// let exact = -0.5 * std::f32::consts::TAU.ln();
/// assert!(bound.sub_scalar(exact).abs().max().into_scalar::<f32>() < 1e-6);
/// ```
pub trait LatentVariableModel<D: Rows = Tensor<2>> {
    /// The log-weights of `num_samples` proposals for each row of `x`, and their parts.
    ///
    /// # Shapes
    ///
    /// `x` is `[batch, features]`; each part of the result is `[num_samples, batch]`. burn 0.22
    /// panics for a batch without rows.
    fn log_weights(&self, x: D, num_samples: usize, noise: &mut Noise) -> LogWeights;

    /// The log-weights of one sample each for chosen rows of `x`: entry j belongs to row `rows[j]`
    /// of `x`, and to row j of the noise ([`Noise::with_pairs`]).
    ///
    /// Needed by [`gradient::Replay`](crate::gradient::Replay). If the first layers of a model
    /// compute the same for all samples of a row, an implementation may compute it once per row.
    /// The default repeats it for each entry.
    ///
    /// # Shapes
    ///
    /// `x` is `[batch, features]`; each part of the result is `[1, rows.len()]`.
    fn log_weights_of_rows(&self, x: D, rows: &[usize], noise: &mut Noise) -> LogWeights {
        let rows = row_index(rows, &x.device());
        self.log_weights(x.select_rows(rows), 1, noise)
    }

    /// The same as [`log_weights`](Self::log_weights), but with gradients along the path of z only:
    /// the parameters of log q are constants. The gradient that reaches q's parameters through z is
    /// multiplied by `path`. `None` if the model cannot, which is the default.
    ///
    /// Needed by [`Estimator`](crate::gradient::Estimator)s other than the standard one.
    ///
    /// # Shapes
    ///
    /// `path` is `[num_samples, batch]`.
    fn log_weights_along_path(
        &self,
        _x: D,
        _num_samples: usize,
        _noise: &mut Noise,
        _path: Tensor<2>,
    ) -> Option<LogWeights> {
        None
    }

    /// The same as [`log_weights_of_rows`](Self::log_weights_of_rows), but with gradients along the
    /// path of z only.
    ///
    /// # Shapes
    ///
    /// `path` is `[1, rows.len()]`.
    fn log_weights_of_rows_along_path(
        &self,
        x: D,
        rows: &[usize],
        noise: &mut Noise,
        path: Tensor<2>,
    ) -> Option<LogWeights> {
        let rows = row_index(rows, &x.device());
        self.log_weights_along_path(x.select_rows(rows), 1, noise, path)
    }

    /// The values that x may take.
    fn support(&self) -> Support;

    /// Whether rows of a batch depend on one another in training, as with batch normalization. Then
    /// a batch cannot be run in parts, and gradients in two passes are refused.
    fn uses_batch_statistics(&self) -> bool {
        false
    }

    /// KL(q ‖ p) of the encoder's random weights, in nats, shape `[1]`; `None` if there are none.
    fn encoder_weight_kl(&self) -> Option<Tensor<1>> {
        None
    }

    /// KL(q ‖ p) of the decoder's random weights, in nats, shape `[1]`; `None` if there are none.
    fn decoder_weight_kl(&self) -> Option<Tensor<1>> {
        None
    }

    /// KL(q ‖ p) of all random weights, in nats, shape `[1]`; `None` if there are none.
    fn weight_kl(&self) -> Option<Tensor<1>> {
        match (self.encoder_weight_kl(), self.decoder_weight_kl()) {
            (Some(encoder), Some(decoder)) => Some(encoder + decoder),
            (encoder, decoder) => encoder.or(decoder),
        }
    }

    /// The model with random weights replaced by their means; `None` if there are none.
    fn posterior_mean(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// The model with random weights replaced by one draw of them, the same for all samples and
    /// datapoints; `None` if there are none.
    fn sample_weights(&self, _noise: &mut Noise) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// The layers of random weights, each with its path in the model; empty if there are none.
    fn random_layers(&self) -> Vec<(String, &BayesianLinear)> {
        Vec::new()
    }

    /// The layers among [`random_layers`](Self::random_layers) that belong to the decoder, that is
    /// to p(x, z). [`decoder_weight_kl`](Self::decoder_weight_kl) is the KL of their weights.
    fn random_decoder_layers(&self) -> Vec<(String, &BayesianLinear)> {
        Vec::new()
    }

    /// The model with the decoder's random weights replaced by given ones, the same for all samples
    /// and datapoints. They are in the order of
    /// [`random_decoder_layers`](Self::random_decoder_layers). Gradients flow through them. `None`
    /// if the model cannot.
    ///
    /// Needed for [`WeightDraws`](crate::objective::WeightDraws) that samples share.
    ///
    /// # Panics
    ///
    /// If there are fewer weights than such layers.
    fn with_decoder_weights(&self, _weights: Vec<WeightSample>) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// The model without some units of its stochastic layers; `None` if the model cannot.
    ///
    /// There is a list of units for each layer, in the order of [`LogWeights::latents`]. A unit
    /// that is switched off has q(u | x) = p(u) and no influence on x, so it adds nothing to log w.
    /// The noise of all other units stays the same. This is for evaluation.
    fn without_units(&self, _units: &[Vec<usize>]) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// Panics for a model whose parts are on several devices.
fn assert_one_device(model: &impl Module) {
    let devices = model.devices();
    assert!(
        devices.windows(2).all(|pair| pair[0] == pair[1]),
        "the parts of a model are on one device, these are on {devices:?}: move them by `to_device`"
    );
}

/// Row numbers as a tensor.
fn row_index(rows: &[usize], device: &Device) -> Tensor<1, Int> {
    let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
    Tensor::from_data(TensorData::from(rows.as_slice()), device)
}
