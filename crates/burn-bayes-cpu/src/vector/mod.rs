//! Functions of slices, compiled for several vector widths and chosen at run time.
//!
//! Sums run over a fixed number of lanes, so every CPU gives the same bits. All slices of a call
//! should have the same length, unless stated otherwise. The ends of longer ones are ignored.

mod adam;
mod bernoulli;
#[cfg(feature = "products")]
pub(crate) mod bf16;
mod elementwise;
mod gaussian_density;
mod gaussian_draw;
mod log_mean_exp;
mod loops;
mod parameter;
mod scalar;
mod vectorized;

pub use adam::{AdamStep, adam};
pub use bernoulli::{bernoulli_row, bernoulli_row_backward};
pub use elementwise::{Function, add_to, apply, apply_backward, exp_to, multiply_by, square_to};
pub use gaussian_density::{gaussian_row, gaussian_row_to_loc, gaussian_row_to_spread};
pub use gaussian_draw::{
    add_log_variance_derivative, add_product, draw_and_derive, draw_backward_row, draw_in_place,
    draw_only, draw_row, log_prob_of_noise_row, scale_backward,
};
pub use log_mean_exp::{max_to, shares_to};
pub use parameter::Parameter;
