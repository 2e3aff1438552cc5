//! An objective on a batch, and its gradient.

use super::{Objective, ObjectiveParts, Step, WeightDraws, charge::Charge, free_bits};
use crate::{
    bound,
    data::Rows,
    model::{LatentVariableModel, LogWeights},
    noise::Noise,
};
use burn::{
    module::Module,
    optim::{GradientsAccumulator, GradientsParams},
    tensor::Tensor,
};

impl Objective {
    /// The objective and its parts on a batch, and the gradient of the loss.
    ///
    /// With [`Backward::Joint`](super::Backward::Joint) and the standard estimator, the result is
    /// that of [`evaluate`](Self::evaluate) and the gradient of [`ObjectiveParts::loss`]. Any other
    /// setting takes two passes, and the parts are outside any graph.
    ///
    /// # Panics
    ///
    /// - Where [`evaluate`](Self::evaluate) panics, a model in training excepted.
    /// - For two passes also if the model uses statistics of the batch, and for an estimator other
    ///   than the standard one if it has no
    ///   [`log_weights_along_path`](LatentVariableModel::log_weights_along_path).
    pub fn gradients<D: Rows, M: LatentVariableModel<D> + Module>(
        &self,
        model: &M,
        x: D,
        step: Step,
        noise: &mut Noise,
    ) -> (ObjectiveParts, GradientsParams) {
        let Some(replay) = self.replay(self.samples_at(step)) else {
            let parts = self.evaluate(model, x, step, noise);
            let gradients = GradientsParams::from_grads(parts.loss().backward(), model);
            return (parts, gradients);
        };
        self.assert_valid();
        let replay = replay.with_beta(self.beta(step));
        let charge = self.charge(model, noise);
        let replayed = replay.run(model, x, noise);
        let mut gradients = replayed.gradients;
        if let Some((kl, _)) = &charge {
            let factor = self.weight_beta(step) / step.dataset_size() as f64;
            let cost = kl.clone().mul_scalar(factor);
            // All charged weights may be frozen; then there is no graph.
            let gradient = match cost.is_tracked() {
                true => GradientsParams::from_grads(cost.backward(), model),
                false => GradientsParams::new(),
            };
            let mut sum = GradientsAccumulator::new();
            sum.accumulate(model, gradients);
            sum.accumulate(model, gradient);
            gradients = sum.grads();
        }
        let charge = charge.map(|(kl, found)| (kl.without_autodiff(), found));
        let parts = self.parts(replayed.log_weights, charge, step);
        (parts, gradients)
    }

    /// The objective and its parts on a batch. `step` is a [`Step`], or only N, the number of
    /// training data.
    ///
    /// # Shapes
    ///
    /// `x` is `[batch, features]`.
    ///
    /// # Panics
    ///
    /// - If N is 0, and for settings that [`validate`](Self::validate) refuses.
    /// - For a model in training, if the settings take two passes: its graph would have the
    ///   gradient of one. Call [`gradients`](Self::gradients), or give `model.valid()`.
    /// - For [weight draws](Objective::weight_draws) that samples share, where
    ///   [`validate`](Self::validate) or [`check_model`](Self::check_model) has an error.
    /// - For noise of selected pairs, if samples share draws of weights or run in parts.
    /// - For [`Bound::VaeAnalytic`](bound::Bound::VaeAnalytic), if the model's latent has no
    ///   divergence in closed form ([`LogWeights::latent_kl`]).
    /// - For free bits at a step with a number, if the model does not give the distributions of its
    ///   latents.
    /// - For [`Bound::Jackknife`](bound::Bound::Jackknife) of one sample.
    ///
    /// # Example
    ///
    /// One step of a training loop of your own, for settings of one pass. [`gradients`](
    /// Self::gradients) is for all settings.
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
    /// let parts = Objective::iwae(5).evaluate(&model, x, Step::new(10), &mut noise);
    /// let gradients = GradientsParams::from_grads(parts.loss().backward(), &model);
    /// let model = adam.step(1e-3, model, gradients);
    /// # let _ = model;
    /// ```
    pub fn evaluate<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        x: D,
        step: Step,
        noise: &mut Noise,
    ) -> ObjectiveParts {
        self.assert_valid();
        let charge = self.charge(model, noise);
        let (k, rows) = (self.samples_at(step), x.num_rows());
        if self.weight_draws == WeightDraws::Local {
            let replay = self.replay(k);
            // A backward pass in parts promises memory that does not grow with k.
            let log_weights = match &replay {
                Some(replay) if !model.uses_batch_statistics() => {
                    replay.first_pass(model, x, noise)
                }
                _ => model.log_weights(x, k, noise).checked(k, rows),
            };
            assert!(
                replay.is_none() || !log_weights.log_likelihood.is_tracked(),
                "a loss of these settings has another gradient than autodiff gives it: call \
                 `Objective::gradients`, or give `model.valid()`"
            );
            return self.parts(log_weights, charge, step);
        }
        let drawn = self.weight_draws.draw(model, step.dataset_size(), noise);
        let start = noise.clone();
        let models = drawn.models.iter().enumerate();
        let parts = models.map(|(draw, model)| {
            let mut later = start.clone().later_samples((draw * k) as u32);
            let noise = if draw == 0 { &mut *noise } else { &mut later };
            let log_weights = model.log_weights(x.clone(), k, noise).checked(k, rows);
            self.parts(log_weights, charge.clone(), step)
        });
        let parts = parts.collect();
        ObjectiveParts::of_weight_draws(parts, |bounds| drawn.bound(bounds))
    }

    /// Panics for wrong settings: only training checks them beforehand.
    fn assert_valid(&self) {
        if let Err(error) = self.validate() {
            panic!("{error}");
        }
    }

    /// k at a step; the final k for a step without a number.
    fn samples_at(&self, step: Step) -> usize {
        let begun = |number| self.sample_schedule.num_samples(number);
        step.number().and_then(begun).unwrap_or(self.num_samples)
    }

    fn beta(&self, step: Step) -> f64 {
        step.number()
            .map_or(1.0, |number| self.warm_up.beta(number))
    }

    /// The factor of KL/N in the loss.
    fn weight_beta(&self, step: Step) -> f64 {
        step.number()
            .map_or(1.0, |number| self.weight_warm_up.beta(number))
    }

    fn parts(&self, parts: LogWeights, charge: Charge, step: Step) -> ObjectiveParts {
        let (weight_kl, weight_kl_estimate) = charge.unzip();
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
                let analytic = parts.latent_kl().unwrap_or_else(|| {
                    let problem = parts.without_closed_form().unwrap_or_default();
                    panic!("Bound::VaeAnalytic {problem}: use Bound::Vae")
                });
                let kl = mean(&analytic);
                let bound = |kl| bound::vae_analytic(parts.log_likelihood.clone(), kl);
                let tempered = (beta != 1.0).then(|| bound(analytic.clone().mul_scalar(beta)));
                (bound(analytic), kl, tempered)
            }
        };
        let tempered = match (self.free_bits, step.number()) {
            (Some(free), Some(_)) => Some(free_bits::bound(&self.bound, &parts, free)),
            _ => tempered,
        };
        ObjectiveParts {
            bound,
            log_likelihood,
            log_prior: mean(&parts.log_prior),
            log_proposal: mean(&parts.log_proposal),
            kl,
            effective_sample_size,
            weight_kl,
            weight_kl_estimate,
            beta,
            weight_beta: self.weight_beta(step),
            tempered,
            dataset_size: step.dataset_size(),
        }
    }
}

/// Mean over samples, `[k, batch]` → `[batch]`.
fn mean(samples: &Tensor<2>) -> Tensor<1> {
    samples.clone().mean_dim(0).squeeze_dim(0)
}
