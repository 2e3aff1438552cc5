//! The cost of random weights: KL(q ‖ p) of those that the objective charges.

use super::{ChargedWeights, Objective, WeightKlEstimate};
use crate::{
    data::Rows,
    error::{Error, Result},
    layer::{BayesianLinear, sum_of_weight_kls},
    model::LatentVariableModel,
    noise::Noise,
};
use burn::tensor::Tensor;

/// KL(q ‖ p) of charged weights and how it was computed.
pub(super) type Charge = Option<(Tensor<1>, WeightKlEstimate)>;

impl Objective {
    /// KL(q ‖ p) of the charged weights, a sum in nats, shape `[1]`; `None` if there are none.
    /// [`weight_kl_estimate`](Self::weight_kl_estimate) decides how it is computed.
    ///
    /// An estimate draws from a fork of `noise`, so it does not change the other draws.
    ///
    /// # Panics
    ///
    /// For an estimate, if the model lists none of the charged layers. If it lists only some of
    /// them, and one of these has no closed form, only the listed ones are charged:
    /// [`check_model`](Self::check_model) reports this as an error.
    pub fn weight_kl<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        noise: &Noise,
    ) -> Option<Tensor<1>> {
        self.charge(model, noise).map(|(kl, _)| kl)
    }

    /// How [`weight_kl`](Self::weight_kl) computes its number for a model; `None` if nothing is
    /// charged.
    ///
    /// # Panics
    ///
    /// Where [`weight_kl`](Self::weight_kl) panics.
    pub fn weight_kl_found<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
    ) -> Option<WeightKlEstimate> {
        let charge = self.charge(model, &Noise::seeded(0));
        charge.map(|(_, found)| found)
    }

    /// The charge of weights. `noise` is the one that the model has not drawn from yet.
    pub(super) fn charge<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        noise: &Noise,
    ) -> Charge {
        if let WeightKlEstimate::MonteCarlo { num_draws } = self.weight_kl_estimate {
            let layers = self.charged_layers(model);
            if layers.iter().any(|layer| !layer.prior().has_closed_form()) {
                // The number of draws made so far keeps steps apart where the caller does not fork
                // the noise for each step.
                let mut noise = noise
                    .fork(WeightKlEstimate::STREAM)
                    .fork(noise.num_draws().into());
                let kls = layers.into_iter().map(|layer| {
                    let prior = layer.prior();
                    Some(layer.kl_estimate(&prior, num_draws, &mut noise))
                });
                return sum_of_weight_kls(kls).zip(Some(self.weight_kl_estimate));
            }
            let untold = layers.is_empty() && self.closed_form(model).is_some();
            assert!(!untold, "`weight_kl_estimate` {UNTOLD}");
        }
        self.closed_form(model)
            .zip(Some(WeightKlEstimate::ClosedForm))
    }

    pub(super) fn check_charge<D: Rows, M: LatentVariableModel<D>>(&self, model: &M) -> Result<()> {
        let Some(charge) = self.closed_form(model) else {
            return match self.charged_weights {
                ChargedWeights::None => Ok(()),
                charged => Err(Error::setting(
                    "charged_weights",
                    format!("is {charged:?}, but the model has no such random weights"),
                    "charge nothing, or give the model random weights",
                )),
            };
        };
        if self.weight_kl_estimate == WeightKlEstimate::ClosedForm {
            return Ok(());
        }
        let layers = self.charged_layers(model).into_iter();
        let told = sum_of_weight_kls(layers.map(|layer| Some(layer.kl(&layer.prior()))));
        let number = |kl: Tensor<1>| kl.without_autodiff().into_scalar::<f64>();
        let (told, charge) = (told.map_or(0.0, number), number(charge));
        // The tolerance is for rounding: the two sums run in different orders.
        match (told - charge).abs() <= 1e-5 * charge.abs() {
            true => Ok(()),
            false => Err(Error::setting(
                "weight_kl_estimate",
                UNTOLD,
                "use `WeightKlEstimate::ClosedForm`, or implement `random_layers` and \
                 `random_decoder_layers`",
            )),
        }
    }

    /// The charge as the model itself gives it: the closed form, or its upper bound.
    fn closed_form<D: Rows, M: LatentVariableModel<D>>(&self, model: &M) -> Option<Tensor<1>> {
        match self.charged_weights {
            ChargedWeights::None => None,
            ChargedWeights::Decoder => model.decoder_weight_kl(),
            ChargedWeights::All => model.weight_kl(),
        }
    }

    fn charged_layers<'a, D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &'a M,
    ) -> Vec<&'a BayesianLinear> {
        let layers = match self.charged_weights {
            ChargedWeights::None => Vec::new(),
            ChargedWeights::Decoder => model.random_decoder_layers(),
            ChargedWeights::All => model.random_layers(),
        };
        layers.into_iter().map(|(_, layer)| layer).collect()
    }
}

const UNTOLD: &str = "draws weights for their charge, but the model does not give all its layers";
