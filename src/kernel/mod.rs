//! The few operations that dominate time, fused, with backward passes written by hand.
//!
//! Each operation is a folder, and a function of tensors. It has up to three bodies, which give the
//! same numbers:
//! - `flex`: vectorized and threaded, on Flex in `f32`;
//! - `cube`: one CubeCL kernel, on GPUs, for noise and for what is one number a row;
//! - `plain`: a composition of burn's own operations, everywhere else.
//!
//! Backward passes by hand are in `autodiff`. Nothing outside this module knows which body runs.

// Without autodiff backward passes have no caller, without Flex layers have none.
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

/// Added to a variance before its square root, whose slope at 0 is infinite. An all-zero input row
/// of a Bayesian layer without bias has variance 0. Smaller than any variance that counts and, its
/// root being 1e-8, than the rounding of `f32` activations of order 1.
pub(crate) const VARIANCE_GUARD: f64 = 1e-16;
