//! Files that other programs read and write, by the [safetensors](https://docs.rs/safetensors)
//! format: feature `safetensors`.
//!
//! [`Arrays`] holds results with the names of their dimensions, for NumPy, xarray and ArviZ.
//! Weights of models are [`save_safetensors`](crate::model::save_safetensors) and
//! [`load_safetensors`](crate::model::load_safetensors). `docs/interchange.md` shows both sides.

mod arrays;
mod tensors;

pub use arrays::Arrays;
pub(crate) use tensors::{read, write};
