//! The engines that a program has.

#[cfg(all(target_arch = "x86_64", target_os = "linux", not(burn_bayes_no_amx)))]
use super::amx;
#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::{by_gemm::Gemm, engine::Engine};
use crate::precision::Precision;

/// The engines that this program was compiled with, the fastest first. The last one can compute
/// every product.
pub(super) static ENGINES: &[&dyn Engine] = &[
    #[cfg(all(target_arch = "x86_64", target_os = "linux", not(burn_bayes_no_amx)))]
    &amx::Tiles,
    #[cfg(target_arch = "x86_64")]
    &avx512::Pairs,
    #[cfg(target_arch = "x86_64")]
    &avx512::Vectors,
    &Gemm,
];

/// The fastest engine for a product of these rows, inner indices and columns.
pub(super) fn fastest(lengths: [usize; 3], precision: Precision) -> &'static dyn Engine {
    let mut fitting = ENGINES.iter();
    // `is_available` comes last: for tiles it requests a permission that changes how the system
    // treats the process.
    let fastest = fitting.find(|engine| engine.pays(lengths, precision) && engine.is_available());
    *fastest.unwrap_or(&(&Gemm as &dyn Engine))
}
