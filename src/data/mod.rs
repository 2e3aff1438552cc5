//! Data: rows of numbers in host memory, binarization, and data sets from files.

mod binarization;
#[cfg(feature = "data")]
mod contents;
mod datapoints;
#[cfg(feature = "train")]
mod dataset;
#[cfg(feature = "data")]
mod download;
#[cfg(feature = "data")]
mod faults;
#[cfg(feature = "data")]
mod idx;
mod in_memory;
#[cfg(feature = "data")]
mod labelled;
#[cfg(feature = "data")]
mod mat;
#[cfg(feature = "data")]
mod mnist;
#[cfg(feature = "data")]
mod numpy;
#[cfg(feature = "data")]
mod omniglot;
mod source;

pub use binarization::{Binarization, Binarized};
pub use datapoints::Datapoints;
#[cfg(feature = "train")]
pub use dataset::DatasetRows;
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
pub use mat::{MatMatrix, parse_mat, read_mat};
#[cfg(feature = "data")]
pub use mnist::Mnist;
#[cfg(feature = "data")]
pub use omniglot::Omniglot;
#[cfg_attr(not(feature = "train"), allow(unused_imports))]
pub(crate) use source::check_widths;
pub use source::{Paired, Rows, Source};
