//! Noise for the host: generators with the traits of the `rand` crates.

use super::Noise;
use crate::kernel::random::{Draw, philox};
use rand_core::{
    Infallible, Rng, TryRng,
    block::{BlockRng, Generator},
};

/// A generator for one row, (sample, datapoint), of one draw.
///
/// A tensor of the same draw is made from the same words, feature after feature. Word i, counted
/// from 0, is word i mod 4 of the Philox block at `[i / 4, datapoint, sample, draw]`. After 2³⁴
/// words they repeat. [`Noise::rng`] and [`NoiseRngs::row`] make a generator.
///
/// It implements [`Rng`], so `rand` 0.10, `rand_distr` 0.6 and other crates based on `rand_core`
/// 0.10 accept it. A number of 64 bits has the earlier word in its lower half; bytes are
/// little-endian. How a *distribution* uses the words depends on its crate, and may change with
/// that crate's version. So use this for numbers that are made once and kept: initial weights, toy
/// data, simulations. This library itself does not draw in this way.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
/// use rand_distr::{Distribution as _, Gamma};
///
/// // Each row of a toy table has a generator of its own: rows may be made in any order.
/// let waits = Gamma::new(2.0, 3.0)?;
/// let rngs = Noise::seeded(7).rngs();
/// let row = |datapoint| waits.sample_iter(rngs.row(0, datapoint)).take(5).collect::<Vec<f64>>();
/// let table = [row(0), row(1), row(2)];
///
/// // Row 2 again, alone.
/// let alone = Noise::seeded(7).with_first_datapoint(2).rng();
/// assert_eq!(table[2], waits.sample_iter(alone).take(5).collect::<Vec<f64>>());
/// # Ok::<(), rand_distr::GammaError>(())
/// ```
#[derive(Clone, Debug)]
pub struct NoiseRng(BlockRng<Blocks>);

/// The blocks of a row, one after the other.
#[derive(Clone, Debug)]
struct Blocks {
    key: [u32; 2],
    counter: [u32; 4],
}

impl Generator for Blocks {
    type Output = [u32; 4];

    fn generate(&mut self, output: &mut [u32; 4]) {
        *output = philox(self.key, self.counter);
        self.counter[0] = self.counter[0].wrapping_add(1);
    }
}

impl TryRng for NoiseRng {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_word())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64_from_u32())
    }

    #[inline]
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

/// The generators of all rows of one draw, made by [`Noise::rngs`].
///
/// Threads may share it: a row's generator depends only on the row.
#[derive(Clone, Debug)]
pub struct NoiseRngs(Draw);

impl NoiseRngs {
    /// The generator of a row, from its start.
    ///
    /// # Panics
    ///
    /// If the noise has no such row: see [`Noise::with_datapoints`] and [`Noise::with_pairs`].
    pub fn row(&self, sample: usize, row: usize) -> NoiseRng {
        let Draw {
            key,
            number,
            address,
        } = &self.0;
        let Some((sample, datapoint)) = address.find(sample, row) else {
            panic!("the noise has no row {row} of sample {sample}");
        };
        NoiseRng(BlockRng::new(Blocks {
            key: *key,
            counter: [0, datapoint, sample, *number],
        }))
    }
}

impl Noise {
    /// Noise whose seed is 64 bits of another generator, for example the system's.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let mut generator = Noise::seeded(7).rng(); // or any other
    /// let noise = Noise::from_rng(&mut generator);
    /// # assert_ne!(noise.fork(0).permutation(9), Noise::seeded(7).fork(0).permutation(9));
    /// ```
    pub fn from_rng<R: Rng + ?Sized>(rng: &mut R) -> Self {
        Self::seeded(rng.next_u64())
    }

    /// A generator in host memory for this noise's first sample and row. Takes one draw.
    ///
    /// # Panics
    ///
    /// If the noise has no row.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    /// use rand_distr::{Distribution as _, Poisson};
    ///
    /// let mut noise = Noise::seeded(3);
    /// let counts = Poisson::new(4.5)?.sample_iter(noise.rng()).take(6);
    /// let counts: Vec<f32> = counts.collect();
    /// let x = Tensor::<1>::from_floats(counts.as_slice(), &Device::default());
    /// # assert_eq!(x.dims(), [6]);
    /// # assert_eq!(noise.num_draws(), 1);
    /// # Ok::<(), rand_distr::PoissonError>(())
    /// ```
    pub fn rng(&mut self) -> NoiseRng {
        self.rngs().row(0, 0)
    }

    /// Generators in host memory, one for each sample and row. Takes one draw.
    pub fn rngs(&mut self) -> NoiseRngs {
        NoiseRngs(self.next())
    }
}
