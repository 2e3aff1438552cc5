//! Sources of rows, and the types of batches that models take.

use crate::{
    distribution::Support,
    error::{Error, Result},
    noise::Noise,
};
use burn::tensor::{Device, Int, Tensor};
use std::fmt::Debug;

/// A batch of datapoints as a model takes it: a tensor `[batch, features]`, or a pair (x, y).
pub trait Rows: Clone + Debug + Send + 'static {
    /// The number of rows.
    fn num_rows(&self) -> usize;

    /// The numbers of features: one entry for a tensor, the entries of both parts for a pair.
    fn widths(&self) -> Vec<usize>;

    /// The device of the rows.
    fn device(&self) -> Device;

    /// Chosen rows, in this order.
    fn select_rows(self, rows: Tensor<1, Int>) -> Self;

    /// The same outside of any graph.
    fn plain(self) -> Self;
}

impl Rows for Tensor<2> {
    fn num_rows(&self) -> usize {
        self.dims()[0]
    }

    fn widths(&self) -> Vec<usize> {
        vec![self.dims()[1]]
    }

    fn device(&self) -> Device {
        self.device()
    }

    fn select_rows(self, rows: Tensor<1, Int>) -> Self {
        self.select(0, rows)
    }

    fn plain(self) -> Self {
        self.without_autodiff()
    }
}

impl<A: Rows, B: Rows> Rows for (A, B) {
    fn num_rows(&self) -> usize {
        self.0.num_rows()
    }

    fn widths(&self) -> Vec<usize> {
        [self.0.widths(), self.1.widths()].concat()
    }

    fn device(&self) -> Device {
        self.0.device()
    }

    fn select_rows(self, rows: Tensor<1, Int>) -> Self {
        (self.0.select_rows(rows.clone()), self.1.select_rows(rows))
    }

    fn plain(self) -> Self {
        (self.0.plain(), self.1.plain())
    }
}

/// A data set that gives rows by their ids, for training and evaluation.
///
/// [`Datapoints`](super::Datapoints) is a source in memory. [`Binarized`](super::Binarized) makes
/// grey levels binary. [`Paired`] makes pairs (x, y) from two sources. A source of your own may
/// read from a file.
///
/// # Example
///
/// Rows that are computed when they are asked for.
///
/// ```
/// use burn_bayes::{data::Source, distribution::Support, prelude::*};
///
/// #[derive(Clone, Debug)]
/// struct Squares;
///
/// impl Source for Squares {
///     type Rows = Tensor<2>;
///
///     fn name(&self) -> &str {
///         "squares"
///     }
///
///     fn len(&self) -> usize {
///         1000
///     }
///
///     fn select(&self, ids: &[u32], device: &Device, _: &Noise) -> Result<Tensor<2>, Error> {
///         let rows: Vec<f32> = ids.iter().flat_map(|&id| [id as f32, (id as f32).powi(2)]).collect();
///         Ok(Tensor::from_data(TensorData::new(rows, [ids.len(), 2]), device))
///     }
///
///     fn fingerprint(&self) -> Result<String, Error> {
///         Ok("squares, 1000 rows of 2".into())
///     }
///
///     fn check(&self, _: Support) -> Result<(), Error> {
///         Ok(())
///     }
/// }
/// # let rows = Squares.select(&[3], &Device::default(), &Noise::seeded(0))?;
/// # assert_eq!(rows.into_data().try_to_vec::<f32>().unwrap(), [3.0, 9.0]);
/// # Ok::<(), Error>(())
/// ```
pub trait Source: Clone + Debug + Send + Sync + 'static {
    /// The type of a batch.
    type Rows: Rows;

    /// The name of the data in messages.
    fn name(&self) -> &str;

    /// The number of rows, below 2³².
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows with these ids, in this order, without autodiff.
    ///
    /// `visit` is the noise of this visit, for data with a random part. Nothing else draws from it.
    /// Training and reports set its datapoints to `ids`, so what a row gets does not depend on the
    /// rows beside it.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn select(&self, ids: &[u32], device: &Device, visit: &Noise) -> Result<Self::Rows>;

    /// A line that identifies the data: two sources with the same one have equal data in the same
    /// order. Resumed runs and compared reports use it.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn fingerprint(&self) -> Result<String>;

    /// Checks that a model of this support can take the data.
    ///
    /// # Errors
    ///
    /// [`Error::Data`](crate::Error::Data) with the row and the feature that the model cannot take.
    fn check(&self, support: Support) -> Result<()>;

    /// The same, prepared for many visits on a device. Training calls it once for each data set,
    /// before the first batch.
    fn on_device(&self, _device: &Device) -> Self {
        self.clone()
    }
}

/// Refuses data whose numbers of features differ from those of another data set.
pub(crate) fn check_widths<D: Rows>(data: (&str, &D), other: (&str, &D)) -> Result<()> {
    let [(name, data), (other_name, other)] = [data, other];
    let (found, expected) = (data.widths(), other.widths());
    if found == expected {
        return Ok(());
    }
    let features = |widths: Vec<usize>| {
        let widths: Vec<String> = widths.iter().map(usize::to_string).collect();
        widths.join(" and ")
    };
    Err(Error::Data {
        name: name.into(),
        problem: format!(
            "has {} features, but {other_name} has {}",
            features(found),
            features(expected)
        ),
        cure: "give data of the same kind".into(),
    })
}

/// Pairs from two sources: row i is (row i of the first, row i of the second).
///
/// Only the second must be in the model's support: y is what the model gives probability to.
#[derive(Clone, Debug)]
pub struct Paired<X, Y> {
    x: X,
    y: Y,
    name: String,
}

impl<X: Source, Y: Source> Paired<X, Y> {
    /// From two sources.
    ///
    /// # Errors
    ///
    /// [`Error::Data`](crate::Error::Data) if their numbers of rows differ.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::{data::{Paired, Source}, prelude::*};
    ///
    /// let x = Datapoints::new("inputs", vec![1.0, 2.0, 3.0, 4.0], 2)?;
    /// let y = Datapoints::new("labels", vec![0.0, 1.0], 1)?;
    /// let rows = Paired::new(x, y)?;
    /// let (x, y) = rows.select(&[1], &Device::default(), &Noise::seeded(0))?;
    /// assert_eq!((x.dims(), y.into_scalar::<f32>()), ([1, 2], 1.0));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(x: X, y: Y) -> Result<Self> {
        if x.len() != y.len() {
            return Err(Error::Data {
                name: y.name().into(),
                problem: format!("has {} rows, {} has {}", y.len(), x.name(), x.len()),
                cure: "give a row of each for each datapoint".into(),
            });
        }
        let name = format!("{} with {}", x.name(), y.name());
        Ok(Self { x, y, name })
    }
}

impl<X: Source, Y: Source> Source for Paired<X, Y> {
    type Rows = (X::Rows, Y::Rows);

    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> usize {
        self.x.len()
    }

    fn select(&self, ids: &[u32], device: &Device, visit: &Noise) -> Result<Self::Rows> {
        let [x, y] = visit.clone().split();
        let x = self.x.select(ids, device, &x)?;
        Ok((x, self.y.select(ids, device, &y)?))
    }

    fn fingerprint(&self) -> Result<String> {
        let (x, y) = (self.x.fingerprint()?, self.y.fingerprint()?);
        Ok(format!("{x}; {y}"))
    }

    /// x must be real numbers, and y in the model's support.
    fn check(&self, support: Support) -> Result<()> {
        self.x.check(Support::Real)?;
        self.y.check(support)
    }

    fn on_device(&self, device: &Device) -> Self {
        Self {
            x: self.x.on_device(device),
            y: self.y.on_device(device),
            name: self.name.clone(),
        }
    }
}
