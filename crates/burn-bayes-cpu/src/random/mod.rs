//! Random numbers: the words of a counter-based generator, and uniform and normal numbers from
//! them.
//!
//! A number is a function of a key, the counter of its row and its place in the row only. IEEE 754
//! determines its bits, so they are the same on every processor.

mod fill;
mod philox;
mod transform;

pub use fill::{COST, NormalRows, Row, normal, uniform};
pub use philox::philox;
pub(crate) use transform::ln;
