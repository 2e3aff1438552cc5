//! What the spread of a Gaussian is given as.

/// What the spread of a Gaussian is given as.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Parameter {
    /// Its standard deviation.
    Scale,
    /// Its variance.
    Variance,
    /// The logarithm of its variance.
    LogVariance,
}
