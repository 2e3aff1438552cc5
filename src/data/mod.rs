//! Data: rows of numbers in host memory, how grey levels become binary, and data sets from files.

mod binarization;
mod datapoints;
#[cfg(feature = "data")]
mod download;
#[cfg(feature = "data")]
mod idx;
#[cfg(feature = "data")]
mod labelled;
#[cfg(feature = "data")]
mod mnist;
#[cfg(feature = "data")]
mod progress;

pub use binarization::Binarization;
pub use datapoints::Datapoints;
#[cfg(feature = "data")]
pub use download::download;
#[cfg(feature = "data")]
pub use idx::{
    IdxArray, IdxType, Images, MAX_IDX_BYTES, parse_idx, parse_images, parse_labels, read_idx,
    read_images, read_labels,
};
#[cfg(feature = "data")]
pub use labelled::Labelled;
#[cfg(feature = "data")]
pub use mnist::Mnist;
#[cfg(feature = "data")]
pub use progress::{Progress, print_progress};
