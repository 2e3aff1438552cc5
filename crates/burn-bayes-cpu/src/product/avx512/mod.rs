//! Matrix products by vectors of 16 numbers (AVX-512).
//!
//! Columns of the right operand are packed into panels, unless they are multiplied by few rows
//! only. The left operand is read in place if it is row-major and neither squared nor rounded.
//! Squares, biases, sums of columns and epilogues are computed within the product, without further
//! passes over memory. The order in which a number of the result is summed does not depend on its
//! position.

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

/// The engine of vectors of 16 numbers.
#[derive(Debug)]
pub(super) struct Vectors;

impl Engine for Vectors {
    fn is_available(&self) -> bool {
        is_x86_feature_detected!("avx512f")
    }

    /// Results of a few rows or columns are left to the `gemm` crate, which has special code for
    /// them.
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
        // SAFETY: the processor has AVX-512, as asserted.
        #[allow(unsafe_code)]
        unsafe {
            multiply(task, false);
        }
    }
}

/// The engine of vectors of 16 pairs of `bf16`, for products with rounded factors.
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
        // SAFETY: the processor has AVX-512 and the instruction for pairs, as asserted.
        #[allow(unsafe_code)]
        unsafe {
            multiply(task, paired);
        }
    }
}
