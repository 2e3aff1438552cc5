//! Results that are nearly equal, by the traits of `approx`.
//!
//! Two results are nearly equal if all their numbers are. The counts of samples, datapoints and
//! units must be the same, and so must the optional parts that are present. NaN is equal to
//! nothing, and an infinity only to itself.

use super::{
    Again, BoundParts, Comparison, CurvePoint, LogLikelihood, LogLikelihoods, Scores,
    StochasticLayer, Summary,
};
use approx::{AbsDiffEq, RelativeEq};

/// The counts and numbers of a result.
#[derive(Default)]
struct Parts {
    counts: Vec<usize>,
    numbers: Vec<f64>,
}

impl Parts {
    fn of(result: &impl Result) -> Self {
        let mut parts = Self::default();
        result.give(&mut parts);
        parts
    }

    fn count(&mut self, count: usize) {
        self.counts.push(count);
    }

    fn numbers(&mut self, numbers: &[f64]) {
        self.count(numbers.len());
        self.numbers.extend(numbers);
    }

    fn option<T>(&mut self, part: Option<&T>, give: impl FnOnce(&mut Self, &T)) {
        self.count(part.is_some().into());
        if let Some(part) = part {
            give(self, part);
        }
    }

    fn with_error(&mut self, &(value, error): &(f64, f64)) {
        self.numbers(&[value, error]);
    }

    fn equal(&self, other: &Self, equal: impl Fn(&f64, &f64) -> bool) -> bool {
        // Equal counts imply equally many numbers.
        let mut pairs = self.numbers.iter().zip(&other.numbers);
        self.counts == other.counts && pairs.all(|(a, b)| a == b || equal(a, b))
    }
}

trait Result {
    fn give(&self, parts: &mut Parts);
}

impl Result for LogLikelihood {
    fn give(&self, parts: &mut Parts) {
        let Self {
            num_samples,
            values,
            effective_sample_sizes,
            largest_shares,
            pareto_k,
        } = self;
        parts.count(*num_samples);
        [values, effective_sample_sizes, largest_shares, pareto_k]
            .into_iter()
            .for_each(|numbers| parts.numbers(numbers));
    }
}

impl Result for LogLikelihoods {
    fn give(&self, parts: &mut Parts) {
        let Self {
            fresh_weights,
            posterior_mean,
        } = self;
        fresh_weights.give(parts);
        parts.option(posterior_mean.as_ref(), |parts, part| part.give(parts));
    }
}

impl Result for CurvePoint {
    fn give(&self, parts: &mut Parts) {
        let Self {
            num_samples,
            values,
        } = self;
        parts.count(*num_samples);
        parts.numbers(values);
    }
}

impl Result for BoundParts {
    fn give(&self, parts: &mut Parts) {
        let Self {
            log_likelihood,
            log_ratio,
            kl,
            encoder_weight_kl,
            decoder_weight_kl,
        } = self;
        parts.numbers(&[*log_likelihood, *log_ratio]);
        parts.numbers(kl);
        for weight_kl in [encoder_weight_kl, decoder_weight_kl] {
            parts.option(weight_kl.as_ref(), |parts, &kl| parts.numbers(&[kl]));
        }
    }
}

impl Result for Again {
    fn give(&self, parts: &mut Parts) {
        let Self {
            rows,
            log_likelihood,
            difference,
            standard_error,
        } = self;
        parts.count(rows.len());
        rows.iter().for_each(|&row| parts.count(row as usize));
        log_likelihood.give(parts);
        parts.numbers(&[*difference, *standard_error]);
    }
}

impl Result for StochasticLayer {
    fn give(&self, parts: &mut Parts) {
        let Self {
            kl,
            variances,
            single_draw_variances,
        } = self;
        parts.numbers(&[*kl]);
        parts.numbers(variances);
        parts.numbers(single_draw_variances);
    }
}

impl Result for Comparison {
    fn give(&self, parts: &mut Parts) {
        let Self {
            differences,
            difference,
            standard_error,
            share_better,
        } = self;
        parts.numbers(differences);
        parts.numbers(&[*difference, *standard_error, *share_better]);
    }
}

impl Result for Scores {
    fn give(&self, parts: &mut Parts) {
        let Self {
            log_likelihood,
            disagreement,
        } = self;
        parts.numbers(log_likelihood);
        parts.numbers(disagreement);
    }
}

impl Result for Summary {
    fn give(&self, parts: &mut Parts) {
        let Self {
            num_datapoints,
            num_samples,
            log_likelihood,
            standard_error,
            monte_carlo_error,
            monte_carlo_bias,
            curve,
            evidence_lower_bound,
            effective_sample_size,
            median_effective_sample_size,
            largest_share,
            median_pareto_k,
            num_unreliable,
            num_non_finite,
            active_units,
            without_inactive,
            posterior_mean,
            gap,
        } = self;
        for count in [num_datapoints, num_samples, num_unreliable, num_non_finite] {
            parts.count(*count);
        }
        parts.numbers(&[*log_likelihood, *standard_error, *monte_carlo_error]);
        parts.numbers(&[*monte_carlo_bias, *evidence_lower_bound, *largest_share]);
        parts.numbers(&[*effective_sample_size, *median_effective_sample_size]);
        parts.numbers(&[*median_pareto_k]);
        parts.count(curve.len());
        for &(num_samples, mean) in curve {
            parts.count(num_samples);
            parts.numbers(&[mean]);
        }
        parts.count(active_units.len());
        for &(active, all) in active_units {
            parts.count(active);
            parts.count(all);
        }
        for part in [without_inactive, posterior_mean, gap] {
            parts.option(part.as_ref(), Parts::with_error);
        }
    }
}

macro_rules! nearly_equal {
    ($($result:ty),*) => {$(
        impl AbsDiffEq for $result {
            type Epsilon = f64;

            fn default_epsilon() -> f64 {
                f64::default_epsilon()
            }

            fn abs_diff_eq(&self, other: &Self, epsilon: f64) -> bool {
                Parts::of(self).equal(&Parts::of(other), |a, b| a.abs_diff_eq(b, epsilon))
            }
        }

        impl RelativeEq for $result {
            fn default_max_relative() -> f64 {
                f64::default_max_relative()
            }

            fn relative_eq(&self, other: &Self, epsilon: f64, max_relative: f64) -> bool {
                let equal = |a: &f64, b: &f64| a.relative_eq(b, epsilon, max_relative);
                Parts::of(self).equal(&Parts::of(other), equal)
            }
        }
    )*};
}

nearly_equal!(
    Again,
    BoundParts,
    Comparison,
    CurvePoint,
    LogLikelihood,
    LogLikelihoods,
    Scores,
    StochasticLayer,
    Summary
);
