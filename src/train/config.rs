//! The settings that decide a training's result.

use super::{Clipping, Objective, OwnOptimizer, Schedule};
use crate::{
    error::{Error, Result},
    optimizer::AdamConfig,
};
use burn::{config::Config, optim::ModuleOptimizer};
use serde_json::Value;

/// Everything that determines the result of a training, except the initial weights and the data.
///
/// A [`Run`](super::Run) holds the other settings: where files are written and what is shown.
///
/// The optimizer is Adam (Kingma and Ba 2015, β = 0.9, 0.999) on the mean over the batch, unless
/// another is set.
#[derive(Config, Debug, PartialEq)]
pub struct TrainingConfig {
    /// What is maximized.
    pub objective: Objective,
    /// The seed of everything random in training. The caller makes the initial weights.
    #[config(default = 0)]
    pub seed: u64,
    /// The number of times that each datapoint is visited.
    #[config(default = 100)]
    pub epochs: usize,
    /// The number of datapoints in an optimizer step. The last step of an epoch may have fewer.
    #[config(default = 100)]
    pub batch_size: usize,
    /// How many rows of a batch are in memory at once; `None` for all. The gradients of such chunks
    /// are added.
    ///
    /// The result equals that of the whole batch up to rounding if rows do not depend on each
    /// other. It differs with burn's dropout, and with a user-defined bound that mixes rows. Models
    /// with batch statistics are refused.
    #[config(default = "None")]
    pub rows_per_chunk: Option<usize>,
    /// The learning rate.
    #[config(default = "Schedule::Constant { learning_rate: 1e-3 }")]
    pub schedule: Schedule,
    /// Adam's ε, which is added to the square root of the bias-corrected second moment.
    ///
    /// Parameters whose gradients are much smaller than ε hardly move. The default is that of
    /// Kingma and Ba. The log-variances of random weights have gradients about a hundred times
    /// smaller than those of the weights; if they come from KL/N only, about 1e-5. So do not choose
    /// a large ε for random weights. For fixed weights, a replication of Burda et al. (2016) did
    /// well with 1e-4.
    #[config(default = 1e-8)]
    pub adam_epsilon: f64,
    /// Decoupled weight decay (Loshchilov and Hutter 2019). Before each step every parameter is
    /// multiplied by 1 − `weight_decay` · learning rate. This includes biases and the log-variances
    /// of random weights. In `f32` the factor is 1 if the product is below 3e-8.
    #[config(default = 0.0)]
    pub weight_decay: f64,
    /// How large gradients are clipped.
    #[config(default = "Clipping::None")]
    pub clipping: Clipping,
    /// Training stops when the validation loss has not reached a new minimum for this number of
    /// epochs. `None`: it runs all epochs.
    #[config(default = "None")]
    pub patience: Option<usize>,
    /// An optimizer that replaces Adam. `adam_epsilon` and `weight_decay` are for Adam: leave them
    /// at their defaults then.
    #[config(default = "None")]
    pub optimizer: Option<OwnOptimizer>,
}

impl TrainingConfig {
    /// Checks settings that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for counts of 0, for a learning rate, ε or limit that is not a positive
    /// number, for a negative weight decay, and for free bits with `rows_per_chunk`. Also for
    /// settings of Adam with another optimizer, for an optimizer of which a file held only the
    /// name, and where [`Objective::validate`] has an error.
    pub fn validate(&self) -> Result<()> {
        for (name, count) in [("epochs", self.epochs), ("batch_size", self.batch_size)] {
            if count == 0 {
                return Err(Error::setting(name, "is 0", "give at least 1"));
            }
        }
        if self.rows_per_chunk == Some(0) {
            return Err(Error::setting("rows_per_chunk", "is 0", "give at least 1"));
        }
        self.adam().validate_as("adam_epsilon")?;
        if self.patience == Some(0) {
            return Err(Error::setting("patience", "is 0", "give at least 1 epoch"));
        }
        if self.rows_per_chunk.is_some() && self.objective.free_bits.is_some() {
            return Err(Error::setting(
                "rows_per_chunk",
                "cuts batches, but free bits ask for the KL of a whole one",
                "leave one of the two out",
            ));
        }
        self.check_optimizer()?;
        self.clipping.validate()?;
        self.schedule.validate()?;
        self.objective.validate()
    }

    fn check_optimizer(&self) -> Result<()> {
        let Some(own) = &self.optimizer else {
            return Ok(());
        };
        let adam = Self::new(self.objective.clone());
        for (name, differs) in [
            ("adam_epsilon", self.adam_epsilon != adam.adam_epsilon),
            ("weight_decay", self.weight_decay != adam.weight_decay),
        ] {
            if differs {
                return Err(Error::setting(
                    name,
                    format!("is Adam's, but the optimizer is `{}`", own.name()),
                    "give the optimizer its own, and leave this out",
                ));
            }
        }
        if own.get().is_none() {
            return Err(Error::setting(
                "optimizer",
                format!("`{}` is only a name from a file", own.name()),
                "set it by `TrainingConfig::with_optimizer`",
            ));
        }
        Ok(())
    }

    /// The first setting that differs from an earlier training's, in words. The number of epochs
    /// may differ.
    pub(super) fn difference(&self, earlier: &Self) -> Option<String> {
        let earlier = earlier.clone().with_epochs(self.epochs);
        if earlier == *self {
            return None;
        }
        let (here, there) = (serde_json::json!(self), serde_json::json!(earlier));
        first_difference("", &here, &there)
    }

    /// The optimizer of a whole module.
    pub(super) fn optimizer(&self) -> ModuleOptimizer {
        let own = self.optimizer.as_ref().and_then(OwnOptimizer::get);
        own.cloned().unwrap_or_else(|| self.adam().init())
    }

    fn adam(&self) -> AdamConfig {
        AdamConfig::new()
            .with_epsilon(self.adam_epsilon)
            .with_weight_decay(self.weight_decay)
    }
}

/// The path of the first entry that differs between two values, and its two values.
fn first_difference(path: &str, here: &Value, there: &Value) -> Option<String> {
    if let (Value::Object(here), Value::Object(there)) = (here, there)
        && here.keys().eq(there.keys())
    {
        let mut entries = here.iter().zip(there.values());
        return entries.find_map(|((name, here), there)| {
            let dot = if path.is_empty() { "" } else { "." };
            first_difference(&format!("{path}{dot}{name}"), here, there)
        });
    }
    (here != there).then(|| format!("`{path}` is {here} here, {there} there"))
}
