//! Matrix products by vectors of 16 numbers (AVX-512).
//!
//! Columns of the right operand are packed into panels, unless few rows are to be multiplied by
//! them. The left operand is read in place if it is row-major and neither squared nor rounded. What
//! surrounds a product takes no pass over memory of its own: squares, biases, sums of columns,
//! non-linearities. Each number of a result is summed up in the same order wherever it stands.

mod blocks;
mod lines;
mod micro_kernel;
mod pack;
mod pairs;
mod sizes;
mod unrolled;

use super::{
    engine::{Engine, Task, nearest},
    matrix::Matrix,
};
use crate::precision::Precision;
use blocks::{copies, multiply, packs};
use sizes::{LANES, ROWS};
use std::arch::is_x86_feature_detected;

/// Vectors of 16 numbers.
#[derive(Debug)]
pub(super) struct Vectors;

impl Engine for Vectors {
    fn is_available(&self) -> bool {
        is_x86_feature_detected!("avx512f")
    }

    /// The `gemm` crate has its own ways with results of a few rows or columns.
    fn pays(&self, [rows, inner, columns]: [usize; 3], _: Precision) -> bool {
        rows.min(inner) >= 4 && columns >= LANES
    }

    fn shortest_part(&self, _: usize, _: usize) -> usize {
        2 * LANES
    }

    fn prefers_rows(
        &self,
        left: &Matrix,
        right: &Matrix,
        rows: usize,
        precision: Precision,
    ) -> bool {
        copies(left, precision) && !packs(right, rows, precision)
    }

    fn boundary(&self, exact: usize, axis: usize, up: bool) -> usize {
        nearest(exact, if axis == 0 { ROWS } else { LANES }, up)
    }

    fn multiply(&self, task: Task) {
        assert!(self.is_available());
        // SAFETY: the processor has what this needs, as asserted.
        #[allow(unsafe_code)]
        unsafe {
            multiply(task, false);
        }
    }
}

/// Vectors of 16 pairs of `bf16`, where numbers are rounded to it.
#[derive(Debug)]
pub(super) struct Pairs;

impl Engine for Pairs {
    fn is_available(&self) -> bool {
        Vectors.is_available() && pairs::available()
    }

    fn pays(&self, lengths: [usize; 3], precision: Precision) -> bool {
        precision == Precision::Bf16 && Vectors.pays(lengths, precision) && pairs::pay()
    }

    fn shortest_part(&self, length: usize, other: usize) -> usize {
        Vectors.shortest_part(length, other)
    }

    fn boundary(&self, exact: usize, axis: usize, up: bool) -> usize {
        Vectors.boundary(exact, axis, up)
    }

    fn multiply(&self, task: Task) {
        assert!(self.is_available());
        let paired = task.precision == Precision::Bf16;
        // SAFETY: the processor has what this and pairs need, as asserted.
        #[allow(unsafe_code)]
        unsafe {
            multiply(task, paired);
        }
    }
}
