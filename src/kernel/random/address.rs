//! The (sample, datapoint) of each row of a noise tensor.

use std::{ops::Deref, sync::Arc};

/// The address of the rows of a `[samples, batch, features]` tensor.
#[derive(Clone, Debug)]
pub(crate) enum Address {
    /// Row (i, j) is sample `first_sample + i` of datapoint `datapoints[j]`.
    Grid {
        first_sample: u32,
        datapoints: Datapoints,
    },
    /// Row (0, j) is the j-th pair of (sample, datapoint).
    Pairs(Arc<Shared<(u32, u32)>>),
}

/// The ids of a batch's rows.
#[derive(Clone, Debug)]
pub(crate) enum Datapoints {
    /// Row j is datapoint `first + j`.
    From(u32),
    /// Row j is datapoint `ids[j]`.
    Ids(Arc<Shared<u32>>),
}

/// Data that all draws for a batch share, and a copy on the GPU after the first draw there.
#[derive(Debug)]
pub(crate) struct Shared<T> {
    values: Box<[T]>,
    #[cfg(feature = "cube")]
    pub(in crate::kernel) on_device: std::sync::OnceLock<burn_cubecl::tensor::CubeTensor>,
}

impl<T: Copy> Shared<T> {
    pub(crate) fn new(values: &[T]) -> Arc<Self> {
        Arc::new(Self {
            values: values.into(),
            #[cfg(feature = "cube")]
            on_device: std::sync::OnceLock::new(),
        })
    }
}

impl<T> Deref for Shared<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values
    }
}

impl Address {
    pub(crate) const ORIGIN: Self = Self::Grid {
        first_sample: 0,
        datapoints: Datapoints::From(0),
    };

    /// Panics unless a `[samples, batch, ..]` tensor can have this address.
    pub(crate) fn check(&self, samples: usize, batch: usize) {
        match self {
            Self::Grid {
                first_sample,
                datapoints,
            } => {
                let last = samples as u64 + u64::from(*first_sample);
                assert!(
                    last <= 1 << 32,
                    "noise has 2^32 samples, sample {last} was asked for"
                );
                match datapoints {
                    Datapoints::From(first) => {
                        let last = batch as u64 + u64::from(*first);
                        assert!(
                            last <= 1 << 32,
                            "noise has 2^32 datapoints, {last} was asked for"
                        );
                    }
                    Datapoints::Ids(ids) => assert_eq!(
                        ids.len(),
                        batch,
                        "the noise carries {} datapoint ids, the batch has {batch} rows",
                        ids.len()
                    ),
                }
            }
            Self::Pairs(pairs) => {
                assert_eq!(
                    samples, 1,
                    "noise of selected pairs has one sample per row, not {samples}"
                );
                assert_eq!(
                    pairs.len(),
                    batch,
                    "the noise carries {} (sample, datapoint) pairs, the batch has {batch} rows",
                    pairs.len()
                );
            }
        }
    }

    /// (sample, datapoint) of row (`sample`, `row`), if there is such a row.
    pub(crate) fn find(&self, sample: usize, row: usize) -> Option<(u32, u32)> {
        let after = |first: u32, i: usize| first.checked_add(u32::try_from(i).ok()?);
        match self {
            Self::Grid {
                first_sample,
                datapoints,
            } => {
                let datapoint = match datapoints {
                    Datapoints::From(first) => after(*first, row)?,
                    Datapoints::Ids(ids) => *ids.get(row)?,
                };
                Some((after(*first_sample, sample)?, datapoint))
            }
            Self::Pairs(pairs) if sample == 0 => pairs.get(row).copied(),
            Self::Pairs(_) => None,
        }
    }

    /// (sample, datapoint) of row (`sample`, `row`).
    #[inline]
    pub(crate) fn of(&self, sample: usize, row: usize) -> (u32, u32) {
        match self {
            Self::Grid {
                first_sample,
                datapoints,
            } => {
                let datapoint = match datapoints {
                    Datapoints::From(first) => first + row as u32,
                    Datapoints::Ids(ids) => ids[row],
                };
                (first_sample + sample as u32, datapoint)
            }
            Self::Pairs(pairs) => pairs[row],
        }
    }
}
