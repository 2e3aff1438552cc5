//! Draws of random numbers: the generator behind [`Noise`](crate::noise::Noise).

mod address;

pub(crate) use address::{Address, Datapoints, Shared};
use burn_bayes_cpu::random;
pub(crate) use burn_bayes_cpu::random::philox;
#[cfg(feature = "flex")]
use burn_bayes_cpu::random::{NormalRows, Row};

/// One draw of noise, which can be recomputed at any time.
#[derive(Clone, Debug)]
pub struct Draw {
    pub(crate) key: [u32; 2],
    pub(crate) number: u32,
    pub(crate) address: Address,
}

impl Draw {
    /// The last three words of the counters of row i, counted over all samples. The first word
    /// depends on the feature.
    #[inline]
    fn row(&self, i: usize, batch: usize) -> [u32; 3] {
        let (sample, datapoint) = self.address.of(i / batch, i % batch);
        [datapoint, sample, self.number]
    }

    /// The standard normal numbers of the rows that an iterator gives, in its order. Rows are
    /// numbered over all samples, with `batch` rows in each sample.
    #[cfg(feature = "flex")]
    pub(crate) fn normal_rows(
        &self,
        batch: usize,
        features: usize,
        rows: impl Iterator<Item = usize>,
    ) -> NormalRows<impl Iterator<Item = Row>> {
        NormalRows::new(
            self.key,
            features,
            rows.map(move |row| self.row(row, batch)),
        )
    }
}

/// The standard normal numbers of a draw.
pub(crate) fn normal(draw: &Draw, [samples, batch, features]: [usize; 3]) -> Vec<f32> {
    draw.address.check(samples, batch);
    random::normal(draw.key, samples * batch, features, |row| {
        draw.row(row, batch)
    })
}

/// The uniform numbers of a draw.
pub(crate) fn uniform(draw: &Draw, [samples, batch, features]: [usize; 3]) -> Vec<f32> {
    draw.address.check(samples, batch);
    random::uniform(draw.key, samples * batch, features, |row| {
        draw.row(row, batch)
    })
}
