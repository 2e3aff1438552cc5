//! The step of training at which an objective is evaluated.

/// A step of a training: how many training data there are, and which step it is.
///
/// Objectives that change during training depend on the step's number. Without a number they have
/// their final form, as in validation.
///
/// # Example
///
/// ```
/// use burn_bayes::objective::Step;
///
/// let step = Step::new(60_000).with_number(17);
/// assert_eq!((step.dataset_size(), step.number()), (60_000, Some(17)));
/// assert_eq!(Step::new(60_000).number(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    dataset_size: usize,
    number: Option<u64>,
}

impl Step {
    /// A step without a number, with N, the number of training data: not the batch size, not the
    /// number of batches.
    ///
    /// # Panics
    ///
    /// If N is 0.
    pub fn new(dataset_size: usize) -> Self {
        assert!(dataset_size > 0, "the data set has no datapoints");
        Self {
            dataset_size,
            number: None,
        }
    }

    /// The same with a number, counted from 0 over the whole training.
    pub fn with_number(self, number: u64) -> Self {
        Self {
            number: Some(number),
            ..self
        }
    }

    /// N, the number of training data.
    pub fn dataset_size(&self) -> usize {
        self.dataset_size
    }

    /// The number of the step, counted from 0; `None` where the objective has its final form.
    pub fn number(&self) -> Option<u64> {
        self.number
    }
}
