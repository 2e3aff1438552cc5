//! Binarization of grey levels, for Bernoulli likelihoods.

use super::{Datapoints, Source, in_memory::MISSING_CURE};
use crate::{
    distribution::Support,
    error::{Error, Result},
    hash::Hash,
    noise::Noise,
};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The stream of binarization, a number that no other code forks.
const STREAM: u64 = u64::from_be_bytes(*b"binarize");

/// How grey levels in [0, 1] are made binary.
///
/// There is no default, since log-likelihoods depend on it by several nats.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let grey = Tensor::<2>::from_floats([[0.0, 1.0, 0.5], [0.0, 1.0, 0.5]], &Device::default());
/// let ids = [17, 4]; // which datapoints these rows are
/// let x = Binarization::Fixed { seed: 1 }.apply(grey, &ids, &Noise::seeded(0));
/// let certain: Vec<f32> = x.narrow(1, 0, 2).into_data().try_to_vec().unwrap();
/// assert_eq!(certain, [0.0, 1.0, 0.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Binarization {
    /// Each pixel is 1 with the probability of its grey level, drawn anew at each visit (Burda et
    /// al. 2016).
    Dynamic,
    /// Each pixel is 1 with the probability of its grey level, drawn once. The draw is a function
    /// of the seed, the datapoint and the pixel. So two data sets of one seed share draws: parts of
    /// [`Paired`](super::Paired) data need two seeds.
    Fixed {
        /// The seed of the draw.
        seed: u64,
    },
    /// Numbers are not changed. A model of binary data accepts only zeros and ones.
    None,
    /// Numbers are not changed, and a model of binary data accepts them. Its log-likelihood is then
    /// the expectation over random binarizations, and not a log-density.
    Grey,
}

impl Binarization {
    /// The data of one visit, binarized.
    ///
    /// `noise` is that of the visit. Only [`Dynamic`](Self::Dynamic) uses it, through a separate
    /// stream. So nothing else that is drawn from `noise` is correlated with the pixels. A missing
    /// cell, which is NaN, stays missing.
    ///
    /// # Shapes
    ///
    /// `grey` is `[batch, features]`; its rows are the datapoints `ids`.
    pub fn apply(&self, grey: Tensor<2>, ids: &[u32], noise: &Noise) -> Tensor<2> {
        let noise = match self {
            Self::Dynamic => noise.fork(STREAM),
            Self::Fixed { seed } => Noise::seeded(*seed).fork(STREAM),
            Self::None | Self::Grey => return grey,
        };
        let [batch, features] = grey.dims();
        let uniform = noise
            .with_datapoints(ids)
            .uniform([1, batch, features], &grey.device())
            .squeeze_dim(0);
        let missing = grey.clone().is_nan();
        uniform.lower(grey).float().mask_fill(missing, f32::NAN)
    }

    /// The binarization in words, for messages.
    fn words(self) -> String {
        match self {
            Self::Dynamic => "binarized at each visit".into(),
            Self::Fixed { seed } => format!("binarized once with seed {seed}"),
            Self::None => "as they are".into(),
            Self::Grey => "grey levels as they are".into(),
        }
    }
}

/// Data with a [`Binarization`], which is applied at each visit.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let grey = Datapoints::new("grey", vec![0.0, 0.25, 1.0, 0.5], 2)?;
/// let train = grey.clone().binarized(Binarization::Dynamic); // anew at each visit
/// let test = grey.binarized(Binarization::Fixed { seed: 1 }); // once
/// # let _ = (train, test);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Binarized {
    data: Datapoints,
    binarization: Binarization,
    /// Which datapoints the rows are, if these are some of a data set.
    ids: Option<Arc<[u32]>>,
}

impl Binarized {
    /// From data and their binarization.
    pub fn new(data: Datapoints, binarization: Binarization) -> Self {
        Self {
            data,
            binarization,
            ids: None,
        }
    }

    /// The data before binarization.
    pub fn data(&self) -> &Datapoints {
        &self.data
    }

    /// The binarization.
    pub fn binarization(&self) -> Binarization {
        self.binarization
    }

    /// Some of the rows, evenly strided: see [`Datapoints::strided`]. Those that are [binarized
    /// once](Binarization::Fixed) have the same pixels as in the whole.
    pub fn strided(&self, count: usize) -> Self {
        self.subset(&self.data.strided_rows(count))
    }

    /// The rows of these ids: see [`Datapoints::subset`]. Those that are [binarized
    /// once](Binarization::Fixed) have the same pixels as in the whole.
    ///
    /// # Panics
    ///
    /// If there are no ids, or one is past the end.
    pub fn subset(&self, ids: &[u32]) -> Self {
        Self {
            data: self.data.subset(ids),
            binarization: self.binarization,
            ids: Some(ids.iter().map(|&row| self.id(row)).collect()),
        }
    }

    /// Which datapoint a row is.
    fn id(&self, row: u32) -> u32 {
        (self.ids.as_ref()).map_or(row, |ids| ids[row as usize])
    }

    /// The datapoints in words, where they decide on the pixels and are not the first ones.
    fn words(&self) -> String {
        let rows = 0..self.data.len() as u32;
        let once = matches!(self.binarization, Binarization::Fixed { .. });
        if !once || rows.clone().all(|row| self.id(row) == row) {
            return String::new();
        }
        let hash = rows.fold(Hash::default(), |hash, row| {
            hash.and(&self.id(row).to_le_bytes())
        });
        format!(", as datapoints {:016x}", hash.value())
    }
}

impl Datapoints {
    /// The data with a binarization: see [`Binarization`].
    pub fn binarized(self, binarization: Binarization) -> Binarized {
        Binarized::new(self, binarization)
    }
}

impl Source for Binarized {
    type Rows = Tensor<2>;

    fn name(&self) -> &str {
        self.data.name()
    }

    fn len(&self) -> usize {
        self.data.len()
    }

    fn select(&self, ids: &[u32], device: &Device, visit: &Noise) -> Result<Tensor<2>> {
        let grey = Source::select(&self.data, ids, device, visit)?;
        Ok(match self.binarization {
            Binarization::Fixed { .. } => {
                let ids: Vec<u32> = ids.iter().map(|&row| self.id(row)).collect();
                self.binarization.apply(grey, &ids, visit)
            }
            other => other.apply(grey, ids, visit),
        })
    }

    fn fingerprint(&self) -> Result<String> {
        let data = self.data.fingerprint()?;
        let binarization = self.binarization.words();
        Ok(format!("{data}, {binarization}{}", self.words()))
    }

    fn check(&self, support: Support) -> Result<()> {
        let Some(columns) = support.of_features(self.data.num_features()) else {
            return self.data.check(support); // which tells of their number
        };
        let takes_both = |column: &Support| column.contains(0.0) && column.contains(1.0);
        let supports: Vec<Support> = match self.binarization {
            Binarization::None => return self.data.check(support),
            // Columns that are not binary are not changed.
            Binarization::Grey => {
                let column = |column: Support| match column.of_cells() {
                    Support::Binary => grey_levels(&column),
                    _ => column,
                };
                columns.into_iter().map(column).collect()
            }
            Binarization::Dynamic | Binarization::Fixed { .. } => {
                if let Some(column) = columns.iter().find(|column| !takes_both(column)) {
                    return Err(Error::Data {
                        name: self.data.name().into(),
                        problem: format!("expected {column}; binarized data are zeros and ones"),
                        cure: "leave out the binarization, or give a model of binary data".into(),
                    });
                }
                columns.iter().map(grey_levels).collect()
            }
        };
        self.data.check_all(&supports, |support, value| {
            let expected = match support.of_cells() {
                Support::UnitInterval => "grey levels in [0, 1]".into(),
                _ => support.to_string(),
            };
            let cure = match value.is_nan() {
                true => MISSING_CURE,
                false => support.cure(),
            };
            (expected, cure)
        })
    }

    fn on_device(&self, device: &Device) -> Self {
        Self {
            data: self.data.on_device(device),
            ..self.clone()
        }
    }
}

/// The support of a column before binarization; missing cells stay missing.
fn grey_levels(column: &Support) -> Support {
    match column.allows_missing() {
        true => Support::OrMissing(Box::new(Support::UnitInterval)),
        false => Support::UnitInterval,
    }
}
