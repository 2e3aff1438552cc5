//! What training maximizes: a bound, less what random weights cost.
//!
//! It needs no training engine: [`Objective::gradients`] is a step of a loop of one's own.

mod parts;
mod step;
mod warm_up;

pub use crate::bound::Bound;
pub use parts::ObjectiveParts;
pub use step::Step;
pub use warm_up::WarmUp;

use crate::{
    bound,
    data::Rows,
    error::{Error, Result},
    gradient::{Estimator, Replay},
    model::{LatentVariableModel, LogWeights},
    noise::Noise,
};
use burn::{
    config::Config,
    module::Module,
    optim::{GradientsAccumulator, GradientsParams},
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

/// Which random weights are charged, always KL/N for each datapoint, N being the number of training
/// data. What the bound then bounds: see [`bound::iwaeu`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargedWeights {
    /// None of them.
    #[default]
    None,
    /// Those of the decoder.
    Decoder,
    /// Those of encoder and decoder.
    All,
}

/// How the gradient of the bound is computed; see [`Replay`] for the second way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Backward {
    /// From one graph over all samples.
    #[default]
    Joint,
    /// In two passes: the first without a graph finds what each sample counts, the second runs
    /// samples again with the same noise. Not for [`Bound::VaeAnalytic`].
    Replayed {
        /// How many samples of each datapoint are in memory at once.
        samples_per_chunk: usize,
        /// τ, the share below which samples are left out at random, without bias; 0 is exact.
        threshold: f64,
    },
}

/// What training maximizes: the mean over datapoints of a bound, less the cost of random weights.
///
/// | name | objective |
/// | --- | --- |
/// | VAE | [`Objective::vae`], [`Objective::vae_analytic`] |
/// | IWAE | [`Objective::iwae`] |
/// | IWAEU_rec | [`Objective::iwaeu`] with [`ChargedWeights::None`], encoder weights random |
/// | IWAEU | [`Objective::iwaeu`], all weights random |
#[derive(Config, Debug, PartialEq)]
pub struct Objective {
    /// The bound.
    pub bound: Bound,
    /// k, the number of samples of the latent for each datapoint.
    pub num_samples: usize,
    /// Which random weights are charged.
    #[config(default = "ChargedWeights::None")]
    pub charged_weights: ChargedWeights,
    /// How the gradient is computed.
    #[config(default = "Backward::Joint")]
    pub backward: Backward,
    /// How the encoder's gradient is estimated; another than the standard one takes two passes.
    #[config(default = "Estimator::Standard")]
    pub estimator: Estimator,
    /// What the latents' part of log-weights counts while training begins.
    #[config(default = "WarmUp::None")]
    pub warm_up: WarmUp,
}

impl Objective {
    /// The evidence lower bound by Monte Carlo with k samples.
    pub fn vae(num_samples: usize) -> Self {
        Self::new(Bound::Vae, num_samples)
    }

    /// The evidence lower bound with k samples, the latent's divergence in closed form.
    pub fn vae_analytic(num_samples: usize) -> Self {
        Self::new(Bound::VaeAnalytic, num_samples)
    }

    /// The importance weighted bound with k samples.
    pub fn iwae(num_samples: usize) -> Self {
        Self::new(Bound::Iwae, num_samples)
    }

    /// The variational Rényi bound of order α with k samples: α = 0 is [`iwae`](Self::iwae), α = 1
    /// [`vae`](Self::vae).
    pub fn renyi(alpha: f64, num_samples: usize) -> Self {
        Self::new(Bound::Renyi { alpha }, num_samples)
    }

    /// The importance weighted bound with k samples, random weights charged as stated.
    pub fn iwaeu(num_samples: usize, charged_weights: ChargedWeights) -> Self {
        Self::iwae(num_samples).with_charged_weights(charged_weights)
    }

    /// Checks settings that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for 0 samples, for a warm-up of no steps, for a threshold outside [0, 1],
    /// for a replayed backward pass of [`Bound::VaeAnalytic`], for a Rényi bound of infinite order,
    /// and for a bound of one's own that is only a name from a file.
    pub fn validate(&self) -> Result<()> {
        if self.num_samples == 0 {
            return Err(Error::setting("num_samples", "is 0", "give at least 1"));
        }
        if let Some((problem, cure)) = self.bound.problem(self.num_samples) {
            return Err(Error::setting("bound", problem, cure));
        }
        self.warm_up.validate()?;
        if self.warm_up != WarmUp::None {
            self.estimator.check_tempered()?;
        }
        self.replay().map_or(Ok(()), |replay| replay.validate())
    }

    /// Checks on a device that the shares of a bound of one's own are the derivatives of its value,
    /// on a few log-weights. Training does so before its first step, if the backward pass is
    /// replayed.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] with the first that differs.
    pub fn check_shares(&self, device: &Device) -> Result<()> {
        let wrong = self.replay().and_then(|_| self.bound.wrong_shares(device));
        match wrong {
            Some(problem) => Err(Error::setting(
                format!("shares of {}", self.bound.name()),
                problem,
                "correct them, or leave `shares` out, and autodiff finds them",
            )),
            None => Ok(()),
        }
    }

    fn replay(&self) -> Option<Replay> {
        let (samples_per_chunk, threshold) = match self.backward {
            Backward::Replayed {
                samples_per_chunk,
                threshold,
            } => (samples_per_chunk, threshold),
            Backward::Joint if self.estimator != Estimator::Standard => (self.num_samples, 0.0),
            Backward::Joint => return None,
        };
        let replay = Replay::new(self.num_samples)
            .with_bound(self.bound.clone())
            .with_samples_per_chunk(samples_per_chunk)
            .with_threshold(threshold)
            .with_estimator(self.estimator);
        Some(replay)
    }

    /// The objective and its parts on a batch, and the gradient of the loss.
    ///
    /// With [`Backward::Joint`] that is [`evaluate`](Self::evaluate) and the gradient of
    /// [`ObjectiveParts::loss`]. With [`Backward::Replayed`] the parts are outside any graph.
    ///
    /// # Panics
    ///
    /// Where [`evaluate`](Self::evaluate) panics, and for settings that
    /// [`validate`](Self::validate) refuses.
    pub fn gradients<D: Rows, M: LatentVariableModel<D> + Module>(
        &self,
        model: &M,
        x: D,
        step: impl Into<Step>,
        noise: &mut Noise,
    ) -> (ObjectiveParts, GradientsParams) {
        let step = step.into();
        let Some(replay) = self.replay() else {
            let parts = self.evaluate(model, x, step, noise);
            let gradients = GradientsParams::from_grads(parts.loss().backward(), model);
            return (parts, gradients);
        };
        let replay = replay.with_beta(self.beta(step));
        let replayed = replay.run(model, x, noise);
        let mut gradients = replayed.gradients;
        let weight_kl = self.weight_kl(model);
        if let Some(kl) = &weight_kl {
            let cost = kl.clone().mul_scalar(1.0 / step.dataset_size() as f64);
            // Weights that are charged may all be frozen.
            let gradient = match cost.is_tracked() {
                true => GradientsParams::from_grads(cost.backward(), model),
                false => GradientsParams::new(),
            };
            let mut sum = GradientsAccumulator::new();
            sum.accumulate(model, gradients);
            sum.accumulate(model, gradient);
            gradients = sum.grads();
        }
        let weight_kl = weight_kl.map(|kl| kl.without_autodiff());
        let parts = self.parts(replayed.log_weights, weight_kl, step);
        (parts, gradients)
    }

    /// The objective and its parts on a batch. `step` is a [`Step`], or N, the number of training
    /// data, alone.
    ///
    /// # Shapes
    ///
    /// `x` is `[batch, features]`.
    ///
    /// # Panics
    ///
    /// If N is 0, or for [`Bound::VaeAnalytic`] if the model's latent has no divergence in closed
    /// form ([`LogWeights::latent_kl`](crate::model::LogWeights::latent_kl)).
    ///
    /// # Example
    ///
    /// A step of a training loop written by hand.
    ///
    /// ```
    /// use burn::optim::GradientsParams;
    /// use burn_bayes::prelude::*;
    ///
    /// let mut noise = Noise::seeded(0);
    /// let model = VaeConfig::new(4, 2).init(&Device::default(), &mut noise).train();
    /// let mut adam = AdamConfig::new().init();
    ///
    /// let x = Tensor::<2>::ones([10, 4], &Device::default());
    /// let parts = Objective::iwae(5).evaluate(&model, x, 10, &mut noise);
    /// let gradients = GradientsParams::from_grads(parts.loss().backward(), &model);
    /// let model = adam.step(1e-3, model, gradients);
    /// # let _ = model;
    /// ```
    pub fn evaluate<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        x: D,
        step: impl Into<Step>,
        noise: &mut Noise,
    ) -> ObjectiveParts {
        let log_weights = model.log_weights(x, self.num_samples, noise);
        self.parts(log_weights, self.weight_kl(model), step.into())
    }

    /// Without a number a step has the final form.
    fn beta(&self, step: Step) -> f64 {
        step.number()
            .map_or(1.0, |number| self.warm_up.beta(number))
    }

    fn parts(&self, parts: LogWeights, weight_kl: Option<Tensor<1>>, step: Step) -> ObjectiveParts {
        let log_weights = parts.total();
        let effective_sample_size = bound::effective_sample_size(log_weights.clone());
        let log_likelihood = mean(&parts.log_likelihood);
        let kl = mean(&(parts.log_proposal.clone() - parts.log_prior.clone()));

        let beta = self.beta(step);
        let (bound, kl, tempered) = match self.bound.value(log_weights) {
            Some(bound) => {
                let tempered = (beta != 1.0).then(|| self.bound.value(parts.tempered(beta)));
                (bound, kl, tempered.flatten())
            }
            None => {
                let analytic = parts.latent_kl().expect(
                    "Bound::VaeAnalytic needs a latent whose KL has a closed form; this model's has none: use Bound::Vae",
                );
                let kl = mean(&analytic);
                let bound = |kl| bound::vae_analytic(parts.log_likelihood.clone(), kl);
                let tempered = (beta != 1.0).then(|| bound(analytic.clone().mul_scalar(beta)));
                (bound(analytic), kl, tempered)
            }
        };
        ObjectiveParts {
            bound,
            log_likelihood,
            log_prior: mean(&parts.log_prior),
            log_proposal: mean(&parts.log_proposal),
            kl,
            effective_sample_size,
            weight_kl,
            beta,
            tempered,
            dataset_size: step.dataset_size(),
        }
    }

    /// KL(q ‖ p) of the charged weights, a sum in nats, shape `[1]`; `None` if there are none.
    pub fn weight_kl<D: Rows, M: LatentVariableModel<D>>(&self, model: &M) -> Option<Tensor<1>> {
        match self.charged_weights {
            ChargedWeights::None => None,
            ChargedWeights::Decoder => model.decoder_weight_kl(),
            ChargedWeights::All => model.weight_kl(),
        }
    }
}

/// Mean over samples, `[k, batch]` → `[batch]`.
fn mean(samples: &Tensor<2>) -> Tensor<1> {
    samples.clone().mean_dim(0).squeeze_dim(0)
}
