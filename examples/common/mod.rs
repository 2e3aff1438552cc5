//! What the examples share: options, data, models that are trained or loaded, the folder of
//! results.

#![allow(dead_code, unused_imports, reason = "each example uses a part")]

pub mod begun;
mod device;
mod earlier;
pub mod files;
mod folder;
pub mod images;
mod models;
mod options;
pub mod other_images;
mod output;
pub mod products;
mod program;
mod quantiles;
pub mod upwards;
pub mod words;

pub use earlier::Earlier;
pub use models::{NamedModel, Recipe, check_uncertain, load};
pub use options::{Common, DeviceOption, at_least, between, positive};
pub use output::Output;
pub use program::start;
pub use quantiles::normal_quantiles;

use burn_bayes::prelude::*;

/// Streams of the seed; training has the small numbers.
pub const INITIAL_WEIGHTS: u64 = 100;
/// The test set is binarized once, alike in all examples.
pub const TEST_BINARIZATION: Binarization = Binarization::Fixed { seed: 123 };

/// The numbers of a tensor, row-major.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}
