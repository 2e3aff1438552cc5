//! The numbers that are shown and recorded.

use super::{summary::Summary, watch::Watch};
use burn::{
    tensor::TensorReadError,
    train::metric::{
        Adaptor, Metric, MetricAttributes, MetricId, MetricMetadata, MetricName, Numeric,
        NumericAttributes, NumericEntry, SerializedEntry, state::NumericMetricState,
    },
};
use std::sync::Arc;

/// A number of the objective, averaged over datapoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Bound,
    EffectiveSampleSize,
    LogLikelihood,
    Kl,
    WeightKl,
    Loss,
}

impl Quantity {
    /// All, in the order in which the dashboard shows them.
    pub const ALL: [Self; 6] = [
        Self::Bound,
        Self::EffectiveSampleSize,
        Self::LogLikelihood,
        Self::Kl,
        Self::WeightKl,
        Self::Loss,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bound => "Bound",
            Self::EffectiveSampleSize => "Effective sample size",
            Self::LogLikelihood => "Log-likelihood",
            Self::Kl => "KL",
            Self::WeightKl => "Weight KL",
            // The name by which burn's default strategy finds the best checkpoint.
            Self::Loss => "Loss",
        }
    }

    pub fn id(self) -> MetricId {
        MetricId::new(Arc::new(self.name().into()))
    }

    fn description(self) -> &'static str {
        match self {
            Self::Bound => "The bound of log p(x), without the cost of weights",
            Self::EffectiveSampleSize => "(Σ w)² / Σ w², between 1 and k",
            Self::LogLikelihood => "log p(x | z), mean over samples",
            Self::Kl => "KL(q(z | x) ‖ p(z))",
            Self::WeightKl => "KL/N of the charged weights",
            Self::Loss => "What is minimized: −bound + weight KL",
        }
    }

    fn unit(self) -> Option<&'static str> {
        (self != Self::EffectiveSampleSize).then_some("nats")
    }

    fn higher_is_better(self) -> bool {
        matches!(
            self,
            Self::Bound | Self::EffectiveSampleSize | Self::LogLikelihood
        )
    }
}

impl Adaptor<Summary> for Summary {
    fn adapt(&self) -> Summary {
        self.clone()
    }
}

/// The metric of a [`Quantity`]: its mean over the batch, and over the epoch's datapoints.
#[derive(Clone)]
pub(super) struct Mean {
    quantity: Quantity,
    watch: Watch,
    state: NumericMetricState,
}

impl Mean {
    /// Who reads a step's numbers first looks whether they are finite.
    pub fn of(quantity: Quantity, watch: &Watch) -> Self {
        Self {
            quantity,
            watch: watch.clone(),
            state: NumericMetricState::default(),
        }
    }

    /// Not by burn's formatter, which writes negative numbers in scientific notation.
    fn entry(&self, recorded: NumericEntry) -> SerializedEntry {
        let (epoch, batch) = (
            self.state.running_value().current(),
            self.state.current_value().current(),
        );
        let unit = self
            .quantity
            .unit()
            .map_or(String::new(), |unit| format!(" {unit}"));
        let shown = format!("epoch {epoch:.3} - batch {batch:.3}{unit}");
        SerializedEntry::new(shown, recorded.serialize())
    }
}

impl Metric for Mean {
    type Input = Summary;

    fn name(&self) -> MetricName {
        Arc::new(self.quantity.name().into())
    }

    fn description(&self) -> Option<String> {
        Some(self.quantity.description().into())
    }

    fn attributes(&self) -> MetricAttributes {
        let attributes = NumericAttributes {
            unit: self.quantity.unit().map(String::from),
            higher_is_better: self.quantity.higher_is_better(),
        };
        attributes.into()
    }

    fn update(
        &mut self,
        summary: &Summary,
        _: &MetricMetadata,
    ) -> Result<SerializedEntry, TensorReadError> {
        self.watch.check(summary);
        // What cannot be read has stopped the run.
        let mean = summary.mean(self.quantity).unwrap_or(f64::NAN);
        self.state.update(mean, summary.batch);
        Ok(self.entry(self.state.current_value()))
    }

    fn compute(&mut self) -> Result<SerializedEntry, TensorReadError> {
        Ok(self.entry(self.state.final_value()))
    }

    fn clear(&mut self) {
        self.state.reset();
    }
}

impl Numeric for Mean {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.state.current_value())
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.state.running_value())
    }

    fn final_value(&self) -> NumericEntry {
        self.state.final_value()
    }
}
