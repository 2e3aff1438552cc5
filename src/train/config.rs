//! The settings that decide a training's result.

use super::{Clipping, Objective, OwnOptimizer, Schedule};
use crate::{
    error::{Error, Result},
    optimizer::AdamConfig,
};
use burn::{config::Config, optim::ModuleOptimizer};
use serde_json::Value;

/// Everything that decides the result of a training, the initial weights and the data excepted;
/// where it is run and what is shown is a [`Run`](super::Run).
///
/// The optimizer is Adam (Kingma and Ba 2015, β = 0.9, 0.999) on the mean over the batch, unless
/// another is set.
#[derive(Config, Debug, PartialEq)]
pub struct TrainingConfig {
    /// What is maximized.
    pub objective: Objective,
    /// The seed of all that is random in training; the initial weights are the caller's.
    #[config(default = 0)]
    pub seed: u64,
    /// How often each datapoint is visited.
    #[config(default = 100)]
    pub epochs: usize,
    /// How many datapoints an optimizer step uses; the last of an epoch may have fewer.
    #[config(default = 100)]
    pub batch_size: usize,
    /// How many rows of a batch are in memory at once; the gradients of such chunks are added up.
    /// `None`: all.
    ///
    /// The result is that of the whole batch up to rounding if no row depends on others. It is
    /// another one with statistics of the batch, with draws that rows share, with dropout of
    /// burn's, and with a bound of your own that mixes rows.
    #[config(default = "None")]
    pub rows_per_chunk: Option<usize>,
    /// The learning rate.
    #[config(default = "Schedule::Constant { learning_rate: 1e-3 }")]
    pub schedule: Schedule,
    /// Adam's ε, which is added to the square root of the bias-corrected second moment.
    ///
    /// Parameters whose gradients are below it hardly move. The default is Kingma and Ba's: the
    /// log-variances of random weights have gradients a hundred times below those of weights, and
    /// with KL/N as the only force some 1e-5. A replication of Burda et al. (2016), whose weights
    /// are fixed, did well with 1e-4.
    #[config(default = 1e-8)]
    pub adam_epsilon: f64,
    /// Decoupled weight decay (Loshchilov and Hutter 2019): before each step parameters shrink by
    /// this times the learning rate. All parameters do, biases and log-variances of random weights
    /// too.
    #[config(default = 0.0)]
    pub weight_decay: f64,
    /// What is done to gradients that are too large.
    #[config(default = "Clipping::None")]
    pub clipping: Clipping,
    /// Stop when the validation loss has not been lower for so many epochs. `None`: go on to the
    /// last epoch.
    #[config(default = "None")]
    pub patience: Option<usize>,
    /// What is used instead of Adam. `adam_epsilon` and `weight_decay` are Adam's: leave them as
    /// they are then.
    #[config(default = "None")]
    pub optimizer: Option<OwnOptimizer>,
}

impl TrainingConfig {
    /// Checks settings that came from a file or a command line.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for counts of 0, for a learning rate, ε or limit that is not a positive
    /// number, for a negative weight decay, and for free bits of chunks of a batch.
    pub fn validate(&self) -> Result<()> {
        for (name, count) in [("epochs", self.epochs), ("batch_size", self.batch_size)] {
            if count == 0 {
                return Err(Error::setting(name, "is 0", "give at least 1"));
            }
        }
        if self.rows_per_chunk == Some(0) {
            return Err(Error::setting("rows_per_chunk", "is 0", "give at least 1"));
        }
        let epsilon = self.adam_epsilon as f32;
        if !(epsilon > 0.0 && epsilon.is_finite()) {
            let problem = format!("is {}", self.adam_epsilon);
            return Err(Error::setting(
                "adam_epsilon",
                problem,
                "give a positive number, such as 1e-8",
            ));
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            let problem = format!("is {}", self.weight_decay);
            return Err(Error::setting("weight_decay", problem, "give 0 or more"));
        }
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

    /// The first setting in which an earlier training differs, the number of epochs excepted, in
    /// words.
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
        own.cloned().unwrap_or_else(|| {
            AdamConfig::new()
                .with_epsilon(self.adam_epsilon)
                .with_weight_decay(self.weight_decay)
                .init()
        })
    }
}

/// The path of the first entry in which two values differ, and its values.
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
