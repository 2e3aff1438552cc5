//! Networks that return distributions: the conditionals q(z | x) and p(x | z).
//!
//! A [`Conditional`] is a [`Network`] and a [`Head`], which turns the network's outputs into a
//! distribution. Either may be your own: a convolutional network, for example, or a likelihood. A
//! conditional returns one value, a distribution. Draw z from that value, and evaluate log q on the
//! same value. Random weights are drawn anew at each call, so two calls would give two
//! distributions.

mod bernoulli_decoder;
mod columns;
mod conditional;
mod family;
mod full_encoder;
mod gaussian_decoder;
mod gaussian_encoder;
mod head;
mod low_rank_encoder;
#[allow(clippy::module_inception)]
mod network;
mod shared_scale;

pub use bernoulli_decoder::{BernoulliDecoder, BernoulliHead};
pub use columns::{Columns, ColumnsDecoder};
pub use conditional::Conditional;
pub use family::{Decoder, Family};
pub use full_encoder::{FullCovariance, FullCovarianceEncoder};
pub use gaussian_decoder::{GaussianDecoder, NormalHead, Scale};
pub use gaussian_encoder::{DiagonalNormal, GaussianEncoder};
pub use head::Head;
pub use low_rank_encoder::{LowRankCovariance, LowRankEncoder};
pub use network::Network;
pub use shared_scale::SharedScale;
