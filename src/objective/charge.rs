//! What random weights cost.

use super::{ChargedWeights, Objective, WeightKlEstimate};
use crate::{
    data::Rows,
    error::{Error, Result},
    layer::{BayesianLinear, sum_of_weight_kls},
    model::LatentVariableModel,
    noise::Noise,
};
use burn::tensor::Tensor;

/// KL(q ‖ p) of charged weights and how it was found.
pub(super) type Charge = Option<(Tensor<1>, WeightKlEstimate)>;

impl Objective {
    /// KL(q ‖ p) of the charged weights, a sum in nats, shape `[1]`; `None` if there are none.
    /// [`weight_kl_estimate`](Self::weight_kl_estimate) says how it is found.
    ///
    /// What it draws is forked from `noise`, whose other draws stay what they are.
    ///
    /// # Panics
    ///
    /// For an estimate, if the model tells none of the charged layers. A model that tells some is
    /// charged for those: [`check_model`](Self::check_model) refuses it.
    pub fn weight_kl<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        noise: &Noise,
    ) -> Option<Tensor<1>> {
        self.charge(model, noise).map(|(kl, _)| kl)
    }

    /// How [`weight_kl`](Self::weight_kl) finds its number for a model; `None` if nothing is
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

    /// The charge of weights, from the noise before a model's draws.
    pub(super) fn charge<D: Rows, M: LatentVariableModel<D>>(
        &self,
        model: &M,
        noise: &Noise,
    ) -> Charge {
        if let WeightKlEstimate::MonteCarlo { num_draws } = self.weight_kl_estimate {
            let layers = self.charged_layers(model);
            if layers.iter().any(|layer| !layer.prior().has_closed_form()) {
                // A noise that is not forked for each step has made other draws by then.
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
        // Sums in another order.
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

    /// By the model itself.
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

const UNTOLD: &str = "draws weights for their charge, but the model does not tell all its layers";
