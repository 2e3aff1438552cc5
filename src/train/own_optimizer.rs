//! User-defined optimizers.

use burn::optim::ModuleOptimizer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An optimizer that replaces Adam: any of burn's, or one of your own.
///
/// Optimizers of the same name are equal. Settings in a file hold only the name. So the name should
/// contain everything that determines the result, such as the optimizer's settings. To resume a
/// run, set the optimizer again. Its groups of parameters should be by path: ids are others in
/// another process, so a resumed run would not find its groups.
///
/// # Example
///
/// ```
/// use burn::optim::{SgdConfig, momentum::MomentumConfig};
/// use burn_bayes::train::{Objective, OwnOptimizer, TrainingConfig};
///
/// let sgd = SgdConfig::new().with_momentum(Some(MomentumConfig::new()));
/// let sgd = OwnOptimizer::new("SGD, momentum 0.9", sgd.init());
/// let training = TrainingConfig::new(Objective::iwae(5)).with_optimizer(Some(sgd));
/// # assert!(training.validate().is_ok());
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct OwnOptimizer {
    name: String,
    optimizer: Option<ModuleOptimizer>,
}

impl OwnOptimizer {
    /// An optimizer without state, and the name that identifies it.
    pub fn new(name: impl Into<String>, optimizer: impl Into<ModuleOptimizer>) -> Self {
        Self {
            name: name.into(),
            optimizer: Some(optimizer.into()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The optimizer; `None` if it was read from a file.
    pub(super) fn get(&self) -> Option<&ModuleOptimizer> {
        self.optimizer.as_ref()
    }
}

impl fmt::Debug for OwnOptimizer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_tuple("OwnOptimizer").field(&self.name).finish()
    }
}

impl PartialEq for OwnOptimizer {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl From<String> for OwnOptimizer {
    fn from(name: String) -> Self {
        Self {
            name,
            optimizer: None,
        }
    }
}

impl From<OwnOptimizer> for String {
    fn from(optimizer: OwnOptimizer) -> Self {
        optimizer.name
    }
}
