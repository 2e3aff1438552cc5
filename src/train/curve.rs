//! The learning curve, and its form as a file.

use super::quantity::Quantity;
use crate::{
    error::{Error, Result},
    hash::Hash,
};

/// One epoch of training, and one line of `curve.csv`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EpochSummary {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The learning rate of its first step.
    pub learning_rate: f64,
    /// The number of its optimizer steps.
    pub steps: usize,
    /// The time of its optimizer steps in seconds, without validation.
    pub seconds: f64,
    /// Averages over the training data, while the weights were changing.
    pub train: Averages,
    /// Averages over the validation data, after the epoch; `None` without validation data.
    pub valid: Option<Averages>,
}

/// Means over the datapoints of an epoch, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Averages {
    /// The bound without the cost of weights; higher is better. With
    /// [sites](crate::objective::WeightDraws::Sites) it includes that cost.
    pub bound: f64,
    /// The effective sample size, between 1 and k; it is not in nats.
    pub effective_sample_size: f64,
    /// log p(x | z), mean over samples.
    pub log_likelihood: f64,
    /// The latent's KL(q(z | x) ‖ p(z)).
    pub kl: f64,
    /// KL/N of the charged weights; `None` if none are charged.
    pub weight_kl: Option<f64>,
    /// Whether that was estimated by draws of the weights
    /// ([`WeightKlEstimate`](crate::objective::WeightKlEstimate)). In a file the column has another
    /// name then.
    pub weight_kl_is_estimate: bool,
}

impl Averages {
    /// −bound + KL/N, the cost of the final objective. During a warm-up, or with free bits,
    /// training minimizes another loss, which the dashboard shows.
    pub fn loss(&self) -> f64 {
        self.weight_kl.unwrap_or(0.0) - self.bound
    }

    pub(super) fn get(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::Bound => Some(self.bound),
            Quantity::EffectiveSampleSize => Some(self.effective_sample_size),
            Quantity::LogLikelihood => Some(self.log_likelihood),
            Quantity::Kl => Some(self.kl),
            Quantity::WeightKl => self.weight_kl.filter(|_| !self.weight_kl_is_estimate),
            Quantity::WeightKlEstimate => self.weight_kl.filter(|_| self.weight_kl_is_estimate),
            Quantity::Loss => Some(self.loss()),
        }
    }

    pub(super) fn collect(get: impl Fn(Quantity) -> Option<f64>) -> Option<Self> {
        let estimate = get(Quantity::WeightKlEstimate);
        Some(Self {
            bound: get(Quantity::Bound)?,
            effective_sample_size: get(Quantity::EffectiveSampleSize)?,
            log_likelihood: get(Quantity::LogLikelihood)?,
            kl: get(Quantity::Kl)?,
            weight_kl: estimate.or_else(|| get(Quantity::WeightKl)),
            weight_kl_is_estimate: estimate.is_some(),
        })
    }
}

/// Of the epochs up to `last` that of the lowest validation loss, of several the first; `None`
/// without validation data.
pub(super) fn best_epoch(curve: &[EpochSummary], last: usize) -> Option<usize> {
    let curve = curve.iter().filter(|summary| summary.epoch <= last);
    let losses = curve.filter_map(|summary| Some((summary.epoch, summary.valid?.loss())));
    let best = losses.min_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map(|(epoch, _)| epoch)
}

/// The same, or why it is not known.
pub(super) fn best_of(curve: &[EpochSummary], last: usize) -> Result<usize> {
    if !is_whole(curve) {
        return Err(Error::setting(
            "best",
            "is unknown, for the first epoch is missing in the curve",
            "take the last model, or load the weights of a checkpoint that was kept",
        ));
    }
    best_epoch(curve, last).ok_or_else(|| {
        Error::setting(
            "best",
            "is unknown without validation data",
            "give `fit` validation data, or take the last model",
        )
    })
}

/// Whether a curve tells of all epochs up to its last. If its file was missing, it begins where the
/// run was resumed.
pub(super) fn is_whole(curve: &[EpochSummary]) -> bool {
    curve.first().is_some_and(|first| first.epoch == 1)
}

/// The quantities of a line, for training and for validation data. The loss is computed from them.
/// The charge of weights is last.
const COLUMNS: [(Quantity, &str); 5] = [
    (Quantity::Bound, "bound"),
    (Quantity::EffectiveSampleSize, "ess"),
    (Quantity::LogLikelihood, "log_likelihood"),
    (Quantity::Kl, "kl"),
    (Quantity::WeightKl, "weight_kl"),
];
const ESTIMATED: (Quantity, &str) = (Quantity::WeightKlEstimate, "weight_kl_monte_carlo");

/// The columns of a file, which depend on whether the charge of weights was estimated.
fn columns(estimated: bool) -> [(Quantity, &'static str); COLUMNS.len()] {
    let mut columns = COLUMNS;
    if estimated {
        columns[COLUMNS.len() - 1] = ESTIMATED;
    }
    columns
}

fn header(estimated: bool) -> String {
    let of = |data| {
        columns(estimated)
            .map(|(_, column)| format!("{data}_{column}"))
            .join(",")
    };
    format!(
        "epoch,learning_rate,steps,seconds,{},{}",
        of("train"),
        of("valid")
    )
}

/// The curve as comma-separated values. A number that does not exist is an empty cell.
pub(super) fn to_csv(curve: &[EpochSummary]) -> String {
    // All epochs of a run have the same objective.
    let estimated = (curve.iter()).any(|summary| summary.train.weight_kl_is_estimate);
    let cells = |averages: Option<Averages>| {
        let cell = |quantity| {
            averages
                .and_then(|averages| averages.get(quantity))
                .map(|value| value.to_string())
        };
        columns(estimated)
            .map(|(quantity, _)| cell(quantity).unwrap_or_default())
            .join(",")
    };
    let mut text = header(estimated) + "\n";
    for row in curve {
        let EpochSummary {
            epoch,
            learning_rate,
            steps,
            seconds,
            ..
        } = row;
        let (train, valid) = (cells(Some(row.train)), cells(row.valid));
        text += &format!("{epoch},{learning_rate},{steps},{seconds:.3},{train},{valid}\n");
    }
    text
}

/// A hash that identifies a curve, for the checkpoint of its last epoch.
pub(super) fn fingerprint(curve: &[EpochSummary]) -> String {
    let hash = Hash::default().and(to_csv(curve).as_bytes());
    format!("{:016x}", hash.value())
}

/// The inverse of [`to_csv`]; `None` if the text is not a curve, or was cut.
pub(super) fn from_csv(text: &str) -> Option<Vec<EpochSummary>> {
    let text = text.strip_suffix('\n')?;
    let mut lines = text.split('\n');
    let first = lines.next()?;
    let estimated = [false, true]
        .into_iter()
        .find(|&estimated| first == header(estimated))?;
    let lines = lines.map(|line| from_line(line, &columns(estimated)));
    let curve: Vec<EpochSummary> = lines.collect::<Option<_>>()?;
    let follow = |pair: &[EpochSummary]| pair[0].epoch + 1 == pair[1].epoch;
    curve.windows(2).all(follow).then_some(curve)
}

fn from_line(line: &str, columns: &[(Quantity, &str)]) -> Option<EpochSummary> {
    let cells: Vec<&str> = line.split(',').collect();
    let [epoch, learning_rate, steps, seconds, averages @ ..] = &cells[..] else {
        return None;
    };
    let (train, valid) = averages.split_at_checked(columns.len())?;
    (valid.len() == columns.len()).then_some(())?;
    let number = |cell: &str| cell.parse().ok().filter(|number: &f64| number.is_finite());
    let averages = |cells: &[&str]| {
        let column = |quantity| columns.iter().position(|&(of, _)| of == quantity);
        let is_number = |cell: &&str| number(cell).is_some();
        // Only the last cell, the charge of weights, may be empty.
        let (last, needed) = cells.split_last()?;
        (needed.iter().all(is_number) && (last.is_empty() || is_number(last))).then_some(())?;
        Averages::collect(|quantity| number(cells[column(quantity)?]))
    };
    Some(EpochSummary {
        epoch: epoch.parse().ok()?,
        learning_rate: number(learning_rate)?,
        steps: steps.parse().ok()?,
        seconds: number(seconds)?,
        train: averages(train)?,
        valid: match valid.iter().all(|cell| cell.is_empty()) {
            true => None,
            false => Some(averages(valid)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_survives_its_file() {
        let averages = Averages {
            bound: -98.123456789,
            effective_sample_size: 3.25,
            log_likelihood: -80.0,
            kl: 1e-7,
            weight_kl: Some(0.1),
            weight_kl_is_estimate: false,
        };
        let row = EpochSummary {
            epoch: 1,
            learning_rate: 7.2e-4,
            steps: 600,
            seconds: 12.5,
            train: averages,
            valid: Some(Averages {
                weight_kl: None,
                ..averages
            }),
        };
        let curve = vec![
            row.clone(),
            EpochSummary {
                epoch: 2,
                valid: None,
                ..row
            },
        ];
        let text = to_csv(&curve);
        assert_eq!(from_csv(&text).unwrap(), curve);
        assert!(
            text.ends_with("2,0.00072,600,12.500,-98.123456789,3.25,-80,0.0000001,0.1,,,,,\n"),
            "{text}"
        );
        assert_eq!(averages.loss(), 0.1 + 98.123456789);

        // A text that is cut inside a line is no curve.
        for length in 0..text.len() {
            let cut = &text[..length];
            let whole_lines = length > header(false).len() && cut.ends_with('\n');
            assert_eq!(from_csv(cut).is_some(), whole_lines, "{cut}");
        }
        assert_eq!(
            from_csv(&text.replace("\n2,", "\n3,")),
            None,
            "an epoch is missing"
        );
        assert_eq!(from_csv(&text.replace(",,,,,", ",,,-80,,")), None);
        // Estimates and closed forms have different column names.
        let mut estimated = curve.clone();
        for row in &mut estimated {
            let parts = [Some(&mut row.train), row.valid.as_mut()];
            for averages in parts.into_iter().flatten() {
                averages.weight_kl_is_estimate = averages.weight_kl.is_some();
            }
        }
        let other = to_csv(&estimated);
        assert!(other.starts_with("epoch,") && other.contains("train_weight_kl_monte_carlo,"));
        assert_eq!(from_csv(&other).unwrap(), estimated);
        assert_eq!(from_csv("something else\n"), None);
        assert_eq!(from_csv(&text.replace("600", "many")), None);
    }
}
