//! The configuration of a stochastic layer above others.

use super::Uncertainty;
use burn::config::Config;

/// A stochastic layer above the first one of a [`VaeConfig`](super::VaeConfig), with its networks
/// q(u | z), `z – hidden – d_latent`, and p(z | u), the mirror image.
#[derive(Config, Debug, PartialEq)]
pub struct Latents {
    /// The number of latent variables.
    pub d_latent: usize,
    /// The widths of the hidden layers of q(u | z), from z up; p(z | u) has them in reverse.
    #[config(default = "vec![100]")]
    pub hidden: Vec<usize>,
    /// Which of the two networks have random weights; `None` for those that the whole model has.
    #[config(default = "None")]
    pub uncertainty: Option<Uncertainty>,
}
