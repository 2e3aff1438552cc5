//! Training on burn's engine: dashboard, metrics, checkpoints, and the learning curve as a file.
//!
//! ```
//! use burn_bayes::{
//!     prelude::*,
//!     train::{Objective, Run, Schedule, TrainingConfig},
//! };
//!
//! # let dir = tempfile::tempdir().unwrap();
//! # let run = Run::new(dir.path().join("iwae")).with_progress(burn_bayes::progress::Progress::Silent);
//! # let rows = |n: usize| (0..16 * n).map(|i| (i % 5) as f32 / 4.0).collect::<Vec<_>>();
//! let data = Datapoints::new("stripes", rows(20), 16)?; // grey levels in [0, 1]
//! let data = data.binarized(Binarization::Dynamic); // 0 or 1, drawn anew at each visit
//! let model = VaeConfig::new(16, 2).with_hidden(vec![8]).init(&Device::default(), &mut Noise::seeded(0));
//!
//! let training = TrainingConfig::new(Objective::iwae(5))
//!     .with_seed(1)
//!     .with_epochs(2)
//!     .with_batch_size(10)
//!     .with_schedule(Schedule::Constant { learning_rate: 1e-3 });
//! # let _ = stringify!(
//! let run = "runs/iwae";
//! # );
//! let trained = training.fit(model, &data, None, run)?;
//!
//! let last = trained.curve.last().unwrap();
//! println!("epoch {}: {:.2} nats", last.epoch, last.train.bound);
//! let samples = trained.model.sample(10, &mut Noise::seeded(2));
//! # assert_eq!((last.epoch, samples.dims()), (2, [10, 16]));
//! # Ok::<(), burn_bayes::Error>(())
//! ```
//!
//! # What is written
//!
//! | file in the run's folder | content |
//! | --- | --- |
//! | `training.json` | the [`TrainingConfig`], the model as it prints, sizes and hashes of the data |
//! | `curve.csv` | one line for each epoch, written anew after each: see [`EpochSummary`] |
//! | `checkpoint/model-N.bpk` | the weights after epoch N: the last two epochs' and the best |
//! | `checkpoint/optim-N.bpk`, `scheduler-N.bpk` | the rest of what [`Run::with_resume`] needs |
//! | `.lock` | nothing; while it is locked, no other training writes here |
//!
//! Every file is written to a temporary file, synced and renamed. So a killed run loses only the
//! running epoch, and the one before if its checkpoint was not complete. Checkpoints end in a
//! checksum. For a damaged file there is an error that names it.
//!
//! # What decides the result
//!
//! The result depends only on the initial weights, the [`TrainingConfig`] and the data with their
//! binarization. On Flex, on one machine, the same training gives the same weights to the bit. That
//! holds for any number of threads, and for runs that were stopped and resumed. Every random number
//! comes from the noise of the training's seed, through the streams of [`stream`].

mod checkpoint;
mod checks;
mod chunks;
mod clip;
mod config;
mod copies;
mod curve;
mod fit;
mod folder;
mod inputs;
mod keep;
mod load;
mod loader;
mod loggers;
mod metric;
mod own_optimizer;
mod part;
mod quantity;
mod recorder;
mod renderer;
mod run;
mod schedule;
mod start;
mod stop;
mod summary;
mod trained;
mod trainee;
mod watch;

pub use crate::gradient::Estimator;
pub use crate::objective::{
    Backward, Bound, ChargedWeights, Objective, ObjectiveParts, SampleSchedule, Step, WarmUp,
    WeightDraws, WeightKlEstimate,
};
pub use clip::Clipping;
pub use config::TrainingConfig;
pub use curve::{Averages, EpochSummary};
pub use own_optimizer::OwnOptimizer;
pub use run::Run;
pub use schedule::Schedule;
pub use trained::Trained;

/// The numbers of the streams that training forks from its root, `Noise::seeded(seed).fork(ROOT)`.
///
/// A caller may use the same seed for initial weights and evaluation: neither draws from these
/// streams. Steps and epochs count from 0 over the whole run. Ids are rows of the data.
pub mod stream {
    /// The stream of a training in the noise of its seed.
    pub const ROOT: u64 = u64::from_be_bytes(*b"training");
    /// The order of an epoch: `root.fork(ORDER).fork(epoch).permutation(n)`.
    pub const ORDER: u64 = 0;
    /// The random part of the data at a visit, such as binarization:
    /// `root.fork(BINARIZATION).fork(step)`, with the rows' ids.
    pub const BINARIZATION: u64 = 1;
    /// The model's noise: `root.fork(MODEL).fork(step).with_datapoints(ids)`.
    pub const MODEL: u64 = 2;
    /// The random part of validation data: `root.fork(VALID_BINARIZATION)`, with the rows' ids. It
    /// is the same in each epoch, so that epochs can be compared.
    pub const VALID_BINARIZATION: u64 = 3;
    /// The model's noise in validation: `root.fork(VALID_MODEL).with_datapoints(ids)`, the same at
    /// each epoch.
    pub const VALID_MODEL: u64 = 4;
}
