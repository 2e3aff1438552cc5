//! Gradients of importance weighted bounds: in constant memory, with few samples in the backward
//! pass, or with less variance for the encoder.

mod choice;
mod estimator;
mod replay;
mod signal_to_noise;

pub use estimator::Estimator;
pub use replay::{Replay, Replayed};
pub use signal_to_noise::{SignalToNoise, signal_to_noise};
