//! A step's numbers, in one small tensor.

use super::quantity::Quantity;
use crate::objective::ObjectiveParts;
use burn::{
    tensor::{ExecutionError, Tensor},
    train::ItemLazy,
};
use std::sync::{Arc, OnceLock};

/// The means over a batch of everything that is shown or watched.
///
/// They stay on the device until their first use, and are read once. On a GPU the thread that
/// computes metrics reads them, while the next steps are already running.
#[derive(Clone, Debug)]
pub(super) struct Summary {
    numbers: Tensor<1>,
    read: Arc<OnceLock<Result<Vec<f64>, String>>>,
    /// The quantities, in this order: a cause comes before its effects.
    of: Vec<Part>,
    /// The number of datapoints in the means.
    pub batch: usize,
    /// The number of the step, or of the last one before validation.
    pub step: u64,
    /// Whether these are validation data.
    pub validation: bool,
}

/// A number of a [`Summary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Shown(Quantity),
    LogProposal,
    LogPrior,
    Gradient,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Shown(Quantity::WeightKl) => "weight KL",
            Self::Shown(Quantity::WeightKlEstimate) => "weight KL (Monte Carlo)",
            Self::Shown(Quantity::LogLikelihood) => "log p(x|z)",
            Self::Shown(Quantity::Kl) => "latent KL",
            Self::Shown(Quantity::Bound) => "bound",
            Self::Shown(Quantity::EffectiveSampleSize) => "effective sample size",
            Self::Shown(Quantity::Loss) => "loss",
            Self::LogProposal => "log q(z|x)",
            Self::LogPrior => "log p(z)",
            Self::Gradient => "the gradient",
        }
    }
}

/// A number of a summary that is not finite.
pub(super) struct NotFinite {
    pub part: &'static str,
    pub value: f64,
}

impl Summary {
    /// From the parts of an objective, and from a gradient if there is one.
    pub fn new(parts: &ObjectiveParts, gradient: Option<Tensor<1>>, step: u64) -> Self {
        let weight_kl = parts.weight_kl_per_datapoint();
        let found = parts.weight_kl_estimate.unwrap_or_default();
        let candidates = [
            (Part::Shown(Quantity::weight_kl(found)), weight_kl),
            (Part::LogProposal, Some(parts.log_proposal.clone())),
            (Part::LogPrior, Some(parts.log_prior.clone())),
            (
                Part::Shown(Quantity::LogLikelihood),
                Some(parts.log_likelihood.clone()),
            ),
            (Part::Shown(Quantity::Kl), Some(parts.kl.clone())),
            (Part::Shown(Quantity::Bound), Some(parts.bound.clone())),
            (
                Part::Shown(Quantity::EffectiveSampleSize),
                Some(parts.effective_sample_size.clone()),
            ),
            (Part::Shown(Quantity::Loss), Some(parts.loss())),
            (Part::Gradient, gradient),
        ];
        let (of, means): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .filter_map(|(part, numbers)| Some((part, numbers?.without_autodiff().mean())))
            .unzip();
        Self {
            numbers: Tensor::cat(means, 0),
            read: Arc::default(),
            of,
            batch: parts.bound.dims()[0],
            step,
            validation: false,
        }
    }

    /// The same, marked as validation data.
    pub fn of_validation(self) -> Self {
        Self {
            validation: true,
            ..self
        }
    }

    /// Whether the numbers are on the host already.
    pub fn is_read(&self) -> bool {
        self.read.get().is_some()
    }

    /// The numbers. The first call reads them from the device.
    fn numbers(&self) -> Result<&[f64], String> {
        let read = self.read.get_or_init(|| {
            let numbers = self.numbers.clone().try_into_vec_as::<f64>();
            numbers.map_err(|error| error.to_string())
        });
        match read {
            Ok(numbers) => Ok(numbers),
            Err(error) => Err(error.clone()),
        }
    }

    /// The mean of a quantity; NaN if it is not a part of this objective.
    pub fn mean(&self, quantity: Quantity) -> Result<f64, String> {
        let numbers = self.numbers()?;
        let index = self
            .of
            .iter()
            .position(|&part| part == Part::Shown(quantity));
        Ok(index.map_or(f64::NAN, |index| numbers[index]))
    }

    /// The first number that is not finite: a mean is finite only if all of its terms are.
    pub fn not_finite(&self) -> Result<Option<NotFinite>, String> {
        let numbers = self.numbers()?;
        let index = numbers.iter().position(|number| !number.is_finite());
        Ok(index.map(|index| NotFinite {
            part: self.of[index].name(),
            value: numbers[index],
        }))
    }
}

impl ItemLazy for Summary {
    fn sync(self) -> Result<Self, ExecutionError> {
        self.numbers.device().flush()?;
        Ok(self)
    }
}
