//! Data: rows of numbers in host memory, how grey levels become binary, and data sets from files.

mod binarization;
mod datapoints;
#[cfg(feature = "data")]
mod download;
#[cfg(feature = "data")]
mod idx;
#[cfg(feature = "data")]
mod mnist;

pub use binarization::Binarization;
pub use datapoints::Datapoints;
#[cfg(feature = "data")]
pub use download::*;
#[cfg(feature = "data")]
pub use idx::*;
#[cfg(feature = "data")]
pub use mnist::*;
