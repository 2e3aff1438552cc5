//! What a run was begun with besides its settings.

use crate::{data::Datapoints, hash::Hash, record};
use serde::{Deserialize, Serialize};
use std::fmt::Display;

/// The model and the data of a run, as far as they must be the same when it is resumed. The values of weights need
/// not: a checkpoint has them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Inputs {
    /// What the model prints, line by line.
    model: Vec<String>,
    train: Rows,
    valid: Option<Rows>,
}

/// Data in their order.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rows {
    name: String,
    rows: usize,
    features: usize,
    /// Of all numbers, row by row.
    hash: String,
}

impl Rows {
    fn of(data: &Datapoints) -> Self {
        Self {
            name: data.name().into(),
            rows: data.len(),
            features: data.num_features(),
            hash: format!(
                "{:016x}",
                Hash::default().and_numbers(data.values()).value()
            ),
        }
    }
}

impl PartialEq for Rows {
    /// A name does not count.
    fn eq(&self, other: &Self) -> bool {
        (self.rows, self.features, &self.hash) == (other.rows, other.features, &other.hash)
    }
}

impl Display for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            rows,
            features,
            hash,
        } = self;
        write!(f, "{name} ({rows} rows of {features}, hash {hash})")
    }
}

impl Inputs {
    pub fn of(model: &impl Display, train: &Datapoints, valid: Option<&Datapoints>) -> Self {
        Self {
            model: model.to_string().lines().map(str::to_owned).collect(),
            train: Rows::of(train),
            valid: valid.map(Rows::of),
        }
    }

    /// What the model prints.
    pub fn structure(&self) -> String {
        self.model.join("\n")
    }

    /// In what these differ from those of an earlier training, in words, with what to do.
    pub fn difference(&self, earlier: &Self) -> Option<(String, &'static str)> {
        let difference = record::difference(&self.structure(), &earlier.structure());
        if let Some(difference) = difference {
            let problem = format!("another model: {difference}");
            return Some((problem, "resume with the model of the run"));
        }
        let shown = |rows: Option<&Rows>| rows.map_or("none".into(), Rows::to_string);
        let pairs = [
            ("training", Some(&self.train), Some(&earlier.train)),
            ("validation", self.valid.as_ref(), earlier.valid.as_ref()),
        ];
        let (kind, here, there) = pairs.into_iter().find(|(_, here, there)| here != there)?;
        let problem = format!(
            "other {kind} data: {} here, {} there",
            shown(here),
            shown(there)
        );
        Some((
            problem,
            "resume with the data of the run, rows in the same order",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(values: &[f32]) -> Datapoints {
        Datapoints::new("data", values.into(), 2).unwrap()
    }

    #[test]
    fn what_differs_is_named() {
        let (a, b) = (data(&[1.0, 2.0, 3.0, 4.0]), data(&[3.0, 4.0, 1.0, 2.0]));
        let renamed = Datapoints::new("renamed", a.values().into(), 2).unwrap();
        let inputs = Inputs::of(&"Net {\n  scale: 1\n}", &a, Some(&b));
        let other = |model: &str, train, valid| {
            let (problem, _) = inputs.difference(&Inputs::of(&model, train, valid))?;
            Some(problem)
        };
        let same = "Net {\n  scale: 1\n}";
        assert_eq!(other(same, &renamed, Some(&b)), None);
        let model = other("Net {\n  scale: 2\n}", &a, Some(&b)).unwrap();
        assert_eq!(model, "another model: `scale: 1` here, `scale: 2` there");
        let order = other(same, &b, Some(&b)).unwrap();
        assert!(order.starts_with("other training data: data (2 rows of 2, hash "));
        let valid = other(same, &a, None).unwrap();
        assert!(valid.starts_with("other validation data: data (2 rows of 2, hash "));
        assert!(valid.ends_with(" here, none there"), "{valid}");
    }
}
