//! The values that a distribution gives probability to.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The values that a distribution gives probability to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Support {
    /// 0 and 1.
    Binary,
    /// Every real number.
    Real,
    /// The real numbers from 0 to 1, both included.
    UnitInterval,
    /// The real numbers between 0 and 1.
    OpenUnitInterval,
    /// 0, 1, 2 and so on.
    Counts,
    /// 0, 1 and so on up to one below `classes`: which of so many classes.
    Classes {
        /// How many classes there are.
        classes: u32,
    },
    /// Evenly spaced numbers from 0 to 1, both included, such as grey levels.
    Levels {
        /// How many numbers there are.
        levels: u32,
    },
}

impl Support {
    /// Whether a value is one of them.
    ///
    /// Levels are those of `f32` numbers: of 256 levels the 13th is 12/255, rounded.
    pub fn contains(self, value: f32) -> bool {
        let whole = value >= 0.0 && value.fract() == 0.0;
        match self {
            Self::Binary => value == 0.0 || value == 1.0,
            Self::Real => value.is_finite(),
            Self::UnitInterval => (0.0..=1.0).contains(&value),
            Self::OpenUnitInterval => value > 0.0 && value < 1.0,
            Self::Counts => whole && value.is_finite(),
            Self::Classes { classes } => whole && f64::from(value) < f64::from(classes),
            Self::Levels { levels } => {
                let level = f64::from(value) * (f64::from(levels) - 1.0);
                let near = (level - level.round()).abs() <= 1e-6 * f64::from(levels);
                (0.0..=1.0).contains(&value) && near
            }
        }
    }

    /// What to do with data that are others.
    pub(crate) fn cure(self) -> &'static str {
        match self {
            Self::Binary => "make grey levels binary, or ask for them, by `Datapoints::binarized`",
            Self::Real => "leave rows out that hold NaN or infinity",
            Self::UnitInterval => "divide by the largest possible value",
            Self::OpenUnitInterval => "move values away from 0 and 1, or leave such rows out",
            Self::Counts => "give whole numbers, not logarithms or rates",
            Self::Classes { .. } => "number the classes from 0",
            Self::Levels { .. } => "divide whole numbers by the largest level, as images are",
        }
    }
}

/// What a model expects, in words.
impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Binary => f.write_str("zeros and ones, for a model of binary data"),
            Self::Real => f.write_str("finite numbers"),
            Self::UnitInterval => f.write_str("numbers from 0 to 1"),
            Self::OpenUnitInterval => f.write_str("numbers between 0 and 1"),
            Self::Counts => f.write_str("counts: 0, 1, 2, ..."),
            Self::Classes { classes } => write!(f, "classes from 0 to {}", classes - 1),
            Self::Levels { levels } => write!(f, "multiples of 1/{} from 0 to 1", levels - 1),
        }
    }
}
