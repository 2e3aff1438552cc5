//! Rows of numbers in host memory.

use super::Source;
use crate::{
    device::largest_allocation,
    distribution::Support,
    error::{Error, Result},
    hash::Hash,
    noise::Noise,
};
use burn::tensor::{Device, Int, Tensor, TensorData};
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
    /// All rows on a GPU, where they are visited many times.
    resident: Option<Tensor<2>>,
}

/// Data of more bytes than that are not kept on a GPU.
const MOST_RESIDENT: u64 = 1 << 30;

impl Datapoints {
    /// From numbers, row by row. The name is for messages.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] if there is no row, the numbers do not fill whole rows, or one is not
    /// finite.
    pub fn new(name: impl Into<String>, values: Vec<f32>, num_features: usize) -> Result<Self> {
        let name = name.into();
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
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(wrong(
                format!(
                    "row {}, feature {} is {}",
                    index / num_features,
                    index % num_features,
                    values[index]
                ),
                "replace it",
            ));
        }
        Ok(Self {
            name: name.as_str().into(),
            values: values.into(),
            num_features,
            resident: None,
        })
    }

    /// From grey images: one row of pixels an image, 255 becoming 1.
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

    /// Whether there are no rows; never so.
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

    /// `count` rows (or all, if there are fewer), evenly strided over the whole, as a set of its
    /// own.
    ///
    /// Test sets are often sorted by class, so their first rows are not a fair sample.
    pub fn strided(&self, count: usize) -> Self {
        let count = count.clamp(1, self.len());
        let rows = (0..count).flat_map(|i| self.row(i * self.len() / count));
        Self {
            name: self.name.clone(),
            values: rows.copied().collect(),
            num_features: self.num_features,
            resident: None,
        }
    }

    /// A range of rows, as a set of its own with ids from 0.
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

    /// The mean of each feature.
    pub fn mean(&self) -> Vec<f32> {
        let mut sums = vec![0.0f64; self.num_features];
        for row in self.values.chunks(self.num_features) {
            for (sum, &value) in sums.iter_mut().zip(row) {
                *sum += f64::from(value);
            }
        }
        sums.into_iter()
            .map(|sum| (sum / self.len() as f64) as f32)
            .collect()
    }

    /// Every number, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Refuses the first number that is bad.
    pub(super) fn check_all(
        &self,
        bad: impl Fn(f32) -> bool,
        expected: &str,
        cure: &str,
    ) -> Result<()> {
        let Some(index) = self.values.iter().position(|&value| bad(value)) else {
            return Ok(());
        };
        Err(Error::Data {
            name: self.name().into(),
            problem: format!(
                "expected {expected}; row {}, feature {} is {}",
                index / self.num_features,
                index % self.num_features,
                self.values[index]
            ),
            cure: cure.into(),
        })
    }
}

/// Numbers as they are.
impl Source for Datapoints {
    type Rows = Tensor<2>;

    fn name(&self) -> &str {
        self.name()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn select(&self, ids: &[u32], device: &Device, _: &Noise) -> Result<Tensor<2>> {
        let Some(all) = &self.resident else {
            return Ok(self.select(ids, device));
        };
        let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
        let ids = Tensor::<1, Int>::from_data(TensorData::from(ids.as_slice()), device);
        Ok(all.clone().select(0, ids))
    }

    fn fingerprint(&self) -> Result<String> {
        let hash = Hash::default().and_numbers(&self.values).value();
        Ok(format!(
            "{} rows of {}, {hash:016x}",
            self.len(),
            self.num_features
        ))
    }

    fn check(&self, support: Support) -> Result<()> {
        let bad = |value| !support.contains(value);
        self.check_all(bad, &support.to_string(), support.cure())
    }

    /// On a GPU all rows that it has room for; a processor has them already.
    fn on_device(&self, device: &Device) -> Self {
        let device = device.clone().without_autodiff();
        let bytes = size_of_val(self.values()) as u64;
        let most = largest_allocation(&device).map(|most| most.min(MOST_RESIDENT));
        let resident = most.filter(|&most| bytes <= most).map(|_| {
            let data = TensorData::new(self.values.to_vec(), [self.len(), self.num_features]);
            Tensor::from_data(data, &device)
        });
        Self {
            resident,
            ..self.clone()
        }
    }
}
