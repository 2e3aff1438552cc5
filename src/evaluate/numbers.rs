//! Numbers in JSON. JSON has neither infinity nor NaN, so these are written as text.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Other(String),
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        match value.is_finite() {
            true => Self::Finite(value),
            false => Self::Other(value.to_string()),
        }
    }
}

impl Number {
    fn value<E: Error>(self) -> Result<f64, E> {
        match self {
            Self::Finite(value) => Ok(value),
            Self::Other(text) => text.parse().map_err(E::custom),
        }
    }
}

/// A single number.
pub(super) mod one {
    use super::*;

    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        Number::from(*value).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Number::deserialize(deserializer)?.value()
    }
}

/// A number that may be missing.
pub(super) mod option {
    use super::*;

    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(Number::from).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        let number = Option::<Number>::deserialize(deserializer)?;
        number.map(Number::value).transpose()
    }
}

pub(super) fn serialize<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|&value| Number::from(value)))
}

/// As a vector, or as an array of the right length.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T: TryFrom<Vec<f64>>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let numbers = Vec::<Number>::deserialize(deserializer)?;
    let length = numbers.len();
    let values: Result<Vec<f64>, D::Error> = numbers.into_iter().map(Number::value).collect();
    T::try_from(values?).map_err(|_| D::Error::custom(format!("has {length} numbers")))
}
