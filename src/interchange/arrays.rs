//! Arrays whose dimensions have names.

use super::tensors;
use crate::error::{Error, Result};
use burn::tensor::{Element, Tensor, TensorData};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::Path};

/// Named arrays with named dimensions, for NumPy, xarray and ArviZ.
///
/// Results convert into arrays: [`LogLikelihood::arrays`](crate::evaluate::LogLikelihood::arrays),
/// [`Report::arrays`](crate::evaluate::Report::arrays). You can add others: predictions,
/// log-weights, draws. Dimensions of the same name have the same length, as in an xarray data set.
///
/// The file is a safetensors file. Its metadata has an entry `burn_bayes`, JSON with the names of
/// dimensions by the name of the array (`dims`), and with `attributes`.
///
/// # Example
///
/// ```
/// use burn_bayes::{interchange::Arrays, prelude::*};
///
/// let device = Device::default();
/// let model = VaeConfig::new(4, 2).init(&device, &mut Noise::seeded(0));
/// let x = Tensor::<2>::ones([10, 4], &device);
/// let log_weights = model.log_weights(x, 100, &mut Noise::seeded(1)).total();
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("weights.safetensors");
/// let arrays = Arrays::new()
///     .with_tensor("log_weights", ["sample", "datapoint"], log_weights)?
///     .with_numbers("class", ["datapoint"], [10], vec![0i64; 10])
///     .with_attribute("model", "a VAE");
/// arrays.save(&path)?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "arrays are for saving"]
pub struct Arrays {
    arrays: BTreeMap<String, (Vec<String>, TensorData)>,
    lengths: BTreeMap<String, usize>,
    attributes: Map<String, Value>,
}

impl Arrays {
    /// No arrays.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor. Its numbers keep their type.
    ///
    /// # Errors
    ///
    /// [`Error::Device`] if numbers cannot be read back.
    ///
    /// # Panics
    ///
    /// If there is an array of this name, or a dimension of a name has another length.
    pub fn with_tensor<const D: usize>(
        self,
        name: impl Into<String>,
        dims: [&str; D],
        tensor: Tensor<D>,
    ) -> Result<Self> {
        let name = name.into();
        let device = format!("{:?}", tensor.device());
        let data = tensor.without_autodiff().try_into_data();
        let data = data.map_err(|error| Error::Device {
            name: device,
            problem: format!("the numbers of `{name}` cannot be read back: {error}"),
            cure: "make fewer or smaller tensors".into(),
        })?;
        Ok(self.with_data(name, &dims, data))
    }

    /// Adds an array of numbers, row-major.
    ///
    /// # Panics
    ///
    /// If there is an array of this name, or a dimension of a name has another length. Also if the
    /// number of numbers, or of dimension names, does not fit the shape.
    pub fn with_numbers<T: Element, const D: usize>(
        self,
        name: impl Into<String>,
        dims: [&str; D],
        shape: [usize; D],
        numbers: Vec<T>,
    ) -> Self {
        let name = name.into();
        let expected: usize = shape.iter().product();
        assert_eq!(
            numbers.len(),
            expected,
            "`{name}` is to have the shape {shape:?}, of {expected} numbers"
        );
        self.with_data(name, &dims, TensorData::new(numbers, shape))
    }

    /// Adds an attribute that describes all arrays.
    pub fn with_attribute(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// Adds the arrays of another set, with `prefix` in front of their names and the names of their
    /// dimensions. Attributes of the other set are left out.
    ///
    /// # Panics
    ///
    /// If there is an array of such a name, or a dimension of such a name has another length.
    pub fn with_all(self, prefix: &str, other: Self) -> Self {
        other.arrays.into_iter().fold(self, |all, (name, array)| {
            let (dims, data) = array;
            let dims: Vec<String> = dims.iter().map(|dim| format!("{prefix}{dim}")).collect();
            let dims: Vec<&str> = dims.iter().map(String::as_str).collect();
            all.with_data(format!("{prefix}{name}"), &dims, data)
        })
    }

    /// The names of all arrays, in their order, and of the dimensions of each.
    pub fn names(&self) -> impl Iterator<Item = (&str, &[String])> {
        let arrays = self.arrays.iter();
        arrays.map(|(name, (dims, _))| (name.as_str(), dims.as_slice()))
    }

    /// Writes all arrays into a file, which is replaced as a whole. Its folder is created if
    /// needed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder or the file cannot be written; [`Error::Record`] if the format
    /// does not have the type of a tensor's numbers, as for quantized ones.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let dims: BTreeMap<_, _> = self.names().collect();
        let note = serde_json::json!({ "dims": dims, "attributes": self.attributes });
        let arrays = self.arrays.iter();
        let tensors = arrays.map(|(name, (_, data))| (name.clone(), data.clone()));
        tensors::write(path.as_ref(), &tensors.collect::<Vec<_>>(), &note)
    }

    fn with_data(mut self, name: String, dims: &[&str], data: TensorData) -> Self {
        for (&dim, &length) in dims.iter().zip(data.shape().iter()) {
            let first = *self.lengths.entry(dim.into()).or_insert(length);
            assert_eq!(
                first, length,
                "the dimension {dim} has length {first}, and length {length} in `{name}`"
            );
        }
        let dims = dims.iter().map(ToString::to_string).collect();
        let taken = self.arrays.insert(name.clone(), (dims, data)).is_some();
        assert!(!taken, "there are two arrays `{name}`");
        self
    }
}
