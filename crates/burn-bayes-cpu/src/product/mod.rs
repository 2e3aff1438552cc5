//! Matrix products by tiles (AMX) or vectors (AVX-512) where there are any, else by the `gemm`
//! crate, shared out over threads.
//!
//! Each thread takes a part of the result's rows or columns. That is faster than threads inside of
//! a product at the sizes of a training step.

// What only vectors and tiles need.
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]

#[cfg(all(target_arch = "x86_64", target_os = "linux", not(burn_bayes_no_amx)))]
mod amx;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod by_gemm;
mod cut;
mod engine;
mod engines;
mod matrix;
mod multiply;
#[allow(clippy::module_inception)]
mod product;
mod ranges;
mod target;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod transpose;

pub use matrix::Matrix;
pub use multiply::multiply;
pub use product::Product;
pub use ranges::chunks;
pub use target::{Epilogue, Start};
