//! p(x | z) for the rows of a table, with a family for each column.

use super::{Conditional, Family, Head};
use crate::{
    distribution::{Joint, Support},
    error::{Error, Result},
    layer::{Mlp, MlpConfig},
    noise::Noise,
};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

/// A network for p(x | z) of the rows of a table, with a family for each column.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(0);
/// let columns = Columns::new([(Family::Normal(Scale::default()), 3), (Family::Bernoulli, 2)]);
/// let mlp = MlpConfig::new(2, vec![50], 5);
/// let decoder = ColumnsDecoder::new(&mlp, columns, &device, &mut noise);
/// let p = decoder.forward(noise.normal([7, 100, 2], &device), 7, &mut noise);
/// assert_eq!(p.sample(7, &mut noise).dims(), [7, 100, 5]);
/// ```
pub type ColumnsDecoder<N = Mlp> = Conditional<Columns, N>;

/// The families of a table's columns, as groups of neighbouring columns. p(x | z) is the product
/// over columns.
///
/// A network's outputs are split into these groups, in order. Within a group they are ordered as
/// for the family alone: see [`Family`].
///
/// # Example
///
/// Three real columns, two binary ones, and one of five classes.
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let columns = Columns::new([
///     (Family::Normal(Scale::default()), 3),
///     (Family::Bernoulli, 2),
///     (Family::Categorical { classes: 5 }, 1),
/// ]);
/// assert_eq!((columns.num_features(), columns.num_outputs(6)), (6, 2 * 3 + 2 + 5));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Columns {
    groups: Vec<(Family, usize)>,
}

impl Columns {
    /// From families, each with its number of columns.
    ///
    /// # Panics
    ///
    /// If [`validate`](Self::validate) finds an error, with its message.
    pub fn new(groups: impl IntoIterator<Item = (Family, usize)>) -> Self {
        let columns = Self {
            groups: groups.into_iter().collect(),
        };
        if let Err(error) = columns.validate() {
            panic!("{error}");
        }
        columns
    }

    /// Checks columns that came from a file.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] if there are no groups, one has no columns or all have too many to be
    /// counted, and where [`Family::validate`] finds an error.
    pub fn validate(&self) -> Result<()> {
        let empty = self.groups.iter().any(|(_, count)| *count == 0);
        if empty || self.groups.is_empty() {
            let problem = "has a family of no columns, or no family";
            let cure = "give each family at least one column";
            return Err(Error::setting("columns", problem, cure));
        }
        let mut counts = self.groups.iter().map(|(_, count)| *count);
        if counts.try_fold(0, usize::checked_add).is_none() {
            let problem = "have more columns than can be counted";
            return Err(Error::setting("columns", problem, "give fewer"));
        }
        self.groups
            .iter()
            .try_for_each(|(family, _)| family.validate())
    }

    /// The number of columns.
    pub fn num_features(&self) -> usize {
        self.groups.iter().map(|(_, count)| count).sum()
    }

    /// The families, each with its number of columns.
    pub fn groups(&self) -> &[(Family, usize)] {
        &self.groups
    }
}

impl Head for Columns {
    type Output = Joint;

    /// # Panics
    ///
    /// If `num_features` is not the number of columns.
    fn num_outputs(&self, num_features: usize) -> usize {
        let columns = self.num_features();
        assert!(
            num_features == columns,
            "there are families for {columns} columns, x has {num_features} features"
        );
        let groups = self.groups.iter();
        groups
            .map(|(family, count)| family.num_outputs(*count))
            .sum()
    }

    fn distribution(&self, outputs: Tensor<3>) -> Joint {
        let mut first = 0;
        Joint::of(self.groups.iter().map(|(family, count)| {
            let width = family.num_outputs(*count);
            let of_group = outputs.clone().narrow(2, first, width);
            first += width;
            (family.distribution(of_group), *count)
        }))
    }

    fn support(&self) -> Support {
        let groups = self.groups.iter();
        Support::Columns(groups.map(|(family, n)| (family.support(), *n)).collect())
    }
}

impl ColumnsDecoder {
    /// Makes the decoder. `mlp.d_output` is the number of columns; the network gets the outputs
    /// that their families need.
    ///
    /// # Panics
    ///
    /// If `mlp.d_output` is not the number of columns, and where [`MlpConfig::init`] panics.
    pub fn new(mlp: &MlpConfig, columns: Columns, device: &Device, noise: &mut Noise) -> Self {
        Self::with_mlp(mlp, columns, device, noise)
    }
}
