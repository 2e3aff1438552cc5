//! Rows of numbers in host memory.

use crate::error::{Error, Result};
use burn::tensor::{Device, Tensor, TensorData};
use std::sync::Arc;

/// A set of datapoints: rows of `num_features` numbers each, in host memory. Clones share it.
///
/// A row's id is its index, which is also its coordinate in [`Noise`](crate::noise::Noise).
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let data = Datapoints::new("toy", vec![0.0, 1.0, 0.5, 0.25], 2)?;
/// assert_eq!((data.len(), data.num_features()), (2, 2));
/// let second = data.select(&[1], &Device::default());
/// assert_eq!(second.dims(), [1, 2]);
/// # Ok::<(), burn_bayes::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Datapoints {
    name: Arc<str>,
    values: Arc<[f32]>,
    num_features: usize,
    /// A copy of all rows on a GPU, for data that are visited many times.
    pub(super) resident: Option<Tensor<2>>,
}

impl Datapoints {
    /// From numbers, row by row. The name is for messages.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] if there is no row, the numbers do not fill whole rows, or one is not
    /// finite.
    pub fn new(name: impl Into<String>, values: Vec<f32>, num_features: usize) -> Result<Self> {
        let cure = "replace it, or say that NaN is a missing cell by `Datapoints::with_missing`";
        Self::of(name.into(), values, num_features, f32::is_finite, cure)
    }

    /// The same with missing cells, which are NaN. They need a model that leaves them out, such as
    /// [`IncompleteVae`](crate::model::IncompleteVae); other models refuse them.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] if there is no row, the numbers do not fill whole rows, or one is infinite.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::{data::Source, prelude::*};
    ///
    /// let data = Datapoints::with_missing("survey", vec![1.5, f32::NAN, 0.5, 2.0], 2)?;
    /// assert_eq!(data.mean(), [1.0, 2.0]); // of what is there
    /// let refused = data.check(Support::Real).unwrap_err();
    /// assert!(refused.to_string().contains("row 0, feature 1 is NaN"));
    /// data.check(Support::OrMissing(Box::new(Support::Real)))?;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn with_missing(
        name: impl Into<String>,
        mut values: Vec<f32>,
        num_features: usize,
    ) -> Result<Self> {
        // All missing cells get the same NaN, so that equal data have equal fingerprints.
        let missing = values.iter_mut().filter(|value| value.is_nan());
        missing.for_each(|value| *value = f32::NAN);
        let fine = |value: f32| !value.is_infinite();
        Self::of(name.into(), values, num_features, fine, "replace it")
    }

    fn of(
        name: String,
        values: Vec<f32>,
        num_features: usize,
        fine: impl Fn(f32) -> bool,
        cure: &str,
    ) -> Result<Self> {
        let wrong = |problem: String, cure: &str| Error::Data {
            name: name.clone(),
            problem,
            cure: cure.into(),
        };
        if num_features == 0 || values.is_empty() {
            return Err(wrong(
                "there are no numbers".into(),
                "give at least one row of one feature",
            ));
        }
        if !values.len().is_multiple_of(num_features) {
            return Err(wrong(
                format!(
                    "{} numbers do not fill rows of {num_features}",
                    values.len()
                ),
                "give whole rows",
            ));
        }
        if values.len() / num_features > u32::MAX as usize {
            return Err(wrong(
                "there are 2^32 rows or more".into(),
                "split the data",
            ));
        }
        if let Some(index) = values.iter().position(|&value| !fine(value)) {
            return Err(wrong(
                format!(
                    "row {}, feature {} is {}",
                    index / num_features,
                    index % num_features,
                    values[index]
                ),
                cure,
            ));
        }
        Ok(Self {
            name: name.as_str().into(),
            values: values.into(),
            num_features,
            resident: None,
        })
    }

    /// From grey images: one row of pixels for each image. Pixels are divided by 255.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] if there is no image.
    #[cfg(feature = "data")]
    pub fn from_images(name: impl Into<String>, images: &super::Images) -> Result<Self> {
        let values = images
            .pixels()
            .iter()
            .map(|&pixel| f32::from(pixel) / 255.0)
            .collect();
        Self::new(name, values, images.num_pixels())
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.values.len() / self.num_features
    }

    /// Whether there are no rows; always `false`.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The number of features of a row.
    pub fn num_features(&self) -> usize {
        self.num_features
    }

    /// What the data are called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The numbers of a row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, id: usize) -> &[f32] {
        &self.values[id * self.num_features..][..self.num_features]
    }

    /// The rows with these ids, in this order, as a tensor `[ids, features]`.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn select(&self, ids: &[u32], device: &Device) -> Tensor<2> {
        let values: Vec<f32> = ids
            .iter()
            .flat_map(|&id| self.row(id as usize))
            .copied()
            .collect();
        Tensor::from_data(
            TensorData::new(values, [ids.len(), self.num_features]),
            device,
        )
    }

    /// `count` rows, evenly strided over the data, as a new data set; all rows if there are fewer.
    ///
    /// Test sets are often sorted by class, so their first rows are not a fair sample.
    pub fn strided(&self, count: usize) -> Self {
        self.subset(&self.strided_rows(count))
    }

    /// The rows of these ids, in this order, as a new data set with ids from 0.
    ///
    /// # Panics
    ///
    /// If there are no ids, or one is past the end.
    ///
    /// # Example
    ///
    /// The folds of a cross-validation, in random order.
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let data = Datapoints::new("ones", vec![1.0; 4 * 10], 4)?;
    /// let order = Noise::seeded(0).permutation(data.len());
    /// for test in order.chunks(2) {
    ///     let others = order.iter().copied().filter(|id| !test.contains(id));
    ///     let train = data.subset(&others.collect::<Vec<u32>>());
    ///     let test = data.subset(test);
    ///     assert_eq!((train.len(), test.len()), (8, 2));
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn subset(&self, ids: &[u32]) -> Self {
        assert!(!ids.is_empty(), "a set of datapoints has at least one row");
        let rows = ids.iter().flat_map(|&id| self.row(id as usize));
        Self {
            name: self.name.clone(),
            values: rows.copied().collect(),
            num_features: self.num_features,
            resident: None,
        }
    }

    /// The rows that [`strided`](Self::strided) takes.
    pub(super) fn strided_rows(&self, count: usize) -> Vec<u32> {
        let (count, len) = (count.clamp(1, self.len()), self.len());
        (0..count).map(|i| (i * len / count) as u32).collect()
    }

    /// A range of rows, as a new data set with ids from 0.
    ///
    /// # Panics
    ///
    /// If the range is empty or goes past the end.
    pub fn rows(&self, range: std::ops::Range<usize>) -> Self {
        assert!(
            !range.is_empty(),
            "a set of datapoints has at least one row"
        );
        let values = &self.values[range.start * self.num_features..range.end * self.num_features];
        Self {
            name: self.name.clone(),
            values: values.into(),
            num_features: self.num_features,
            resident: None,
        }
    }

    /// The mean of each feature over its cells that are not missing; NaN if all are missing.
    pub fn mean(&self) -> Vec<f32> {
        let mut sums = vec![(0.0f64, 0usize); self.num_features];
        for row in self.values.chunks(self.num_features) {
            let there = sums
                .iter_mut()
                .zip(row)
                .filter(|(_, value)| !value.is_nan());
            for ((sum, count), &value) in there {
                *sum += f64::from(value);
                *count += 1;
            }
        }
        sums.into_iter()
            .map(|(sum, count)| (sum / count as f64) as f32)
            .collect()
    }

    /// Every number, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}
