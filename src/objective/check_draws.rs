//! Whether samples can share draws of weights.

use super::{
    ChargedWeights, Objective, WeightDraws,
    weight_draws::{NONE, UNMOVED, under},
};
use crate::{
    data::Rows,
    error::{Error, Result},
    layer::WeightPrior,
    model::LatentVariableModel,
    noise::Noise,
};

impl Objective {
    pub(super) fn check_weight_draws(&self) -> Result<()> {
        let Some(num_draws) = self.weight_draws.num_draws() else {
            return Ok(());
        };
        let refused = |problem: String, cure| Err(Error::setting("weight_draws", problem, cure));
        if num_draws == 0 {
            return refused("have 0 draws".into(), "give at least 1");
        }
        let powers = match self.weight_draws {
            WeightDraws::Sites { alpha, .. } if !(alpha > 0.0 && alpha.is_finite()) => {
                let cure = "give a positive number; 0 is `WeightDraws::Shared`";
                return refused(format!("by sites have the α {alpha}"), cure);
            }
            WeightDraws::Shared { alpha, .. } if !alpha.is_finite() => {
                return refused(
                    format!("have the α {alpha}"),
                    "give a number, usually 0 to 1",
                );
            }
            WeightDraws::Shared { alpha, .. } => alpha != 0.0,
            _ => true,
        };
        if self.replay(self.num_samples).is_some() {
            let problem = "share weights between samples, so that none can be run again on its own";
            let cure = "use `Backward::Joint` and `Estimator::Standard`, or `WeightDraws::Local`";
            return refused(problem.into(), cure);
        }
        if powers && self.free_bits.is_some() {
            let problem = "take powers for each datapoint, which free bits of a batch have not";
            return refused(problem.into(), "leave free bits out, or give the α 0");
        }
        let sites = matches!(self.weight_draws, WeightDraws::Sites { .. });
        if sites && self.charged_weights != ChargedWeights::None {
            let problem = "by sites have the weights' divergence in the bound, where it is charged";
            return refused(problem.into(), "use `ChargedWeights::None`");
        }
        Ok(())
    }

    pub(super) fn check_drawn_model<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
    ) -> Result<()> {
        if self.weight_draws == WeightDraws::Local {
            return Ok(());
        }
        let refused = |problem: String, cure| Err(Error::setting("weight_draws", problem, cure));
        let layers = model.random_decoder_layers();
        if layers.is_empty() {
            return refused(NONE.into(), "make them random, or use `WeightDraws::Local`");
        }
        if matches!(self.weight_draws, WeightDraws::Sites { .. }) {
            for (place, layer) in &layers {
                let normal = matches!(layer.prior(), WeightPrior::Normal { .. });
                if !normal || layer.has_centred_prior() {
                    let problem = format!(
                        "by sites are for normal priors around 0, and that of {place} is another"
                    );
                    let cure = "give `WeightPrior::Normal`, or use `WeightDraws::Shared`";
                    return refused(problem, cure);
                }
            }
        }
        let noise = &mut Noise::seeded(0);
        let weights = layers.iter().map(|(_, layer)| layer.sample_weights(noise));
        match under(model, weights.collect()) {
            Some(_) => Ok(()),
            None => refused(
                UNMOVED.into(),
                "implement `LatentVariableModel::with_decoder_weights`, and \
                 `RandomWeights::with_weights` of its parts",
            ),
        }
    }
}
