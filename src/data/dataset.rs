//! Rows from burn's data sets.

use super::Source;
use crate::{
    distribution::Support,
    error::{Error, Result},
    hash::Hash,
    noise::Noise,
};
use burn::{
    data::dataset::Dataset,
    tensor::{Device, Tensor, TensorData},
};
use std::{fmt, marker::PhantomData, sync::Arc};

type MakeRow<I> = dyn Fn(&I) -> Vec<f32> + Send + Sync;

/// Rows that a function makes from the items of a burn data set.
///
/// Items are read when they are visited, so the data set may be larger than the memory.
///
/// # Example
///
/// ```
/// use burn::data::dataset::InMemDataset;
/// use burn_bayes::{data::DatasetRows, distribution::Support, prelude::*};
///
/// let points = InMemDataset::new(vec![(1.0, 2.0), (3.0, 4.0)]);
/// let rows = DatasetRows::new("points", points, Support::Real, |&(a, b)| vec![a, b])?;
/// let second = rows.select(&[1], &Device::default(), &Noise::seeded(0))?;
/// assert_eq!(second.into_data().try_to_vec::<f32>().unwrap(), [3.0, 4.0]);
/// # Ok::<(), Error>(())
/// ```
pub struct DatasetRows<I, D> {
    name: Arc<str>,
    dataset: Arc<D>,
    num_features: usize,
    support: Support,
    /// The support of each feature.
    columns: Arc<[Support]>,
    row: Arc<MakeRow<I>>,
    item: PhantomData<fn() -> I>,
}

impl<I, D> DatasetRows<I, D>
where
    I: Send + Sync + 'static,
    D: Dataset<I> + 'static,
{
    /// From a data set and the function `row`, which makes a row from an item. `support` is the
    /// support of its numbers; they are checked when items are read.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] if there is no item, there are 2³² or more, or the first cannot be read, has
    /// no features or another number of columns than the support.
    pub fn new(
        name: impl Into<String>,
        dataset: D,
        support: Support,
        row: impl Fn(&I) -> Vec<f32> + Send + Sync + 'static,
    ) -> Result<Self> {
        let mut rows = Self {
            name: name.into().into(),
            dataset: Arc::new(dataset),
            num_features: 0,
            support,
            columns: Arc::new([]),
            row: Arc::new(row),
            item: PhantomData,
        };
        let len = rows.dataset.len();
        if len == 0 || u32::try_from(len).is_err() {
            let problem = format!("there are {len} items");
            return Err(rows.wrong(problem, "give at least one and less than 2^32"));
        }
        rows.num_features = (rows.row)(&rows.item(0)?).len();
        if rows.num_features == 0 {
            return Err(rows.wrong("row 0 has no features".into(), "give at least one"));
        }
        let Some(columns) = rows.support.of_features(rows.num_features) else {
            let problem = format!(
                "row 0 has {} features, not {}",
                rows.num_features, rows.support
            );
            return Err(rows.wrong(problem, "give a support for each"));
        };
        rows.columns = columns.into();
        Ok(rows)
    }

    fn wrong(&self, problem: String, cure: &str) -> Error {
        Error::Data {
            name: self.name.to_string(),
            problem,
            cure: cure.into(),
        }
    }

    fn item(&self, id: u32) -> Result<I> {
        let item = self.dataset.get(id as usize);
        item.map_err(|error| {
            let problem = format!("item {id} cannot be read: {error}");
            self.wrong(problem, "see that the data set is whole")
        })
    }

    /// The numbers of a row.
    fn row(&self, id: u32) -> Result<Vec<f32>> {
        let row = (self.row)(&self.item(id)?);
        if row.len() != self.num_features {
            let problem = format!(
                "row {id} has {} features, row 0 has {}",
                row.len(),
                self.num_features
            );
            return Err(self.wrong(problem, "give as many of each item"));
        }
        let mut both = row.iter().zip(self.columns.iter());
        match both.position(|(value, column)| !column.contains(*value)) {
            None => Ok(row),
            Some(feature) => {
                let problem = format!("row {id}, feature {feature} is {}", row[feature]);
                Err(self.wrong(problem, "correct it where the row is made"))
            }
        }
    }
}

impl<I, D> Source for DatasetRows<I, D>
where
    I: Send + Sync + 'static,
    D: Dataset<I> + 'static,
{
    type Rows = Tensor<2>;

    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn select(&self, ids: &[u32], device: &Device, _: &Noise) -> Result<Tensor<2>> {
        let mut values = Vec::with_capacity(ids.len() * self.num_features);
        for &id in ids {
            values.extend(self.row(id)?);
        }
        let data = TensorData::new(values, [ids.len(), self.num_features]);
        Ok(Tensor::from_data(data, device))
    }

    /// Reads every item.
    fn fingerprint(&self) -> Result<String> {
        let mut hash = Hash::default();
        for id in 0..self.len() as u32 {
            hash = hash.and_numbers(&self.row(id)?);
        }
        Ok(format!(
            "{} rows of {}, {:016x}",
            self.len(),
            self.num_features,
            hash.value()
        ))
    }

    fn check(&self, support: Support) -> Result<()> {
        // Rows are checked against `self.support` when they are made.
        match support.includes(&self.support) {
            true => Ok(()),
            false => Err(self.wrong(
                format!("holds {}, the model takes {support}", self.support),
                "make the rows of that support, if they are such",
            )),
        }
    }
}

impl<I, D> Clone for DatasetRows<I, D> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            dataset: self.dataset.clone(),
            num_features: self.num_features,
            support: self.support.clone(),
            columns: self.columns.clone(),
            row: self.row.clone(),
            item: PhantomData,
        }
    }
}

impl<I, D> fmt::Debug for DatasetRows<I, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatasetRows")
            .field("name", &self.name)
            .field("num_features", &self.num_features)
            .finish_non_exhaustive()
    }
}
