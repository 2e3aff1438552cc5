//! The CPU engine of [burn-bayes](https://crates.io/crates/burn-bayes): the operations that
//! dominate the time of a training step, on slices of `f32`.
//!
//! It does not depend on burn, and has no tensors. `ARCHITECTURE.md` of this crate shows how matrix
//! products use caches and registers.
//!
//! | module | holds |
//! | --- | --- |
//! | [`product`] | matrix products with start and epilogue, by AMX, AVX-512 or the `gemm` crate |
//! | [`vector`] | functions of rows, compiled for several vector widths |
//! | [`random`] | Philox-4x32-10, uniform and normal numbers at counters |
//! | [`rows`] | rows and parts of slices shared out over threads |
//! | [`memory`] | recycled, aligned memory |
//! | [`threads`] | a thread pool whose threads wait actively for a moment before they sleep |
//!
//! Results never depend on the number of threads. Those of [`vector`] and [`random`] are the same
//! to the bit on every processor. The order of sums in a product depends on the kind of processor.
//!
//! ```
//! use burn_bayes_cpu::Precision;
//! use burn_bayes_cpu::product::{Epilogue, Matrix, Product, Start, multiply};
//! use burn_bayes_cpu::vector::Function;
//!
//! let (input, weight, bias) = ([1.0, 2.0], [0.5, -1.0, 0.25, 0.0], [0.5, 1.0]);
//! let mut output = [0.0; 2];
//! let product = Product {
//!     start: Start::Row(&bias),
//!     epilogue: Epilogue::Apply(Function::Tanh),
//!     ..Product::new(Matrix::new(&input, [1, 2]), Matrix::new(&weight, [2, 2]), &mut output)
//! };
//! multiply([product], Precision::Full);
//! assert!((output[0] - 1.5f32.tanh()).abs() < 1e-6 && output[1] == 0.0);
//! ```

#![warn(missing_docs)]
// Each unsafe block is allowed on its own, with its reason.
#![deny(unsafe_code)]

pub mod memory;
mod precision;
#[cfg(feature = "products")]
pub mod product;
pub mod random;
pub mod rows;
pub mod threads;
pub mod vector;

pub use precision::Precision;
