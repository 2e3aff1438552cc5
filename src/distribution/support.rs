//! The values that a distribution gives probability to.

use serde::{Deserialize, Serialize};
use std::{fmt, iter};

/// The values that a distribution gives probability to.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let table = Support::Columns(vec![(Support::Real, 2), (Support::Classes { classes: 3 }, 1)]);
/// assert_eq!(table.to_string(), "finite numbers in 2 columns, classes from 0 to 2 in 1 column");
/// assert!(!table.of_feature(2).contains(0.5));
/// let incomplete = Support::OrMissing(Box::new(table));
/// assert!(incomplete.of_feature(2).contains(f32::NAN));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The class numbers from 0 to `classes` − 1.
    Classes {
        /// The number of classes.
        classes: u32,
    },
    /// Evenly spaced numbers from 0 to 1, both included, such as grey levels.
    Levels {
        /// The number of levels.
        levels: u32,
    },
    /// Groups of columns: the support of each group, and its number of columns.
    Columns(Vec<(Support, usize)>),
    /// The same values, and NaN for a missing cell.
    OrMissing(Box<Support>),
}

impl Support {
    /// Whether a value is in the support. For [columns](Self::Columns) it is enough that one column
    /// has it. [`of_feature`](Self::of_feature) gives the support of a single column.
    ///
    /// Levels are rounded to `f32`: of 256 levels the 13th is 12/255, rounded.
    pub fn contains(&self, value: f32) -> bool {
        let whole = value >= 0.0 && value.fract() == 0.0;
        match self {
            Self::Binary => value == 0.0 || value == 1.0,
            Self::Real => value.is_finite(),
            Self::UnitInterval => (0.0..=1.0).contains(&value),
            Self::OpenUnitInterval => value > 0.0 && value < 1.0,
            Self::Counts => whole && value.is_finite(),
            Self::Classes { classes } => whole && f64::from(value) < f64::from(*classes),
            Self::Levels { levels } => {
                let level = f64::from(value) * (f64::from(*levels) - 1.0);
                let near = (level - level.round()).abs() <= 1e-6 * f64::from(*levels);
                (0.0..=1.0).contains(&value) && near
            }
            Self::Columns(kinds) => kinds.iter().any(|(kind, _)| kind.contains(value)),
            Self::OrMissing(support) => value.is_nan() || support.contains(value),
        }
    }

    /// The support of one feature.
    ///
    /// # Panics
    ///
    /// If there are [columns](Self::Columns), and `feature` is not below their number.
    pub fn of_feature(&self, feature: usize) -> Self {
        match self {
            Self::Columns(kinds) => {
                let all = kinds.iter().flat_map(|(kind, n)| iter::repeat_n(kind, *n));
                let found = all.skip(feature).map(|kind| kind.of_feature(0)).next();
                found.unwrap_or_else(|| panic!("there is no column {feature} of {self}"))
            }
            Self::OrMissing(support) => Self::OrMissing(Box::new(support.of_feature(feature))),
            support => support.clone(),
        }
    }

    /// The supports of all features; `None` if there are [columns](Self::Columns), and not
    /// `num_features` of them.
    pub(crate) fn of_features(&self, num_features: usize) -> Option<Vec<Self>> {
        let fits = self
            .num_columns()
            .is_none_or(|columns| columns == num_features);
        fits.then(|| match self {
            Self::Columns(kinds) => {
                let kinds = kinds.iter().map(|(kind, n)| (kind.of_feature(0), *n));
                kinds
                    .flat_map(|(kind, n)| iter::repeat_n(kind, n))
                    .collect()
            }
            Self::OrMissing(support) => {
                let all = support.of_features(num_features).into_iter().flatten();
                all.map(|kind| Self::OrMissing(Box::new(kind))).collect()
            }
            support => vec![support.clone(); num_features],
        })
    }

    /// The number of columns for [columns](Self::Columns), also with missing cells; `None`
    /// otherwise.
    pub fn num_columns(&self) -> Option<usize> {
        match self {
            Self::Columns(kinds) => Some(kinds.iter().map(|(_, count)| count).sum()),
            Self::OrMissing(support) => support.num_columns(),
            _ => None,
        }
    }

    /// Whether cells may be missing.
    pub fn allows_missing(&self) -> bool {
        self.contains(f32::NAN)
    }

    /// The same without missing cells.
    pub fn of_cells(&self) -> &Self {
        match self {
            Self::OrMissing(support) => support.of_cells(),
            support => support,
        }
    }

    /// Whether all values of `other` are in this support.
    #[cfg_attr(not(feature = "train"), allow(dead_code))]
    pub(crate) fn includes(&self, other: &Self) -> bool {
        if let Some(columns) = self.num_columns().or(other.num_columns()) {
            let each = self.of_features(columns).zip(other.of_features(columns));
            return each.is_some_and(|(all, other)| {
                all.iter()
                    .zip(&other)
                    .all(|(all, other)| all.includes(other))
            });
        }
        match (self, other) {
            (Self::OrMissing(all), other) => all.includes(other.of_cells()),
            (_, Self::OrMissing(_)) => false,
            (Self::Real, _)
            | (Self::UnitInterval, Self::Binary | Self::OpenUnitInterval | Self::Levels { .. })
            | (Self::Counts, Self::Binary | Self::Classes { .. }) => true,
            (Self::Classes { classes }, Self::Binary) => *classes >= 2,
            (Self::Binary, Self::Classes { classes }) => *classes <= 2,
            (Self::Classes { classes }, Self::Classes { classes: other }) => other <= classes,
            (Self::Levels { .. }, Self::Binary) => true,
            (all, other) => all == other,
        }
    }

    /// A value of the support of one column, for a cell whose value is not used.
    pub(crate) fn some_value(&self) -> f32 {
        match self {
            Self::UnitInterval | Self::OpenUnitInterval => 0.5,
            Self::OrMissing(support) => support.some_value(),
            _ => 0.0,
        }
    }

    /// The cure in the error for data outside the support.
    pub(crate) fn cure(&self) -> &'static str {
        match self {
            Self::Binary => "make grey levels binary, or ask for them, by `Datapoints::binarized`",
            Self::Real => "leave rows out that hold NaN or infinity",
            Self::UnitInterval => "divide by the largest possible value",
            Self::OpenUnitInterval => "move values away from 0 and 1, or leave such rows out",
            Self::Counts => "give whole numbers, not logarithms or rates",
            Self::Classes { .. } => "number the classes from 0",
            Self::Levels { .. } => "divide whole numbers by the largest level, as images are",
            Self::Columns(_) => "give columns in the order of the model's",
            Self::OrMissing(support) => support.cure(),
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
            Self::Columns(kinds) => {
                for (i, (kind, count)) in kinds.iter().enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    let s = if *count == 1 { "" } else { "s" };
                    write!(f, "{comma}{kind} in {count} column{s}")?;
                }
                Ok(())
            }
            Self::OrMissing(support) => write!(f, "{support}, or NaN for a missing cell"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Support::*;

    #[test]
    fn a_support_includes_what_has_no_other_values() {
        let three = Classes { classes: 3 };
        let grey = Levels { levels: 256 };
        for (all, part) in [
            (&Real, &Counts),
            (&UnitInterval, &Binary),
            (&UnitInterval, &OpenUnitInterval),
            (&UnitInterval, &grey),
            (&Counts, &three),
            (&three, &Binary),
            (&three, &Classes { classes: 2 }),
            (&OrMissing(Box::new(UnitInterval)), &Binary),
            (&Columns(vec![(UnitInterval, 2)]), &Binary),
            (&grey, &Binary),
            (
                &OrMissing(Box::new(Columns(vec![(Real, 2), (Binary, 1)]))),
                &Columns(vec![(OrMissing(Box::new(Real)), 2), (Binary, 1)]),
            ),
        ] {
            assert!(all.includes(part), "{all}, {part}");
            assert!(!part.includes(all), "{part}, {all}");
        }
        assert!(grey.includes(&grey));
        assert!(Binary.includes(&Classes { classes: 2 }));
        assert!(!Classes { classes: 1 }.includes(&Binary));
        assert!(!OpenUnitInterval.includes(&Binary));
    }
}
