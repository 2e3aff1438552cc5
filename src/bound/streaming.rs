//! The log-mean-exp of a stream of numbers, in constant memory.

/// The log-mean-exp, effective sample size and largest share of log-weights that arrive one by one.
///
/// Sums are kept in `f64` relative to the largest log-weight so far. The result does not depend on
/// how the stream is cut into chunks.
///
/// # Example
///
/// ```
/// use burn_bayes::bound::LogMeanExp;
///
/// let mut stream = LogMeanExp::default();
/// stream.extend([1.0f64.ln(), 3.0f64.ln()]);
/// assert!((stream.log_mean_exp() - 2.0f64.ln()).abs() < 1e-15);
/// assert!((stream.effective_sample_size() - 16.0 / 10.0).abs() < 1e-15);
/// assert!((stream.largest_share() - 0.75).abs() < 1e-15);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LogMeanExp {
    max: f64,
    /// Σ exp(a − max).
    sum: f64,
    /// Σ exp(2(a − max)).
    sum_of_squares: f64,
    count: u64,
}

impl Default for LogMeanExp {
    fn default() -> Self {
        Self {
            max: f64::NEG_INFINITY,
            sum: 0.0,
            sum_of_squares: 0.0,
            count: 0,
        }
    }
}

impl LogMeanExp {
    /// Takes one log-weight in.
    pub fn push(&mut self, log_weight: f64) {
        self.count += 1;
        if log_weight > self.max {
            // While the maximum is −∞ both sums are 0, and 0 · exp(−∞) stays 0.
            let factor = (self.max - log_weight).exp();
            self.sum *= factor;
            self.sum_of_squares *= factor * factor;
            self.max = log_weight;
        }
        // Relative to an infinite weight, a finite one is 0 and the infinite one is 1. The
        // difference ∞ − ∞ would give NaN.
        let share = match log_weight {
            f64::NEG_INFINITY => 0.0,
            f64::INFINITY => 1.0,
            _ => (log_weight - self.max).exp(),
        };
        self.sum += share;
        self.sum_of_squares += share * share;
    }

    /// log (1/n) Σ exp aᵢ, as [`log_mean_exp`](super::log_mean_exp) gives it: −∞ if every number
    /// was −∞, +∞ if one was, NaN if one was NaN or none came.
    pub fn log_mean_exp(&self) -> f64 {
        if self.count == 0 {
            return f64::NAN;
        }
        if self.sum == 0.0 {
            return f64::NEG_INFINITY;
        }
        self.max + self.sum.ln() - (self.count as f64).ln()
    }

    /// (Σ w)² / Σ w², between 1 and n; NaN unless weights are finite and one is above 0.
    pub fn effective_sample_size(&self) -> f64 {
        match self.max {
            f64::INFINITY => f64::NAN,
            _ => self.sum * self.sum / self.sum_of_squares,
        }
    }

    /// The share of the largest weight in the sum of all; NaN unless weights are finite and one is
    /// above 0.
    pub fn largest_share(&self) -> f64 {
        match self.max {
            f64::INFINITY | f64::NEG_INFINITY => f64::NAN,
            _ => self.sum.recip(),
        }
    }

    /// How many numbers came.
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl Extend<f64> for LogMeanExp {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, log_weights: I) {
        for log_weight in log_weights {
            self.push(log_weight);
        }
    }
}
