//! The precision of factors.

/// How the factors of a matrix product are rounded; sums are in `f32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// Factors are not rounded.
    Full,
    /// Factors are rounded to the nearest `bf16`. Squares are rounded after squaring.
    Bf16,
}
