//! Numbers in JSON, which knows neither infinity nor NaN: those become text.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Other(String),
}

pub(super) fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    let numbers = values.iter().map(|&value| match value.is_finite() {
        true => Number::Finite(value),
        false => Number::Other(value.to_string()),
    });
    serializer.collect_seq(numbers)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<f64>, D::Error> {
    let numbers = Vec::<Number>::deserialize(deserializer)?;
    numbers
        .into_iter()
        .map(|number| match number {
            Number::Finite(value) => Ok(value),
            Number::Other(text) => text.parse().map_err(D::Error::custom),
        })
        .collect()
}
