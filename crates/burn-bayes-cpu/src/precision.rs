//! How exact factors are.

/// How the factors of a matrix product are rounded; sums are in `f32`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// Not at all.
    Full,
    /// To the nearest `bf16`; squares after squaring.
    Bf16,
}
