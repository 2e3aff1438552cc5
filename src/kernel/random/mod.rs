//! Random numbers in host memory: the generator behind [`Noise`](crate::noise::Noise).

mod address;
mod fill;
mod philox;
mod transform;

pub(crate) use address::{Address, Datapoints, Shared};
#[cfg(feature = "flex")]
pub(crate) use fill::{COST, normal_row};
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
    /// The last three words of the counters of a row; the first is the feature's.
    #[inline]
    fn counter(&self, sample: usize, row: usize) -> [u32; 3] {
        let (sample, datapoint) = self.address.of(sample, row);
        [datapoint, sample, self.number]
    }
}
