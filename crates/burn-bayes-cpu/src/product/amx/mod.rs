//! Matrix products by the tile registers of newer server CPUs (Intel AMX), as exact as `f32`.
//!
//! Tiles multiply numbers of 16 bits (`bf16`), sixteen times as many at once as vectors of 32 bits.
//! A number's 24 significant bits are the sum of three such numbers, x = h + m + l, without any
//! rounding. Of the nine products of two such sums the six largest are added up in `f32`. The
//! others together are at most 2⁻²³ of the whole, and mostly far less (Henry, Tang and Heinecke,
//! 2019).
//!
//! Three products are enough, and give the same numbers, where all rows of the left operand that
//! are packed at once are such numbers themselves. Binary data are. Results are as near to the
//! exact ones as those of `f32` products, and do not depend on what other rows or columns are
//! computed with them. Products in half precision take one such number for each, rounded, and one
//! product.
//!
//! Two things differ from `f32` arithmetic. An infinite operand, or one above 3.39e38, makes a
//! result NaN. Operands below 2e-31 lose digits.

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

/// Tiles.
#[derive(Debug)]
pub(super) struct Tiles;

impl Engine for Tiles {
    fn is_available(&self) -> bool {
        registers::available()
    }

    /// Each operand is split and packed first. That takes as long as some dozens of operations with
    /// each of its numbers. Both lengths of the left operand are padded, here by up to five eighths
    /// of the operations.
    fn pays(&self, [rows, inner, columns]: [usize; 3], precision: Precision) -> bool {
        match precision {
            Precision::Full => {
                let padded = rows.next_multiple_of(PANEL) * inner.next_multiple_of(DEPTH);
                inner >= 32
                    && rows * columns >= 64 * (rows + columns)
                    && 8 * padded <= 13 * rows * inner
            }
            // Without tiles, too, each number would pass the processor first, to be rounded.
            Precision::Bf16 => inner >= 32 && rows * columns >= 16 * (rows + columns),
        }
    }

    fn shortest_part(&self, _: usize, _: usize) -> usize {
        4 * PANEL
    }

    /// The thread that shares out begins before the others, with the first part.
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
