//! The few operations that dominate training time, as fused operations with hand-written backward
//! passes.
//!
//! Each operation is a folder with one function of tensors. It has up to three bodies, which give
//! the same numbers up to rounding:
//! - `flex`: vectorized and threaded, on Flex in `f32`;
//! - `cube`: one CubeCL kernel, on GPUs, for noise and for operations with one result per row or
//!   column;
//! - `plain`: a composition of burn's own operations, everywhere else.
//!
//! Hand-written backward passes are in `autodiff`. Code outside this module does not know which
//! body runs.

// Without autodiff, backward passes have no caller; without Flex, fused layers have none.
#![cfg_attr(not(all(feature = "flex", feature = "autodiff")), allow(dead_code))]
#![cfg_attr(not(feature = "flex"), allow(unused_variables))]

mod adam;
mod bernoulli;
mod body;
#[cfg(feature = "cube")]
mod cube;
#[cfg(feature = "flex")]
mod flex;
mod function;
mod gaussian_density;
mod gaussian_draw;
mod halves;
mod linear;
mod log_mean_exp;
mod noise;
pub(crate) mod random;
mod random_bernoulli;
mod random_linear;
#[cfg(feature = "cube")]
mod shapes;
mod spread;
mod sum;
#[cfg(feature = "autodiff")]
mod tape;
#[cfg(all(test, any(feature = "flex", feature = "cube"), feature = "autodiff"))]
mod tests;

#[cfg_attr(not(feature = "autodiff"), allow(unused_imports))]
pub(crate) use adam::adam;
pub(crate) use bernoulli::bernoulli_log_prob;
#[cfg_attr(not(feature = "autodiff"), allow(unused_imports))]
pub use burn_bayes_cpu::vector::AdamStep;
pub use burn_bayes_cpu::vector::{Function, Parameter};
pub(crate) use function::apply;
pub(crate) use gaussian_density::gaussian_log_prob;
pub(crate) use gaussian_draw::{gaussian_draw, log_prob_of_draw};
pub(crate) use halves::halves;
pub(crate) use linear::linear;
pub(crate) use log_mean_exp::log_mean_exp;
pub(crate) use noise::{normal, uniform};
pub(crate) use random_bernoulli::bayesian_bernoulli_log_prob;
pub(crate) use random_linear::{RandomWeights, bayesian_linear};
pub(crate) use sum::sum;

/// Added to a variance before its square root, whose derivative at 0 is infinite. The variance is 0
/// for an all-zero input row of a Bayesian layer without a random bias. The guard's root, 1e-8, is
/// below the rounding of `f32` activations of order 1.
pub(crate) const VARIANCE_GUARD: f64 = 1e-16;

/// The guard of variances that are products in `product`. In `f16` the derivative of the root of a
/// smaller one overflows.
pub(crate) fn variance_guard(product: Option<burn::tensor::DType>) -> f64 {
    match product {
        Some(burn::tensor::DType::F16) => 1e-8,
        _ => VARIANCE_GUARD,
    }
}
