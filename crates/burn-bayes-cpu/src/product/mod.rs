//! Matrix products, divided among threads. They use tiles (AMX) or vectors (AVX-512) if the CPU has
//! them, otherwise the `gemm` crate.
//!
//! Each thread computes a part of the result's rows or columns. At the sizes of a training step
//! that is faster than threads within a product's blocks.

// Some functions are needed only by vectors and tiles.
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
