//! Whether an objective can be computed.

use super::{ChargedWeights, Objective, WarmUp, WeightKlEstimate};
use crate::{
    bound::Bound,
    data::Rows,
    error::{Error, Result},
    model::LatentVariableModel,
};
use burn::tensor::Device;

impl Objective {
    /// Checks settings that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for
    ///
    /// - 0 samples, fewer samples than the bound or the estimator needs, or a schedule of k whose
    ///   stages are not in ascending order;
    /// - a warm-up of 0 steps;
    /// - a warm-up or an estimate of the weights' charge where no weights are charged;
    /// - a warm-up of the latents with
    ///   [`Estimator::DoublyReparameterized`](crate::gradient::Estimator::DoublyReparameterized);
    /// - an estimate of the charge from 0 draws;
    /// - a Rényi bound whose order is not finite, or a user-defined bound of which a file held only
    ///   the name;
    /// - 0 samples in a chunk, or a threshold outside [0, 1];
    /// - a backward pass in two passes, which estimators other than the standard one take too, with
    ///   [`Bound::VaeAnalytic`];
    /// - an estimator that does not exist for the bound;
    /// - free bits that are not a positive number, with a bound other than the ELBO, with a warm-up
    ///   of the latents, or with a backward pass in two passes;
    /// - weight draws that samples share, if there are 0 of them, if α is not allowed, or with a
    ///   backward pass in two passes;
    /// - such draws with free bits, unless α is 0;
    /// - such draws by sites with charged weights.
    pub fn validate(&self) -> Result<()> {
        if self.num_samples == 0 {
            return Err(Error::setting("num_samples", "is 0", "give at least 1"));
        }
        self.sample_schedule.validate()?;
        for k in self.sample_schedule.counts().chain([self.num_samples]) {
            if let Some((problem, cure)) = self.bound.problem(k) {
                return Err(Error::setting("bound", problem, cure));
            }
            self.replay(k).map_or(Ok(()), |replay| replay.validate())?;
        }
        self.warm_up.validate("warm_up")?;
        if self.warm_up != WarmUp::None {
            self.estimator.check_tempered()?;
        }
        self.weight_warm_up.validate("weight_warm_up")?;
        let charged = self.charged_weights != ChargedWeights::None;
        if self.weight_warm_up != WarmUp::None && !charged {
            return Err(Error::setting(
                "weight_warm_up",
                "is for the charge of weights, and none are charged",
                "charge weights, or use `WarmUp::None`",
            ));
        }
        match self.weight_kl_estimate {
            WeightKlEstimate::MonteCarlo { num_draws: 0 } => {
                return Err(Error::setting(
                    "weight_kl_estimate",
                    "has 0 draws",
                    "give at least 1, or `WeightKlEstimate::ClosedForm`",
                ));
            }
            WeightKlEstimate::MonteCarlo { .. } if !charged => {
                return Err(Error::setting(
                    "weight_kl_estimate",
                    "is for the charge of weights, and none are charged",
                    "charge weights, or use `WeightKlEstimate::ClosedForm`",
                ));
            }
            _ => {}
        }
        self.check_weight_draws()?;
        self.check_free_bits()
    }

    /// Checks what a model says of itself: whether it has what the objective needs. Training calls
    /// this before its first step. Whether the model gives the distributions of its latents and
    /// paths of its draws shows in the first step alone.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if
    ///
    /// - weights are charged, and the model has no such random weights;
    /// - their charge is to be estimated, and the model does not list all their layers;
    /// - samples share draws of weights, and the decoder has no random weights, or cannot be given
    ///   draws of them;
    /// - draws are by sites, and a prior is not normal around 0;
    /// - samples are run again on their own, and the model normalizes over batches.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let plain = VaeConfig::new(4, 2).init(&Device::default(), &mut Noise::seeded(0));
    /// assert!(Objective::iwaeu(5, ChargedWeights::All).check_model(&plain).is_err());
    /// ```
    pub fn check_model<D: Rows, M: LatentVariableModel<D>>(&self, model: &M) -> Result<()> {
        self.check_drawn_model(model)?;
        self.check_charge(model)?;
        match self.replay(self.num_samples).is_some() && model.uses_batch_statistics() {
            true => Err(Error::setting(
                "backward",
                "runs a batch in parts, but the model normalizes over the whole of it",
                "use `Backward::Joint` and the standard estimator, or no batch normalization",
            )),
            false => Ok(()),
        }
    }

    fn check_free_bits(&self) -> Result<()> {
        let Some(free) = self.free_bits else {
            return Ok(());
        };
        let refused = |problem: String, cure| Err(Error::setting("free_bits", problem, cure));
        if !(free > 0.0 && free.is_finite()) {
            return refused(
                format!("is {free}"),
                "give a positive number of nats, or `None`",
            );
        }
        if !matches!(self.bound, Bound::Vae | Bound::VaeAnalytic) {
            let name = self.bound.name();
            let problem =
                format!("is for a sum of likelihood and KL, which the bound {name} is not");
            return refused(problem, "use the bound Vae or VaeAnalytic, or `None`");
        }
        if self.warm_up != WarmUp::None {
            let problem = "is a limit of the whole KL, which a warm-up makes another";
            return refused(problem.into(), "use one of the two");
        }
        if self.replay(self.num_samples).is_some() {
            let problem = "asks for the KL of the whole batch, so samples cannot run on their own";
            return refused(
                problem.into(),
                "use `Backward::Joint` and `Estimator::Standard`, or `None`",
            );
        }
        Ok(())
    }

    /// Checks on a few log-weights that the shares of a user-defined bound are the derivatives of
    /// its value.
    ///
    /// Training calls this before its first step if the backward pass is replayed.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] with the first share that differs from the derivative.
    pub fn check_shares(&self, device: &Device) -> Result<()> {
        let wrong = self
            .replay(self.num_samples)
            .and_then(|_| self.bound.wrong_shares(device));
        match wrong {
            Some(problem) => Err(Error::setting(
                format!("shares of {}", self.bound.name()),
                problem,
                "correct them, or leave `shares` out, and autodiff finds them",
            )),
            None => Ok(()),
        }
    }
}
