//! Random numbers in host memory: the generator behind [`Noise`](crate::noise::Noise).

mod address;
mod fill;
mod philox;
mod transform;

pub(crate) use address::{Address, Datapoints, Shared};
#[cfg(feature = "flex")]
pub(crate) use fill::{COST, NormalRows};
pub(crate) use fill::{normal, uniform};
pub(crate) use philox::philox;
#[cfg(feature = "flex")]
pub(crate) use transform::ln;

/// One draw of noise, which can be made again at any time.
#[derive(Clone, Debug)]
pub struct Draw {
    pub(crate) key: [u32; 2],
    pub(crate) number: u32,
    pub(crate) address: Address,
}

impl Draw {
    /// The last three words of the counters of the row that is the i-th of all samples'; the first
    /// is the feature's.
    #[inline]
    fn row(&self, i: usize, batch: usize) -> [u32; 3] {
        let (sample, datapoint) = self.address.of(i / batch, i % batch);
        [datapoint, sample, self.number]
    }
}
