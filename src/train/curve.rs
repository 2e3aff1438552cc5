//! The learning curve, and its form as a file.

use super::metric::Quantity;

/// One epoch of training, and one line of `curve.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochSummary {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// Its learning rate.
    pub learning_rate: f64,
    /// The number of its optimizer steps.
    pub steps: usize,
    /// How long its optimizer steps took, without validation.
    pub seconds: f64,
    /// On the training data, while the weights were changing.
    pub train: Averages,
    /// On the validation data, after the epoch; `None` if there are none.
    pub valid: Option<Averages>,
}

/// Means over the datapoints of an epoch, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Averages {
    /// The bound without the cost of weights; higher is better.
    pub bound: f64,
    /// The effective sample size, between 1 and k; no nats.
    pub effective_sample_size: f64,
    /// log p(x | z), mean over samples.
    pub log_likelihood: f64,
    /// The latent's KL(q(z | x) ‖ p(z)).
    pub kl: f64,
    /// KL/N of the charged weights; `None` if none are charged.
    pub weight_kl: Option<f64>,
}

impl Averages {
    /// What is minimized: −bound + KL/N.
    pub fn loss(&self) -> f64 {
        self.weight_kl.unwrap_or(0.0) - self.bound
    }

    pub(super) fn get(&self, quantity: Quantity) -> Option<f64> {
        match quantity {
            Quantity::Bound => Some(self.bound),
            Quantity::EffectiveSampleSize => Some(self.effective_sample_size),
            Quantity::LogLikelihood => Some(self.log_likelihood),
            Quantity::Kl => Some(self.kl),
            Quantity::WeightKl => self.weight_kl,
            Quantity::Loss => Some(self.loss()),
        }
    }

    pub(super) fn collect(get: impl Fn(Quantity) -> Option<f64>) -> Option<Self> {
        Some(Self {
            bound: get(Quantity::Bound)?,
            effective_sample_size: get(Quantity::EffectiveSampleSize)?,
            log_likelihood: get(Quantity::LogLikelihood)?,
            kl: get(Quantity::Kl)?,
            weight_kl: get(Quantity::WeightKl),
        })
    }
}

/// The quantities of a line, for training and for validation data; the loss follows from them.
const COLUMNS: [(Quantity, &str); 5] = [
    (Quantity::Bound, "bound"),
    (Quantity::EffectiveSampleSize, "ess"),
    (Quantity::LogLikelihood, "log_likelihood"),
    (Quantity::Kl, "kl"),
    (Quantity::WeightKl, "weight_kl"),
];

fn header() -> String {
    let of = |data| {
        COLUMNS
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
    let cells = |averages: Option<Averages>| {
        let cell = |quantity| {
            averages
                .and_then(|averages| averages.get(quantity))
                .map(|value| value.to_string())
        };
        COLUMNS
            .map(|(quantity, _)| cell(quantity).unwrap_or_default())
            .join(",")
    };
    let mut text = header() + "\n";
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

/// The inverse of [`to_csv`]; `None` if the text is something else.
pub(super) fn from_csv(text: &str) -> Option<Vec<EpochSummary>> {
    let mut lines = text.lines();
    (lines.next()? == header()).then_some(())?;
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |index: usize| cells.get(index)?.parse::<f64>().ok();
            let averages = |first: usize| {
                Averages::collect(|quantity| {
                    let column = COLUMNS
                        .iter()
                        .position(|&(of_column, _)| of_column == quantity)?;
                    number(first + column)
                })
            };
            Some(EpochSummary {
                epoch: cells.first()?.parse().ok()?,
                learning_rate: number(1)?,
                steps: cells.get(2)?.parse().ok()?,
                seconds: number(3)?,
                train: averages(4)?,
                valid: averages(4 + COLUMNS.len()),
            })
        })
        .collect()
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

        assert_eq!(from_csv("something else\n"), None);
        assert_eq!(from_csv(&text.replace("600", "many")), None);
    }
}
