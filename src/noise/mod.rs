//! Randomness as a value: every random number is a pure function of its coordinates.
//!
//! | coordinate | set by | meaning |
//! | --- | --- | --- |
//! | seed, stream, step | [`Noise::seeded`], [`Noise::fork`] | which experiment, purpose, training step |
//! | draw | counts up with each call | which of the tensors drawn for one forward pass |
//! | sample | [`Noise::with_first_sample`], the tensor's first axis | which of the k importance samples |
//! | datapoint | [`Noise::with_datapoints`], the second axis | which row of the data set |
//! | feature | the last axis | which unit |
//!
//! So the numbers drawn do not depend on threads, or on how samples or rows are ordered or split
//! into chunks; results of chunks differ in rounding at most. A draw can be recomputed instead of
//! stored. Two models can share their noise. [`NoiseRng`] gives the same words to the `rand`
//! crates.

mod rng;

pub use rng::{NoiseRng, NoiseRngs};

use crate::kernel::{
    self,
    random::{Address, Datapoints, Draw, Shared, philox},
};
use burn::tensor::{Device, Tensor};

/// The draw number reserved for [`Noise::fork`] (third word 0) and [`Noise::split`] (third word 1).
const FORK: u32 = u32::MAX;

/// A source of random tensors that the caller owns; see the [module](self) for its coordinates.
///
/// The generator is Philox-4x32-10 (Salmon et al. 2011): four neighbouring features share a counter
/// `[feature / 4, datapoint, sample, draw]`. The key is the seed, hashed with the streams forked
/// from it. Normal numbers are Box–Muller pairs of neighbouring features. Numbers are computed in
/// `f32` and converted on `f64` devices. Every CPU gives the same bits.
///
/// # Example
///
/// ```
/// use burn_bayes::prelude::*;
///
/// let device = Device::default();
/// let mut noise = Noise::seeded(7);
/// let first = noise.normal([25, 100, 40], &device);
/// let second = noise.normal([25, 100, 40], &device); // another draw: other numbers
///
/// // Samples 10 to 24 of the first draw, made again on their own.
/// let part = Noise::seeded(7).with_first_sample(10).normal([15, 100, 40], &device);
/// let difference = (first.slice([10..25]) - part).abs().max().into_scalar::<f32>();
/// assert_eq!(difference, 0.0);
/// # let _ = second;
/// ```
#[derive(Clone, Debug)]
pub struct Noise {
    key: [u32; 2],
    draw: u32,
    address: Address,
}

impl Noise {
    /// The noise with this seed.
    pub fn seeded(seed: u64) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            draw: 0,
            address: Address::ORIGIN,
        }
    }

    /// Independent noise for a stream, such as a purpose or an epoch, or for a training step.
    ///
    /// Depends on this noise's seed and on the streams it was forked from, not on the draws made so
    /// far. The fork starts at draw 0, sample 0, datapoint 0.
    ///
    /// Forks differ in a hash of 64 bits: among n streams, two coincide with probability of about
    /// n² / 2⁶⁵.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let noise = Noise::seeded(1);
    /// let mut initial_weights = noise.fork(0);
    /// let training = noise.fork(1);
    /// for step in 0..3 {
    ///     let mut noise = training.fork(step).with_datapoints(&[17, 4]); // the rows of this batch
    ///     let _ = noise.normal([25, 2, 40], &Device::default());
    /// }
    /// # let _ = initial_weights.permutation(2);
    /// ```
    pub fn fork(&self, stream: u64) -> Self {
        let counter = [stream as u32, (stream >> 32) as u32, 0, FORK];
        let [low, high, ..] = philox(self.key, counter);
        Self {
            key: [low, high],
            draw: 0,
            address: Address::ORIGIN,
        }
    }

    /// Independent noises for the parts of one computation, with this noise's rows and samples.
    /// Takes one draw.
    ///
    /// The number of tensors that one part draws does not change the numbers of the others. So a
    /// model with random weights and one without can share the noise of their latents.
    pub fn split<const N: usize>(&mut self) -> [Self; N] {
        let draw = self.next_draw();
        std::array::from_fn(|part| {
            let [low, high, ..] = philox(self.key, [part as u32, draw, 1, FORK]);
            Self {
                key: [low, high],
                draw: 0,
                address: self.address.clone(),
            }
        })
    }

    /// The same noise, with rows for the datapoints with these ids, in this order.
    ///
    /// So a datapoint gets the same numbers at any place in a batch.
    pub fn with_datapoints(mut self, ids: &[u32]) -> Self {
        let first_sample = self.first_sample();
        self.address = Address::Grid {
            first_sample,
            datapoints: Datapoints::Ids(Shared::new(ids)),
        };
        self
    }

    /// The same noise, with rows for the datapoints `first`, `first + 1`, and so on.
    pub fn with_first_datapoint(mut self, first: u32) -> Self {
        let first_sample = self.first_sample();
        self.address = Address::Grid {
            first_sample,
            datapoints: Datapoints::From(first),
        };
        self
    }

    /// The same noise, with the samples `first`, `first + 1`, and so on.
    ///
    /// # Panics
    ///
    /// If the noise addresses selected pairs ([`Noise::with_pairs`]).
    pub fn with_first_sample(mut self, first: u32) -> Self {
        match &mut self.address {
            Address::Grid { first_sample, .. } => *first_sample = first,
            Address::Pairs(_) => panic!("noise of selected pairs has no first sample"),
        }
        self
    }

    /// The same noise for selected rows: row j is sample `pairs[j].0` of datapoint `pairs[j].1`.
    ///
    /// Tensors drawn from it have one sample: `[1, pairs, features]`. So any choice of the k ·
    /// batch rows of a forward pass can be run again with its own noise.
    pub fn with_pairs(mut self, pairs: &[(u32, u32)]) -> Self {
        self.address = Address::Pairs(Shared::new(pairs));
        self
    }

    /// The same noise without its first `offset` samples.
    pub(crate) fn later_samples(self, offset: u32) -> Self {
        let first = self.first_sample();
        let first = first.checked_add(offset);
        self.with_first_sample(first.expect("noise has 2^32 samples"))
    }

    /// The same noise for `len` rows of its tensors, from row `offset` on.
    ///
    /// # Panics
    ///
    /// If it has no such rows, or addresses selected pairs.
    pub(crate) fn later_rows(mut self, offset: usize, len: usize) -> Self {
        let Address::Grid { datapoints, .. } = &mut self.address else {
            panic!("noise of selected pairs has no rows for several samples");
        };
        *datapoints = match datapoints {
            Datapoints::From(first) => {
                let first = u64::from(*first) + offset as u64;
                Datapoints::From(u32::try_from(first).expect("noise has 2^32 datapoints"))
            }
            Datapoints::Ids(ids) => match ids.get(offset..offset + len) {
                Some(ids) => Datapoints::Ids(Shared::new(ids)),
                None => panic!("the noise has {} rows, not {}", ids.len(), offset + len),
            },
        };
        self
    }

    /// The same noise for selected rows of its tensors, given as (sample, row).
    pub(crate) fn rows(self, rows: &[(usize, usize)]) -> Self {
        let pairs: Vec<_> = rows
            .iter()
            .map(|&(sample, row)| self.coordinates(sample, row))
            .collect();
        self.with_pairs(&pairs)
    }

    /// The numbers (sample, datapoint) that entry `(sample, row)` of a tensor drawn from this noise
    /// belongs to.
    ///
    /// # Panics
    ///
    /// If the noise has no such row.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::prelude::*;
    ///
    /// let noise = Noise::seeded(0).with_datapoints(&[17, 4]).with_first_sample(10);
    /// assert_eq!(noise.coordinates(2, 1), (12, 4));
    /// ```
    pub fn coordinates(&self, sample: usize, row: usize) -> (u32, u32) {
        match self.address.find(sample, row) {
            Some(coordinates) => coordinates,
            None => panic!("the noise has no row {row} of sample {sample}"),
        }
    }

    /// How many tensors have been drawn.
    pub fn num_draws(&self) -> u32 {
        self.draw
    }

    /// Standard normal numbers, independent in every entry.
    ///
    /// # Shapes
    ///
    /// `[samples, batch, features]`, of the device's default float type.
    ///
    /// # Panics
    ///
    /// If the batch is not as long as the ids given to [`Noise::with_datapoints`], or as the pairs
    /// given to [`Noise::with_pairs`]; with pairs, also unless there is one sample.
    pub fn normal(&mut self, shape: [usize; 3], device: &Device) -> Tensor<3> {
        kernel::normal(&self.next(), shape, device)
    }

    /// Uniform numbers of the open interval (0, 1), independent in every entry.
    ///
    /// # Shapes
    ///
    /// `[samples, batch, features]`, of the device's default float type.
    ///
    /// # Panics
    ///
    /// If the batch is not as long as the ids given to [`Noise::with_datapoints`], or as the pairs
    /// given to [`Noise::with_pairs`]; with pairs, also unless there is one sample.
    pub fn uniform(&mut self, shape: [usize; 3], device: &Device) -> Tensor<3> {
        kernel::uniform(&self.next(), shape, device)
    }

    /// Standard normal numbers that belong to no datapoint, such as those of a weight matrix.
    ///
    /// # Shapes
    ///
    /// `[rows, columns]`. The first sample of this noise addresses the matrix; datapoint ids do not
    /// matter.
    pub fn normal_matrix(&mut self, shape: [usize; 2], device: &Device) -> Tensor<2> {
        kernel::normal(&self.next_matrix(), [1, shape[0], shape[1]], device).squeeze_dim(0)
    }

    /// Uniform numbers of (0, 1) that belong to no datapoint; see [`Noise::normal_matrix`].
    pub fn uniform_matrix(&mut self, shape: [usize; 2], device: &Device) -> Tensor<2> {
        kernel::uniform(&self.next_matrix(), [1, shape[0], shape[1]], device).squeeze_dim(0)
    }

    /// A uniformly random permutation of 0 to `len` − 1. It takes one draw.
    ///
    /// Numbers are sorted by 64-bit random keys, so the order is a function of the noise's
    /// coordinates only.
    ///
    /// # Panics
    ///
    /// If `len` is 2³² or more.
    pub fn permutation(&mut self, len: usize) -> Vec<u32> {
        assert!(
            u32::try_from(len).is_ok(),
            "{len} things have no permutation here"
        );
        let draw = self.next_draw();
        let mut keyed: Vec<(u64, u32)> = (0..len as u32)
            .map(|i| {
                let [low, high, ..] = philox(self.key, [0, i, self.first_sample(), draw]);
                (u64::from(high) << 32 | u64::from(low), i)
            })
            .collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, i)| i).collect()
    }

    /// The numbers of [`uniform`](Self::uniform), in host memory.
    pub(crate) fn uniform_numbers(&mut self, shape: [usize; 3]) -> Vec<f32> {
        kernel::random::uniform(&self.next(), shape)
    }

    /// The numbers of [`normal`](Self::normal), in host memory.
    pub(crate) fn normal_numbers(&mut self, shape: [usize; 3]) -> Vec<f32> {
        kernel::random::normal(&self.next(), shape)
    }

    fn first_sample(&self) -> u32 {
        match &self.address {
            Address::Grid { first_sample, .. } => *first_sample,
            Address::Pairs(_) => 0,
        }
    }

    fn next_draw(&mut self) -> u32 {
        let draw = self.draw;
        assert!(draw < FORK, "a noise has 2^32 - 1 draws; fork it");
        self.draw += 1;
        draw
    }

    /// The next draw, which the caller may make more than once.
    pub(crate) fn next(&mut self) -> Draw {
        Draw {
            key: self.key,
            number: self.next_draw(),
            address: self.address.clone(),
        }
    }

    fn next_matrix(&mut self) -> Draw {
        let address = Address::Grid {
            first_sample: self.first_sample(),
            datapoints: Datapoints::From(0),
        };
        Draw {
            address,
            ..self.next()
        }
    }
}
