//! What random weights cost, and how it is found.

use super::{ChargedWeights, Objective};
use crate::{
    data::Rows,
    error::{Error, Result},
    layer::{BayesianLinear, sum_of_weight_kls},
    model::LatentVariableModel,
    noise::Noise,
};
use burn::tensor::Tensor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// KL(q ‖ p) of charged weights and how it was found.
pub(super) type Charge = Option<(Tensor<1>, WeightKlEstimate)>;

/// The fork of a step's noise from which weights are drawn for their charge.
const WEIGHT_KL: u64 = u64::from_be_bytes(*b"weightKL");

/// How KL(q ‖ p) of charged weights is found.
///
/// | setting | [`WeightPrior::Normal`], [`WeightPrior::Matched`] | [`WeightPrior::ScaleMixture`] |
/// | --- | --- | --- |
/// | [`ClosedForm`](Self::ClosedForm) | itself | an upper bound of it |
/// | [`MonteCarlo`](Self::MonteCarlo) | itself | an estimate by draws of the weights, without bias |
///
/// In [`ObjectiveParts`](super::ObjectiveParts) it says how their number was found: by Monte Carlo
/// only if some charged weights have a prior without a closed form.
///
/// [`WeightPrior::Normal`]: crate::layer::WeightPrior::Normal
/// [`WeightPrior::Matched`]: crate::layer::WeightPrior::Matched
/// [`WeightPrior::ScaleMixture`]: crate::layer::WeightPrior::ScaleMixture
///
/// # Example
///
/// ```
/// use burn_bayes::{objective::WeightKlEstimate, prelude::*};
///
/// let objective = Objective::iwaeu(25, ChargedWeights::All)
///     .with_weight_kl_estimate(WeightKlEstimate::MonteCarlo { num_draws: 1 });
/// # assert!(objective.validate().is_ok());
/// let model = VaeConfig::new(4, 2)
///     .with_uncertainty(Uncertainty::EncoderAndDecoder)
///     .with_weight_prior(WeightPrior::ScaleMixture { share: 0.25, wide: 1.0, narrow: 0.0025 })
///     .init(&Device::default(), &mut Noise::seeded(0));
/// let noise = Noise::seeded(1);
/// let [estimate, bound] = [objective.weight_kl(&model, &noise), model.weight_kl()]
///     .map(|kl| kl.unwrap().into_scalar::<f32>());
/// assert!(estimate < bound);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub enum WeightKlEstimate {
    /// By [`WeightPrior::kl`](crate::layer::WeightPrior::kl), an upper bound where the divergence
    /// has no closed form.
    #[default]
    ClosedForm,
    /// By [`WeightPrior::kl_estimate`](crate::layer::WeightPrior::kl_estimate): where the
    /// divergence has no closed form, log q(w) − log p(w) at reparametrized draws of the weights
    /// (Blundell, Cornebise, Kavukcuoglu and Wierstra 2015).
    MonteCarlo {
        /// How many draws of all charged weights a step makes.
        num_draws: usize,
    },
}

impl Objective {
    /// KL(q ‖ p) of the charged weights, a sum in nats, shape `[1]`; `None` if there are none. It is
    /// found as [`weight_kl_estimate`](Self::weight_kl_estimate) says.
    ///
    /// What it draws is forked from `noise`, whose other draws stay what they are.
    ///
    /// # Panics
    ///
    /// Where [`check_model`](Self::check_model) has an error for an estimate.
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
                let mut noise = noise.fork(WEIGHT_KL).fork(noise.num_draws().into());
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

    /// Checks that a model has what the objective asks for. Training does so first.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if
    ///
    /// - weights are charged, and the model has no such random weights;
    /// - their charge is to be estimated, and the model does not tell their layers.
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
        match (told - charge).abs() <= 1e-3 * charge.abs() {
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

impl Serialize for WeightKlEstimate {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        Self::serialize(self, serializer) // the derived one, which is no method of the trait
    }
}

/// `ClosedForm` where a file of an earlier version does not say.
impl<'de> Deserialize<'de> for WeightKlEstimate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Said(#[serde(with = "WeightKlEstimate")] WeightKlEstimate);
        let said = Option::<Said>::deserialize(deserializer)?;
        Ok(said.map_or(Self::ClosedForm, |Said(estimate)| estimate))
    }
}
