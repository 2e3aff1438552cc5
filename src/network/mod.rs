//! Networks that return distributions: the conditionals q(z | x) and p(x | z).
//!
//! A network runs once per row and returns one value, a distribution; z is drawn from, and log q
//! evaluated at, that same value. (Random weights are drawn anew at each call, so calling twice
//! would give two distributions.)

mod bernoulli_decoder;
mod decoder;
mod gaussian_decoder;
mod gaussian_encoder;

pub use bernoulli_decoder::BernoulliDecoder;
pub use decoder::{Decoder, Likelihood};
pub use gaussian_decoder::{DecoderScale, GaussianDecoder};
pub use gaussian_encoder::GaussianEncoder;
