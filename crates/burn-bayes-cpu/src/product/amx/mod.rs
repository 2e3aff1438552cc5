//! Matrix products by the tile registers of newer server CPUs (Intel AMX), as exact as `f32`.
//!
//! Tiles multiply 16-bit numbers (`bf16`), many more at once than vectors of 32-bit numbers. A
//! number's 24 significant bits are split into three `bf16` without rounding, x = h + m + l. Of the
//! nine products of two such sums the six largest are added in `f32`. The other three are together
//! at most 2⁻²³ of the product, and usually far less (Henry, Tang and Heinecke, 2019).
//!
//! If all numbers of the left operand that are packed at once are `bf16` already, as in binary
//! data, three products give the same result. Results are as accurate as those of `f32` products.
//! They do not depend on which other rows or columns are computed with them. In half precision each
//! number is rounded to one `bf16`, and there is one product.
//!
//! There are two differences from `f32` arithmetic. An infinite operand, or one above 3.39e38,
//! gives NaN. Operands below 2e-31 lose digits.

mod blocks;
mod micro_kernels;
mod pack;
mod registers;
mod sizes;
#[cfg(test)]
mod tests;

use super::engine::{Engine, Task};
use crate::precision::Precision;
use blocks::multiply;
use sizes::{DEPTH, LINES, PANEL};

/// The engine of AMX tiles.
#[derive(Debug)]
pub(super) struct Tiles;

impl Engine for Tiles {
    fn is_available(&self) -> bool {
        registers::available()
    }

    /// Each operand is split and packed first. For each number this costs as much as some dozens of
    /// operations, so there must be many operations per number. Both lengths of the left operand
    /// are padded. Padding may add at most five eighths to the operations.
    fn pays(&self, [rows, inner, columns]: [usize; 3], precision: Precision) -> bool {
        // Without numbers there may be 2⁶⁴ rows.
        if inner < 32 || columns == 0 {
            return false;
        }
        match precision {
            Precision::Full => {
                let padded = rows.next_multiple_of(PANEL) * inner.next_multiple_of(DEPTH);
                rows * columns >= 64 * (rows + columns) && 8 * padded <= 13 * rows * inner
            }
            // Other engines must also process each number first, to round it: so tiles pay for
            // smaller products.
            Precision::Bf16 => rows * columns >= 16 * (rows + columns),
        }
    }

    fn shortest_part(&self, _: usize, _: usize) -> usize {
        4 * PANEL
    }

    /// Boundaries are rounded up: the calling thread computes the first part and begins before the
    /// others.
    fn boundary(&self, exact: usize, axis: usize, _: bool) -> usize {
        exact.next_multiple_of(if axis == 0 { PANEL } else { LINES })
    }

    fn multiply(&self, task: Task) {
        assert!(self.is_available());
        // SAFETY: the processor has tiles, as asserted.
        #[allow(unsafe_code)]
        unsafe {
            match task.precision {
                Precision::Full => multiply::<3>(task),
                Precision::Bf16 => multiply::<1>(task),
            }
        }
    }
}
