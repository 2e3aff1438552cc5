//! Metrics of the quantities that are shown and recorded.

use super::{quantity::Quantity, summary::Summary, watch::Watch};
use burn::{
    tensor::TensorReadError,
    train::metric::{
        Adaptor, Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes,
        NumericEntry, SerializedEntry, state::NumericMetricState,
    },
};
use std::sync::Arc;

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
    /// The first reader of a step's numbers checks whether they are finite.
    pub fn of(quantity: Quantity, watch: &Watch) -> Self {
        Self {
            quantity,
            watch: watch.clone(),
            state: NumericMetricState::default(),
        }
    }

    /// burn's formatter is not used, since it writes negative numbers in scientific notation.
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
        // A number that cannot be read has already stopped the run.
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
